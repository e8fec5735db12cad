/// A two-dimensional convolution: every output channel is a weighted sum over a window of the input channels.
///
///     Conv2D(64, kernel: 3, padding: 1)                             // 64×H×W from C×H×W
///     Conv2D(96, kernel: 11, stride: 4)                             // AlexNet's first: 96×55×55 from 3×227×227
///     Conv2D(128, kernel: 3, padding: .same, groups: 32, bias: false)
///
/// - Input: a feature map C×H×W, C divisible by `groups`.
/// - Output: `filters` × H′ × W′, H′ = ⌊(H + top + bottom − dilation·(kernel − 1) − 1) / stride⌋ + 1, W′ alike.
/// - Parameters: `weight` (filters, C / groups, kernel height, kernel width); `bias` (filters) unless `bias: false`.
/// - Errors when the network is built: a size below 1, channels or filters not divisible by `groups`, a kernel larger
///   than its padded input.
///
/// As in all frameworks this is cross-correlation: the kernel is not mirrored. Source: LeCun et al., "Gradient-Based
/// Learning Applied to Document Recognition", 1998, section II; groups: Krizhevsky et al., 2012, section 3.5.
public struct Conv2D: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "conv2d"

    /// The number of output channels.
    public var filters: Int
    /// Height and width of the window.
    public var kernel: Size
    /// How far the window moves from one output to the next, in input pixels.
    public var stride: Size
    /// Zeros around the input.
    public var padding: Padding
    /// The distance between neighbouring elements of the kernel, in input pixels; 1 is the ordinary convolution.
    public var dilation: Size
    /// Input and output channels fall into this many groups; each output sees only the inputs of its own group.
    public var groups: Int
    /// Whether a number is added to each output channel; of no use before a ``BatchNorm``.
    public var bias: Bool
    /// What the weight starts with.
    public var weightInitializer: Initializer
    /// What the bias starts with.
    public var biasInitializer: Initializer

    /// - Parameters:
    ///   - filters: the number of output channels.
    ///   - kernel: `3`, or `Size(1, 7)`; stride and dilation alike.
    ///   - padding: `.valid` (none), `.same`, a number for each side, or one for every side.
    public init(
        _ filters: Int, kernel: some SizeConvertible, stride: some SizeConvertible = 1, padding: Padding = .valid,
        dilation: some SizeConvertible = 1, groups: Int = 1, bias: Bool = true,
        weightInitializer: Initializer = .pyTorchDefault, biasInitializer: Initializer = .pyTorchDefault
    ) {
        self.filters = filters
        self.kernel = kernel.size
        self.stride = stride.size
        self.padding = padding
        self.dilation = dilation.size
        self.groups = groups
        self.bias = bias
        self.weightInitializer = weightInitializer
        self.biasInitializer = biasInitializer
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        guard filters > 0 else { throw .notPositive("filters", filters) }
        guard groups > 0 else { throw .notPositive("groups", groups) }
        let output = try Window.checkedOutput(
            of: input, channels: filters, kernel: kernel, stride: stride, dilation: dilation, padding: padding)
        for (what, channels) in [("input channels", input.channels), ("filters", filters)]
        where !channels.isMultiple(of: groups) {
            throw .channelsNotDivisible(what: what, channels: channels, groups: groups)
        }
        return output
    }

    public func parameters(for inputs: [Shape]) -> [Parameter] {
        let channels = inputs[0].channels / groups
        let area = kernel.height * kernel.width
        return Parameter.weightAndBias(
            weight: [filters, channels, kernel.height, kernel.width], weightInitializer,
            bias: bias ? biasInitializer : nil, fanIn: channels.saturatingProduct(area),
            fanOut: filters.saturatingProduct(area))
    }

    public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
        output.count * (inputs[0].channels / groups) * kernel.height * kernel.width
    }

    public func window(for inputs: [Shape]) -> Window? {
        Window(kernel: kernel, stride: stride, dilation: dilation, padding: padding, input: inputs[0].size)
    }
}

extension Conv2D: CustomStringConvertible {
    /// The Swift that makes this layer, with the options that differ from the defaults.
    public var description: String {
        "Conv2D(\(filters), kernel: \(kernel.code)"
            + (stride == Size(1) ? "" : ", stride: \(stride.code)")
            + (padding == .valid ? "" : ", padding: \(padding)")
            + (dilation == Size(1) ? "" : ", dilation: \(dilation.code)")
            + (groups == 1 ? "" : ", groups: \(groups)")
            + (bias ? "" : ", bias: false")
            + Initializer.code(weight: weightInitializer, bias: biasInitializer) + ")"
    }
}
