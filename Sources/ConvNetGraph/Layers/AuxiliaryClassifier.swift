/// A second classifier on the way, whose loss brings gradients to layers far from the output. It computes logits from the
/// feature map that reaches it, which it passes on as it is.
///
///     MaxPool2D(3, stride: 2, padding: 1)
///     AuxiliaryClassifier(weight: 0.3) {
///         AdaptiveAveragePool2D(4)
///         Conv2D(128, kernel: 1).named("conv")            // aux1.conv.weight
///         ReLU()
///         Flatten()
///         Dense(1000).named("fc")                         // aux1.fc.weight
///     }
///     .named("aux1")
///     Conv2D(512, kernel: 3, padding: 1)                  // reads what the pooling made
///
/// Training minimises the loss of the network's output plus `weight` times that of these logits, for the same targets.
/// Evaluation and prediction do not compute its layers at all. Their parameters are trained, saved and counted like any
/// other; files of weights may lack them.
///
/// A container for names, like ``Sequential``. It may stand wherever a layer may, in residuals and branches too, but not
/// last in the network.
///
/// - Input: any shape. Output: the input.
/// - Errors when the network is built: logits of another shape than the network's output; nothing behind it; a weight that
///   is not positive and finite.
///
/// Source: Szegedy et al., "Going Deeper with Convolutions", 2015, section 5.
public struct AuxiliaryClassifier: Layer {
    public typealias Body = Never

    let weight: Double
    let content: LayerList

    /// - Parameters:
    ///   - weight: what the loss is multiplied by, above 0; the paper's unless said otherwise.
    ///   - content: the layers that make logits, applied one after the other.
    public init(weight: Double = 0.3, @LayerBuilder _ content: () -> LayerList) {
        self.weight = weight
        self.content = content()
    }
}

/// Logits that training compares with the targets beside the network's own: what an ``AuxiliaryClassifier`` ends with. No
/// node reads them.
public struct AuxiliaryOutput: GraphOperation {
    public static let kind = "auxiliary_output"

    /// What the loss of these logits is multiplied by, above 0.
    public var weight: Double

    /// - Parameter weight: what the loss of these logits is multiplied by, above 0.
    public init(weight: Double) {
        self.weight = weight
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard Float(weight) > 0, Float(weight).isFinite else {
            throw .outOfRange("the weight", received: weight, allowed: "above 0 and finite")
        }
        return try inputs.single()
    }
}

extension AuxiliaryOutput: CustomStringConvertible {
    public var description: String { "AuxiliaryOutput(weight: \(weight))" }
}
