import ConvNetEngine
import Foundation

/// The optimizers and losses that a run can be told to use, each as it is where nothing else is said. What settings one has is
/// what it encodes itself to, and it is made by the library's registries.
enum StandardRules {
    /// An optimizer, and the learning rate that suits it.
    struct StandardOptimizer: Sendable {
        var rule: any Optimizer
        var learningRate: Double

        var kind: String { type(of: rule).kind }

        /// By the keys of `config.yaml`.
        func fields() throws -> [String: Any] { try StandardRules.fields(of: rule) }
    }

    static let optimizers = [
        StandardOptimizer(rule: SGD(momentum: 0.9, weightDecay: 0.0005), learningRate: 0.05),
        StandardOptimizer(rule: Adam(), learningRate: 0.001),
        StandardOptimizer(rule: AdamW(), learningRate: 0.001),
        StandardOptimizer(rule: RMSProp(), learningRate: 0.001),
        StandardOptimizer(rule: AdaGrad(), learningRate: 0.01),
    ]

    static let losses: [any Loss] = [SoftmaxCrossEntropy(), BinaryCrossEntropy(), MeanSquaredError()]

    /// - Throws: ``ConfigurationError`` for a name that means nothing.
    static func optimizer(_ kind: String) throws -> StandardOptimizer {
        guard let optimizer = optimizers.first(where: { $0.kind == kind }) else {
            throw ConfigurationError("unknown optimizer '\(kind)'; there are \(OptimizerRegistry.kinds.quotedList)")
        }
        return optimizer
    }

    /// - Throws: ``ConfigurationError`` for a name that means nothing.
    static func loss(_ kind: String) throws -> any Loss {
        guard let loss = losses.first(where: { type(of: $0).kind == kind }) else {
            throw ConfigurationError("unknown loss '\(kind)'; there are \(LossRegistry.kinds.quotedList)")
        }
        return loss
    }

    // MARK: Fields

    private static let words = (positive: "inf", negative: "-inf", nan: "nan")

    /// What is no number is refused by the rule that it is meant for, not on the way there.
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: words.positive, negativeInfinity: words.negative, nan: words.nan)
        return encoder
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: words.positive, negativeInfinity: words.negative, nan: words.nan)
        return decoder
    }

    /// What a rule encodes itself to, by keys in snake case.
    static func fields(of rule: some Encodable) throws -> [String: Any] {
        let encoder = encoder
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try JSONSerialization.jsonObject(with: encoder.encode(rule)) as? [String: Any] ?? [:]
    }

    static func makeOptimizer(_ kind: String, _ fields: [String: Any]) throws -> any Optimizer {
        struct Made: Decodable {
            var rule: any Optimizer
            init(from decoder: any Decoder) throws { rule = try OptimizerRegistry.decode(from: decoder) }
        }
        return try decode(Made.self, kind, fields).rule
    }

    static func makeLoss(_ kind: String, _ fields: [String: Any]) throws -> any Loss {
        struct Made: Decodable {
            var rule: any Loss
            init(from decoder: any Decoder) throws { rule = try LossRegistry.decode(from: decoder) }
        }
        return try decode(Made.self, kind, fields).rule
    }

    private static func decode<Made: Decodable>(
        _ type: Made.Type, _ kind: String, _ fields: [String: Any]
    ) throws -> Made {
        let decoder = decoder
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let object = fields.merging([SettingSection.kindKey: kind]) { $1 }
        return try decoder.decode(type, from: JSONSerialization.data(withJSONObject: object))
    }
}
