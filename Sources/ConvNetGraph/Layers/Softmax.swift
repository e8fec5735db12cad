/// e^x / Σ e^x over the channels: probabilities from logits. Of a feature map, at each position by itself.
///
/// A classifier does not end with it: ``SoftmaxCrossEntropy`` and ``Model/probabilities(_:)`` take logits and apply
/// softmax themselves. It is for weights within a network, such as attention.
///
/// - Input and output: a feature map C×H×W or a flat vector (C).
public struct Softmax: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "softmax"

    public init() {}

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape { try inputs.single() }
}

extension Softmax: CustomStringConvertible {
    public var description: String { "Softmax()" }
}
