import ConvNetCore

/// The fast engine for processors: compiles graphs to primitives of the oneDNN library.
public struct OneDNNEngine: Engine {
    public let name = "onednn"

    /// As many as were asked for where the library's ``runtime`` is OpenMP; else it takes what the machine grants.
    public let threads: Int
    public let version: String
    public let precision: Precision
    /// How the algorithms for convolutions are chosen.
    public let algorithms: AlgorithmChoice
    public let warnings: [String]

    /// The instructions that the library uses, e.g. `avx512_core_bf16`.
    ///
    /// It is what the processor has, or less where the environment variable `ONEDNN_MAX_CPU_ISA` says so.
    public let instructionSet: String

    /// What the library divides its work with: `OpenMP` (as Debian builds it), `SYCL` or `TBB` (as Intel does).
    public let runtime: String

    #if CONVNET_ONEDNN
    /// Computes every convolution that it can compute. For tests.
    var preferredAlgorithm: ConvolutionAlgorithm?
    #endif

    /// Whether plans fill what they have no business to remember with numbers that are none before they run. For tests.
    var poisonsMemory = false

    #if CONVNET_ONEDNN
    /// - Parameters:
    ///   - threads: as many as the machine grants unless said otherwise; see ``AvailableProcessors``.
    ///   - precision: ``Precision/bf16`` needs AVX-512, and is fast where the processor multiplies such numbers; there is a
    ///     warning where it does not.
    ///   - algorithms: how those for convolutions are chosen.
    /// - Throws: ``EngineError`` where this program was built without oneDNN, or for another version of it than the one
    ///   that is installed, or where the processor cannot do the precision.
    public init(
        threads: Int = AvailableProcessors.count, precision: Precision = .fp32, algorithms: AlgorithmChoice = .measured
    ) throws {
        try Library.checkVersion()
        self.algorithms = algorithms
        self.precision = precision
        let wanted = max(1, threads)
        self.threads = Library.threads(wanted: wanted)
        version = "oneDNN \(Library.version)"
        instructionSet = Library.instructionSet
        runtime = Library.runtime
        var warnings: [String] = []
        if Library.lacksAVX2 {
            warnings.append(
                "oneDNN has no AVX2 instructions here, only \(instructionSet): expect it to be several times slower")
        }
        if precision == .bf16 {
            guard Library.usesAVX512 else {
                throw EngineError.unsupportedPrecision(
                    precision, engine: "onednn", reason: "the processor has \(instructionSet), it takes AVX-512")
            }
            if !instructionSet.contains("bf16"), !instructionSet.contains("amx") {
                warnings.append(
                    "this processor (\(instructionSet)) does not multiply bf16 numbers, which is emulated: expect it to be "
                        + "slower than fp32")
            }
        }
        if self.threads != wanted {
            warnings.append(
                "\(version) runs on \(runtime) here, which cannot be told how many threads to use: "
                    + "\(wanted) asked for, it takes \(self.threads) (taskset limits them)")
        }
        self.warnings = warnings
    }

    public func makeSession(for graph: Graph) throws -> any EngineSession {
        try graph.checkOperations(for: self) { $0 is any OneDNNOperation }
        return try OneDNNSession(graph: graph, engine: self)
    }
    #else
    /// - Throws: ``EngineError``: this program was built without oneDNN.
    public init(
        threads: Int = AvailableProcessors.count, precision: Precision = .fp32, algorithms: AlgorithmChoice = .measured
    ) throws {
        throw EngineError.notBuiltIn(engine: "onednn")
    }

    public func makeSession(for graph: Graph) throws -> any EngineSession {
        throw EngineError.notBuiltIn(engine: "onednn")
    }
    #endif
}
