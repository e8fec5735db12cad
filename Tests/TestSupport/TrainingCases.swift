import ConvNetEngine
import Foundation

/// The rows of `Fixtures/training.json`.
public struct TrainingCases: Decodable, Sendable {
    public var losses: [LossCase]
    public var optimizers: [OptimizerCase]
    public var clipping: [ClippingCase]

    public static var all: TrainingCases {
        get throws { try JSONDecoder().decode(TrainingCases.self, from: Fixtures.json("training")) }
    }
}

/// A loss, and the sizes of the logits that it was recorded for.
public struct LossCase: Decodable, Sendable, CustomStringConvertible {
    public var name: String
    public var loss: any Loss
    public var samples: Int
    public var classes: Int
    /// Whether the targets are probabilities.
    public var isSoft: Bool

    public var description: String { name }

    private enum CodingKeys: String, CodingKey {
        case name, loss, samples, classes
        case isSoft = "soft"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        loss = try LossRegistry.decode(from: container.superDecoder(forKey: .loss))
        samples = try container.decode(Int.self, forKey: .samples)
        classes = try container.decode(Int.self, forKey: .classes)
        isSoft = try container.decode(Bool.self, forKey: .isSoft)
    }
}

/// An optimizer, for a hundred steps at one learning rate.
public struct OptimizerCase: Decodable, Sendable, CustomStringConvertible {
    public var name: String
    public var optimizer: any Optimizer
    public var learningRate: Float

    /// The steps whose weights were recorded, in order; 0 stands for those before the first.
    public static let recordedSteps = Array(0...10) + stride(from: 20, through: 100, by: 10)

    public var description: String { name }

    private enum CodingKeys: String, CodingKey { case name, optimizer, learningRate }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        optimizer = try OptimizerRegistry.decode(from: container.superDecoder(forKey: .optimizer))
        learningRate = try container.decode(Float.self, forKey: .learningRate)
    }
}

/// A way of clipping, and the sizes of the gradients that were clipped together.
public struct ClippingCase: Decodable, Sendable, CustomStringConvertible {
    public var name: String
    public var clipping: GradientClipping
    public var counts: [Int]

    public var description: String { name }
}
