import OneDNNEngine

/// The engines that have a name on the command line.
public enum Engines {
    /// The names of those that this program was built with, the default one first.
    public static var names: [String] {
        #if CONVNET_ONEDNN
        ["onednn", "reference"]
        #else
        ["reference"]
        #endif
    }

    /// The fastest engine that this program was built with and that this machine has the library for. Where that is missing,
    /// the engine has a warning.
    ///
    /// - Parameters:
    ///   - threads: as many as the machine grants unless said otherwise.
    ///   - precision: the numbers to compute with.
    ///   - algorithms: how those for convolutions are chosen.
    /// - Throws: ``EngineError`` where its library is of the wrong version, or the precision cannot be had without it.
    public static func makeDefault(
        threads: Int? = nil, precision: Precision = .fp32, algorithms: AlgorithmChoice = .measured
    ) throws -> any Engine {
        guard let missing = OneDNNEngine.missingLibrary else {
            return try make(named: names[0], threads: threads, precision: precision, algorithms: algorithms)
        }
        guard precision == .fp32 else { throw missing }
        return ReferenceEngine(warnings: ["\(missing), which computes now, many times slower"])
    }

    /// The engine of that name.
    ///
    /// - Throws: ``UnknownEngine``; ``EngineError`` where this program was built without it, its library is missing, or the
    ///   precision cannot be had.
    public static func make(
        named name: String, threads: Int? = nil, precision: Precision = .fp32, algorithms: AlgorithmChoice = .measured
    ) throws -> any Engine {
        switch name {
        case "reference":
            guard precision == .fp32 else {
                throw EngineError.unsupportedPrecision(precision, engine: name, reason: "it is written for float32")
            }
            return ReferenceEngine()
        case "onednn":
            return try OneDNNEngine(
                threads: threads ?? AvailableProcessors.count, precision: precision, algorithms: algorithms)
        default: throw UnknownEngine(name: name)
        }
    }

    /// The engine as it rounds the least; one that has no name here is taken as it is.
    static func mostExact(_ engine: any Engine) throws -> any Engine {
        guard names.contains(engine.name) else { return engine }
        return try make(named: engine.name, threads: engine.threads, precision: .fp32, algorithms: .exact)
    }
}

/// A name that no engine has.
public struct UnknownEngine: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name that was asked for.
    public let name: String

    public var description: String {
        "Unknown engine '\(name)'. There are \(Engines.names.map { "'\($0)'" }.joined(separator: " and "))."
    }
}

extension Model {
    /// A model with initial weights, or with those that are given, in the fastest engine that there is.
    ///
    /// - Parameters:
    ///   - classes: `0`, `1`, … where none are given.
    ///   - outputs: one class an image, unless said otherwise.
    ///   - weights: all parameters by name, in PyTorch's layout; drawn where nil.
    ///   - seed: what weights are drawn from.
    /// - Throws: ``ModelError``, ``WeightMismatch``, ``EngineError``.
    public init(
        _ network: Network, classes: [String] = [], preprocessing: Preprocessing = .identity,
        outputs: ClassOutputs = .exclusive, weights: [String: [Float]]? = nil, seed: UInt64 = 0
    ) throws {
        try self.init(
            network, classes: classes, preprocessing: preprocessing, outputs: outputs, weights: weights,
            engine: Engines.makeDefault(), seed: seed)
    }
}
