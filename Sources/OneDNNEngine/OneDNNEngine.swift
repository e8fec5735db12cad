import ConvNetCore

/// The fast engine for processors: compiles graphs to primitives of the oneDNN library.
public struct OneDNNEngine: Engine {
    public let name = "onednn"
    public let threads: Int

    /// - Parameter threads: as many as the machine grants unless said otherwise; see ``AvailableProcessors``.
    /// - Throws: ``EngineError`` where this program was built without oneDNN, or for another version of it than the one
    ///   that is installed.
    public init(threads: Int = AvailableProcessors.count) throws {
        self.threads = max(1, threads)
        #if CONVNET_ONEDNN
        try Library.checkVersion()
        version = "oneDNN \(Library.version)"
        #else
        throw EngineError.notBuiltIn(engine: "onednn")
        #endif
    }

    #if CONVNET_ONEDNN
    public let version: String

    public func makeSession(for graph: Graph) throws -> any EngineSession {
        try OneDNNSession(graph: graph, threads: threads)
    }
    #else
    public var version: String { "none" }

    public func makeSession(for graph: Graph) throws -> any EngineSession {
        throw EngineError.notBuiltIn(engine: "onednn")
    }
    #endif
}
