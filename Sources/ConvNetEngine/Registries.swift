import ConvNetGraph
import Foundation

/// The optimizers that are known by their kind.
public enum OptimizerRegistry {
    /// The types, the usual one first.
    public static let all: [any Optimizer.Type] = [SGD.self, Adam.self, AdamW.self, RMSProp.self, AdaGrad.self]

    /// Their kinds, in the same order.
    public static var kinds: [String] { all.map { $0.kind } }

    /// An optimizer from its `kind` and its settings, side by side: `{"kind": "adagrad", "epsilon": 1e-10, …}`.
    ///
    /// - Throws: `DecodingError`.
    package static func decode(from decoder: any Decoder) throws -> any Optimizer {
        let kind = try decoder.kind()
        guard let type = all.first(where: { $0.kind == kind }) else {
            throw decoder.unknown("optimizer", kind, known: kinds)
        }
        return try type.init(from: decoder)
    }
}

/// The losses that are known by their kind.
public enum LossRegistry {
    /// The types, the usual one first.
    public static let all: [any Loss.Type] = [SoftmaxCrossEntropy.self, BinaryCrossEntropy.self, MeanSquaredError.self]

    /// Their kinds, in the same order.
    public static var kinds: [String] { all.map { $0.kind } }

    /// A loss from its `kind` and its settings, side by side.
    ///
    /// - Throws: `DecodingError`.
    package static func decode(from decoder: any Decoder) throws -> any Loss {
        let kind = try decoder.kind()
        guard let type = all.first(where: { $0.kind == kind }) else {
            throw decoder.unknown("loss", kind, known: kinds)
        }
        return try type.init(from: decoder)
    }
}

private enum KindKey: String, CodingKey { case kind }

extension Decoder {
    fileprivate func kind() throws -> String {
        try container(keyedBy: KindKey.self).decode(String.self, forKey: .kind)
    }

    fileprivate func unknown(_ what: String, _ kind: String, known: [String]) -> DecodingError {
        let suggestion = nearestName(to: kind, in: known).map { "; did you mean '\($0)'?" } ?? ""
        return .dataCorrupted(
            DecodingError.Context(
                codingPath: codingPath + [KindKey.kind], debugDescription: "unknown \(what) '\(kind)'\(suggestion)"))
    }
}
