import ConvNetEngine
import ConvNetGraph

#if CONVNET_ONEDNN
import CKernels
#endif

/// The fast engine for processors: compiles graphs to primitives of the oneDNN library.
package struct OneDNNEngine: Engine {
    package let name = "onednn"

    /// As many as were asked for where the library's ``runtime`` is OpenMP; else it takes what the machine grants.
    package let threads: Int
    package let version: String
    package let precision: Precision
    /// How the algorithms for convolutions are chosen.
    package let algorithms: AlgorithmChoice
    package let warnings: [String]

    /// The instructions that the library uses, e.g. `avx512_core_bf16`.
    ///
    /// It is what the processor has, or less where the environment variable `ONEDNN_MAX_CPU_ISA` says so.
    package let instructionSet: String

    #if CONVNET_ONEDNN
    /// Those of the library, and of the engine's own kernels.
    package var instructions: String {
        instructionSet + (cker_available() ? " with kernels for AVX-512" : "")
    }
    #endif

    /// What the library divides its work with: `OpenMP` (as Debian builds it), `SYCL` or `TBB` (as Intel does).
    package let runtime: String

    #if CONVNET_ONEDNN
    /// Computes every convolution that it can compute. For tests.
    var preferredAlgorithm: ConvolutionAlgorithm?
    #endif

    /// Whether plans fill what they have no business to remember with numbers that are none before they run. For tests.
    var poisonsMemory = false

    #if CONVNET_ONEDNN
    /// - Parameters:
    ///   - threads: as many as the machine grants unless said otherwise; see ``AvailableProcessors``. More give the results
    ///     of a machine that grants as many, slowly; there is a warning.
    ///   - precision: ``Precision/bf16`` needs AVX-512, and is fast where the processor multiplies such numbers; there is a
    ///     warning where it does not.
    ///   - algorithms: how those for convolutions are chosen.
    /// - Throws: ``EngineError`` where this program was built without oneDNN, where the library is not installed or is of
    ///   another version than the program was built for, or where the processor cannot do the precision.
    package init(
        threads: Int = AvailableProcessors.count, precision: Precision = .fp32, algorithms: AlgorithmChoice = .measured
    ) throws {
        try Library.load()
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
        if self.threads > AvailableProcessors.count {
            warnings.append(
                "\(self.threads) threads on \(AvailableProcessors.explanation): expect them to be slower than fewer")
        }
        self.warnings = warnings
    }

    /// Why the engine cannot be had on this machine, ``EngineError/libraryNotFound(_:engine:reason:)``; nil where it can.
    package static var missingLibrary: EngineError? {
        do {
            try Library.load()
            return nil
        } catch {
            if case .libraryNotFound = error { return error }
            return nil
        }
    }

    package func makeSession(for graph: Graph) throws -> any EngineSession {
        try graph.checkOperations(for: self) { $0 is any OneDNNOperation }
        return try OneDNNSession(graph: graph, engine: self)
    }
    #else
    /// - Throws: ``EngineError``: this program was built without oneDNN.
    package init(
        threads: Int = AvailableProcessors.count, precision: Precision = .fp32, algorithms: AlgorithmChoice = .measured
    ) throws {
        throw EngineError.notBuiltIn(engine: "onednn")
    }

    /// nil: there is none to miss.
    package static var missingLibrary: EngineError? { nil }

    package func makeSession(for graph: Graph) throws -> any EngineSession {
        throw EngineError.notBuiltIn(engine: "onednn")
    }
    #endif
}
