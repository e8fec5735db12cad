/// The largest value of each window of neighbouring channels, pixel by pixel; also called depthwise pooling.
///
///     Conv2D(128, kernel: 3, padding: 1)
///     ChannelMaxPool(2)                       // 64 channels: maxout units of two pieces each
///     ChannelMaxPool(3, stride: 1)            // 62 channels
///
/// - Input: a feature map C×H×W.
/// - Output: C′×H×W, C′ = ⌊(C − kernel) / stride⌋ + 1. There is no padding; channels that no window reaches are left out.
/// - Errors when the network is built: a size below 1, a window of more channels than there are.
///
/// Source: Goodfellow et al., "Maxout Networks", 2013, section 2.
public struct ChannelMaxPool: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "channel_max_pool"

    /// How many channels a window has.
    public var kernel: Int
    /// How far the window moves from one output channel to the next, in input channels.
    public var stride: Int

    /// - Parameters:
    ///   - kernel: how many channels a window has.
    ///   - stride: the window's own size where it is not given: windows then do not overlap.
    public init(_ kernel: Int, stride: Int? = nil) {
        self.kernel = kernel
        self.stride = stride ?? kernel
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.singleFeatureMap()
        guard kernel > 0 else { throw .notPositive("kernel", kernel) }
        guard stride > 0 else { throw .notPositive("stride", stride) }
        guard kernel <= input.channels else {
            throw .channelWindowDoesNotFit(kernel: kernel, channels: input.channels)
        }
        return [(input.channels - kernel) / stride + 1, input.height, input.width]
    }
}

extension ChannelMaxPool: CustomStringConvertible {
    public var description: String {
        "ChannelMaxPool(\(kernel)" + (stride == kernel ? "" : ", stride: \(stride)") + ")"
    }
}
