/// The largest value of each window, channel by channel.
///
///     MaxPool2D(2)                            // halves height and width
///     MaxPool2D(3, stride: 2)                 // AlexNet's overlapping pooling
///
/// - Input: a feature map C×H×W.
/// - Output: C × H′ × W′ with the window arithmetic of ``Conv2D``, rounded down. Padding counts as −∞.
/// - Errors when the network is built: a size below 1, a window larger than its padded input, padding not smaller than
///   the window.
public struct MaxPool2D: Layer, PoolingOperation {
    public typealias Body = Never
    public static let kind = "max_pool2d"

    public var kernel: Size
    public var stride: Size
    public var padding: Padding

    /// - Parameter stride: the window's own size where it is not given: windows then do not overlap.
    public init(_ kernel: some SizeConvertible, stride: (any SizeConvertible)? = nil, padding: Padding = .valid) {
        self.kernel = kernel.size
        self.stride = stride?.size ?? kernel.size
        self.padding = padding
    }
}

/// The mean of each window, channel by channel.
///
///     AveragePool2D(2)                        // LeNet-5's subsampling
///
/// - Input: a feature map C×H×W.
/// - Output: C × H′ × W′ with the window arithmetic of ``Conv2D``, rounded down.
/// - Errors when the network is built: as for ``MaxPool2D``.
public struct AveragePool2D: Layer, PoolingOperation {
    public typealias Body = Never
    public static let kind = "average_pool2d"

    public var kernel: Size
    public var stride: Size
    public var padding: Padding
    /// Whether padding counts as zeros in the mean, as PyTorch has it unless told otherwise; if not, the mean is over
    /// the pixels inside the input.
    public var countsPadding: Bool

    /// - Parameter stride: the window's own size where it is not given.
    public init(
        _ kernel: some SizeConvertible, stride: (any SizeConvertible)? = nil, padding: Padding = .valid,
        countsPadding: Bool = true
    ) {
        self.kernel = kernel.size
        self.stride = stride?.size ?? kernel.size
        self.padding = padding
        self.countsPadding = countsPadding
    }
}

/// What the poolings share: a window, and channels that stay apart.
package protocol PoolingOperation: Operation, CustomStringConvertible {
    var kernel: Size { get }
    var stride: Size { get }
    var padding: Padding { get }
}

extension PoolingOperation {
    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        let output = try Window.checkedOutput(
            of: input, channels: input.isFeatureMap ? input.channels : 0, kernel: kernel, stride: stride,
            dilation: Size(1), padding: padding)
        let edges = poolingWindow(for: input).edges
        guard max(edges.top, edges.bottom) < kernel.height, max(edges.left, edges.right) < kernel.width else {
            throw .paddingExceedsKernel(kernel: kernel, padding: edges)
        }
        return output
    }

    public func window(for inputs: [Shape]) -> Window? { poolingWindow(for: inputs[0]) }

    package func poolingWindow(for input: Shape) -> Window {
        Window(kernel: kernel, stride: stride, padding: padding, input: input.size)
    }

    fileprivate var code: String {
        kernel.code + (stride == kernel ? "" : ", stride: \(stride.code)")
            + (padding == .valid ? "" : ", padding: \(padding)")
    }
}

extension MaxPool2D {
    public var description: String { "MaxPool2D(\(code))" }
}

extension AveragePool2D {
    public var description: String { "AveragePool2D(\(code)\(countsPadding ? "" : ", countsPadding: false"))" }
}
