/// A convolution that does not share its weights: every place of the window has its own.
///
///     LocallyConnected2D(16, kernel: 3)               // 16×30×30 from C×32×32
///     LocallyConnected2D(16, kernel: 7, stride: 2)
///
/// What it costs beyond ``Conv2D`` is weights, H′·W′ times as many, not multiply-adds: it is for images whose parts are
/// always in the same place, such as aligned faces.
///
/// - Input: a feature map C×H×W.
/// - Output: `filters` × H′ × W′ with the window arithmetic of ``Conv2D``.
/// - Parameters: `weight` (H′, W′, filters, C, kernel height, kernel width), a convolution's weight for each output pixel;
///   `bias` (filters, H′, W′), which lies like the output, unless `bias: false`.
/// - Errors when the network is built: as for ``Conv2D``.
///
/// Source: LeCun, "Generalization and Network Design Strategies", 1989, where it is the third network; Taigman et al.,
/// "DeepFace: Closing the Gap to Human-Level Performance in Face Verification", 2014, section 3.
public struct LocallyConnected2D: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "locally_connected2d"

    /// The number of output channels.
    public var filters: Int
    /// Height and width of the window.
    public var kernel: Size
    /// How far the window moves from one output to the next, in input pixels.
    public var stride: Size
    /// Zeros around the input.
    public var padding: Padding
    /// Whether a number of its own is added to each output.
    public var bias: Bool
    /// What the weight starts with.
    public var weightInitializer: Initializer
    /// What the bias starts with.
    public var biasInitializer: Initializer

    /// - Parameters:
    ///   - filters: the number of output channels.
    ///   - kernel: `3`, or `Size(1, 7)`; stride alike.
    ///   - padding: `.valid` (none), `.same`, a number for each side, or one for every side.
    public init(
        _ filters: Int, kernel: some SizeConvertible, stride: some SizeConvertible = 1, padding: Padding = .valid,
        bias: Bool = true, weightInitializer: Initializer = .pyTorchDefault,
        biasInitializer: Initializer = .pyTorchDefault
    ) {
        self.filters = filters
        self.kernel = kernel.size
        self.stride = stride.size
        self.padding = padding
        self.bias = bias
        self.weightInitializer = weightInitializer
        self.biasInitializer = biasInitializer
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        guard filters > 0 else { throw .notPositive("filters", filters) }
        return try Window.checkedOutput(
            of: input, channels: filters, kernel: kernel, stride: stride, dilation: Size(1), padding: padding)
    }

    public func parameters(for inputs: [Shape]) -> [Parameter] {
        let (channels, area) = (inputs[0].channels, kernel.height * kernel.width)
        let output = window(of: inputs[0].size).outputSize(for: inputs[0].size)
        return Parameter.weightAndBias(
            weight: [output.height, output.width, filters, channels, kernel.height, kernel.width], weightInitializer,
            bias: bias ? biasInitializer : nil, biasShape: [filters, output.height, output.width],
            fanIn: channels.saturatingProduct(area), fanOut: filters.saturatingProduct(area))
    }

    public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
        output.count * inputs[0].channels * kernel.height * kernel.width
    }

    public func window(for inputs: [Shape]) -> Window? { window(of: inputs[0].size) }

    package func window(of input: Size) -> Window {
        Window(kernel: kernel, stride: stride, padding: padding, input: input)
    }
}

extension LocallyConnected2D: CustomStringConvertible {
    public var description: String {
        "LocallyConnected2D(\(filters), kernel: \(kernel.code)"
            + (stride == Size(1) ? "" : ", stride: \(stride.code)")
            + (padding == .valid ? "" : ", padding: \(padding)")
            + (bias ? "" : ", bias: false")
            + Initializer.code(weight: weightInitializer, bias: biasInitializer) + ")"
    }
}
