/// weight · x + bias, with a weight and a bias for each channel: a ``BatchNorm`` whose statistics have been worked in.
///
/// - Input and output: a feature map C×H×W, or a flat vector (C).
/// - Parameters: `weight` (C), 1 at first, and `bias` (C), 0 at first.
public struct ChannelAffine: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "channel_affine"

    public init() {}

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape { try inputs.single() }

    public func parameters(for inputs: [Shape]) -> [Parameter] {
        let channels = inputs[0].channels
        return [("weight", 1), ("bias", 0)].map { name, value in
            Parameter(name: name, shape: [channels], initializer: .constant(value), fanIn: channels, fanOut: channels)
        }
    }
}

extension ChannelAffine: CustomStringConvertible {
    public var description: String { "ChannelAffine()" }
}
