import ConvNetCore
import Foundation

/// The rows of `Fixtures/training.json`.
public struct TrainingCases: Decodable, Sendable {
    public var losses: [LossCase]
    public var optimizers: [OptimizerCase]

    public static var all: TrainingCases {
        get throws { try JSONDecoder().decode(TrainingCases.self, from: Fixtures.json("training")) }
    }
}

/// A loss, and the sizes of the logits that it was recorded for.
public struct LossCase: Decodable, Sendable, CustomStringConvertible {
    public var name: String
    public var loss: SoftmaxCrossEntropy
    public var samples: Int
    public var classes: Int

    public var description: String { name }
}

/// An optimizer, for ten steps at one learning rate.
public struct OptimizerCase: Decodable, Sendable, CustomStringConvertible {
    public var name: String
    public var optimizer: SGD
    public var learningRate: Float

    public var description: String { name }
}
