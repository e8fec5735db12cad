/// The largest value of each window, channel by channel.
///
///     MaxPool2D(2)                            // halves height and width
///     MaxPool2D(3, stride: 2)                 // AlexNet's overlapping pooling
///
/// - Input: a feature map C×H×W.
/// - Output: C × H′ × W′ with the window arithmetic of ``Conv2D``, rounded down, or up in ceil mode. Padding counts as −∞.
/// - Errors when the network is built: a size below 1, a window larger than its padded input, padding not smaller than
///   the window.
public struct MaxPool2D: Layer, WindowPooling, MaxPooling {
    public typealias Body = Never
    public static let kind = "max_pool2d"

    /// Height and width of the window.
    public var kernel: Size
    /// How far the window moves from one output to the next, in input pixels.
    public var stride: Size
    /// A border that never holds the largest value.
    public var padding: Padding
    /// Whether a window that starts inside the input, or its padding before it, and ends beyond counts too.
    public var ceilMode: Bool

    /// - Parameter stride: the window's own size where it is not given: windows then do not overlap.
    public init(
        _ kernel: some SizeConvertible, stride: (any SizeConvertible)? = nil, padding: Padding = .valid,
        ceilMode: Bool = false
    ) {
        self.kernel = kernel.size
        self.stride = stride?.size ?? kernel.size
        self.padding = padding
        self.ceilMode = ceilMode
    }

    /// Files from before there was a ceil mode do not mention it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kernel = try container.decode(Size.self, forKey: .kernel)
        stride = try container.decode(Size.self, forKey: .stride)
        padding = try container.decode(Padding.self, forKey: .padding)
        ceilMode = try container.decodeIfPresent(Bool.self, forKey: .ceilMode) ?? false
    }
}

/// The mean of each window, channel by channel.
///
///     AveragePool2D(2)                        // LeNet-5's subsampling
///
/// - Input: a feature map C×H×W.
/// - Output: C × H′ × W′ with the window arithmetic of ``Conv2D``, rounded down, or up in ceil mode.
/// - Errors when the network is built: as for ``MaxPool2D``.
public struct AveragePool2D: Layer, WindowPooling, AveragePooling {
    public typealias Body = Never
    public static let kind = "average_pool2d"

    /// Height and width of the window.
    public var kernel: Size
    /// How far the window moves from one output to the next, in input pixels.
    public var stride: Size
    /// A border of zeros.
    public var padding: Padding
    /// Whether padding counts as zeros in the mean, as PyTorch has it unless told otherwise; if not, the mean is over
    /// the pixels inside the input. What ceil mode adds beyond the padding never counts.
    public var countsPadding: Bool
    /// As for ``MaxPool2D``.
    public var ceilMode: Bool

    /// - Parameter stride: the window's own size where it is not given.
    public init(
        _ kernel: some SizeConvertible, stride: (any SizeConvertible)? = nil, padding: Padding = .valid,
        countsPadding: Bool = true, ceilMode: Bool = false
    ) {
        self.kernel = kernel.size
        self.stride = stride?.size ?? kernel.size
        self.padding = padding
        self.countsPadding = countsPadding
        self.ceilMode = ceilMode
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kernel = try container.decode(Size.self, forKey: .kernel)
        stride = try container.decode(Size.self, forKey: .stride)
        padding = try container.decode(Padding.self, forKey: .padding)
        countsPadding = try container.decode(Bool.self, forKey: .countsPadding)
        ceilMode = try container.decodeIfPresent(Bool.self, forKey: .ceilMode) ?? false
    }

    package func averagingWindows(for input: Size) -> AveragingWindows {
        let padded = paddingEdges(for: input)
        func spans(_ axis: KeyPath<Size, Int>, before: Int, after: Int) -> AveragingSpans {
            .sliding(
                kernel: kernel[keyPath: axis], stride: stride[keyPath: axis], before: before,
                after: after, input: input[keyPath: axis], countsPadding: countsPadding)
        }
        return AveragingWindows(
            rows: spans(\.height, before: padded.top, after: padded.bottom),
            columns: spans(\.width, before: padded.left, after: padded.right))
    }
}

/// What the two poolings with a window share.
package protocol WindowPooling: GraphOperation, CustomStringConvertible {
    var kernel: Size { get }
    var stride: Size { get }
    var padding: Padding { get }
    var ceilMode: Bool { get }
}

extension WindowPooling {
    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        let output = try Window.checkedOutput(
            of: input, channels: input.isFeatureMap ? input.channels : 0, kernel: kernel, stride: stride,
            dilation: Size(1), padding: padding, ceilMode: ceilMode)
        let edges = paddingEdges(for: input.size)
        guard max(edges.top, edges.bottom) < kernel.height, max(edges.left, edges.right) < kernel.width else {
            throw .paddingExceedsKernel(kernel: kernel, padding: edges)
        }
        return output
    }

    public func window(for inputs: [Shape]) -> Window? { poolingWindow(for: inputs[0].size) }

    package func poolingWindow(for input: Size) -> Window {
        Window(kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode, input: input)
    }

    /// The padding alone, without what ceil mode adds to it.
    package func paddingEdges(for input: Size) -> Edges {
        Window(kernel: kernel, stride: stride, padding: padding, input: input).edges
    }

    fileprivate var code: String {
        kernel.code + (stride == kernel ? "" : ", stride: \(stride.code)")
            + (padding == .valid ? "" : ", padding: \(padding)")
    }

    fileprivate var ceilModeCode: String { ceilMode ? ", ceilMode: true" : "" }
}

extension MaxPool2D {
    public var description: String { "MaxPool2D(\(code)\(ceilModeCode))" }
}

extension AveragePool2D {
    public var description: String {
        "AveragePool2D(\(code)\(countsPadding ? "" : ", countsPadding: false")\(ceilModeCode))"
    }
}

/// The largest value of each window, wherever the windows are.
package protocol MaxPooling: GraphOperation {
    func poolingWindow(for input: Size) -> Window
}

/// The mean of some rectangle of the input for each output pixel.
package protocol AveragePooling: GraphOperation {
    func averagingWindows(for input: Size) -> AveragingWindows
}

/// Which rows and which columns each pixel of an average pooling is the mean of, by its own row and column.
package struct AveragingWindows: Hashable, Sendable {
    package var rows, columns: AveragingSpans
}

/// Along one axis, which input pixels each output pixel is the mean of, and how many it divides by.
package enum AveragingSpans: Hashable, Sendable {
    case sliding(kernel: Int, stride: Int, before: Int, after: Int, input: Int, countsPadding: Bool)
    case adaptive(input: Int, output: Int)

    package func range(at place: Int) -> Range<Int> {
        switch self {
        case .sliding(let kernel, let stride, let before, _, let input, _):
            let start = place * stride - before
            return max(start, 0)..<min(start + kernel, input)
        case .adaptive(let input, let output):
            return place * input / output..<((place + 1) * input + output - 1) / output
        }
    }

    package func divisor(at place: Int) -> Int {
        guard case .sliding(let kernel, let stride, let before, let after, let input, true) = self else {
            return range(at: place).count
        }
        let start = place * stride - before
        return min(start + kernel, input + after) - start
    }
}
