/// The engines that have a name on the command line.
public enum Engines {
    /// The names, the default one first.
    public static var names: [String] {
        #if CONVNET_ONEDNN
        ["onednn", "reference"]
        #else
        ["reference"]
        #endif
    }

    /// The fastest engine that this program was built with.
    ///
    /// - Parameter threads: as many as the machine grants unless said otherwise.
    /// - Throws: ``EngineError`` where its library is of the wrong version.
    public static func makeDefault(threads: Int? = nil) throws -> any Engine {
        #if CONVNET_ONEDNN
        try OneDNNEngine(threads: threads ?? AvailableProcessors.count)
        #else
        ReferenceEngine()
        #endif
    }

    /// The engine of that name.
    ///
    /// - Throws: ``UnknownEngine``; ``EngineError`` where this program was built without it.
    public static func make(named name: String, threads: Int? = nil) throws -> any Engine {
        switch name {
        case "reference": ReferenceEngine()
        case "onednn": try OneDNNEngine(threads: threads ?? AvailableProcessors.count)
        default: throw UnknownEngine(name: name)
        }
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
    ///   - weights: all parameters by name, in PyTorch's layout; drawn where nil.
    ///   - seed: what weights are drawn from.
    /// - Throws: ``ModelError``, ``WeightMismatch``, ``EngineError``.
    public init(
        _ network: Network, classes: [String] = [], preprocessing: Preprocessing = .identity,
        weights: [String: [Float]]? = nil, seed: UInt64 = 0
    ) throws {
        try self.init(
            network, classes: classes, preprocessing: preprocessing, weights: weights,
            engine: Engines.makeDefault(), seed: seed)
    }
}
