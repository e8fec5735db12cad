/// What one entry of a plan's list takes.
public struct PlanCallProfile: Hashable, Sendable, Encodable {
    /// The layer it belongs to, and what it does there, e.g. `conv1: convolution forward`.
    public var purpose: String
    /// How it is computed, in the engine's words, e.g. `winograd`, `jit:avx512_core`.
    public var implementation: String
    /// In one run, on average.
    public var seconds: Double
    /// Additions and multiplications, as the layer's definition counts them; 0 where memory is all that matters.
    public var operations: Double
    /// All that it reads and writes, each array once.
    public var bytes: Int

    /// An entry with what it took.
    public init(purpose: String, implementation: String, seconds: Double, operations: Double, bytes: Int) {
        self.purpose = purpose
        self.implementation = implementation
        self.seconds = seconds
        self.operations = operations
        self.bytes = bytes
    }
}

extension Plan {
    /// None: this engine's plans are not lists of calls.
    public func profile(runs: Int, _ body: () throws -> Void) throws -> [PlanCallProfile] { [] }
}
