/// The memory that training a network takes at some batch size, as one counts it by hand: in float32, for every image of
/// the batch the output of every layer and the loss's gradient with respect to it; once the weights, their gradients and
/// the momentum of SGD.
///
/// A plan may need less, since layers like ``ReLU`` and ``Flatten`` need no array of their own, and more, for the
/// workspaces of its primitives. The images themselves and running statistics are not counted.
public struct TrainingMemory: Hashable, Sendable, Encodable {
    /// Images a step.
    public var batchSize: Int
    /// The outputs of all layers for the batch.
    public var activationBytes: Int
    /// The loss's gradients with respect to those.
    public var activationGradientBytes: Int
    /// The trained parameters.
    public var parameterBytes: Int
    /// The loss's gradients with respect to those.
    public var parameterGradientBytes: Int
    /// What SGD with momentum remembers of earlier gradients.
    public var momentumBytes: Int

    /// All of it.
    public var totalBytes: Int {
        [activationGradientBytes, parameterBytes, parameterGradientBytes, momentumBytes]
            .reduce(activationBytes) { $0.saturatingSum($1) }
    }

    private enum CodingKeys: String, CodingKey {
        case batchSize = "batch_size"
        case activationBytes = "activation_bytes"
        case activationGradientBytes = "activation_gradient_bytes"
        case parameterBytes = "parameter_bytes"
        case parameterGradientBytes = "parameter_gradient_bytes"
        case momentumBytes = "momentum_bytes"
        case totalBytes = "total_bytes"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(batchSize, forKey: .batchSize)
        try container.encode(activationBytes, forKey: .activationBytes)
        try container.encode(activationGradientBytes, forKey: .activationGradientBytes)
        try container.encode(parameterBytes, forKey: .parameterBytes)
        try container.encode(parameterGradientBytes, forKey: .parameterGradientBytes)
        try container.encode(momentumBytes, forKey: .momentumBytes)
        try container.encode(totalBytes, forKey: .totalBytes)
    }
}

extension NetworkSummary.Totals {
    /// What a training step with that many images keeps in memory.
    ///
    /// - Parameter batchSize: images a step, at least 1.
    public func trainingMemory(batchSize: Int) -> TrainingMemory {
        let activations = activationBytes.saturatingProduct(batchSize)
        return TrainingMemory(
            batchSize: batchSize, activationBytes: activations, activationGradientBytes: activations,
            parameterBytes: parameterBytes, parameterGradientBytes: parameterBytes, momentumBytes: parameterBytes)
    }
}
