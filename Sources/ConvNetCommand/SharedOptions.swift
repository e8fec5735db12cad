import ArgumentParser
import ConvNetRuns

/// Which engine does the arithmetic.
struct EngineOptions: ParsableArguments {
    @Option(help: .of(\.engine), completion: .list(Engines.names)) var engine: String?
    @Option(help: .of(\.threads)) var threads: Int?
    @Option(help: .of(\.precision)) var precision: Precision?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads must be 1 to 1024, received \(threads)")
        }
    }

    /// The threads to use, for other work, too.
    var grantedThreads: Int { AvailableProcessors.granted(of: threads) }

    /// Makes the engine, and tells what it thinks a user should know.
    func makeEngine(_ algorithms: AlgorithmChoice?) throws -> any Engine {
        Terminal.writeShortage(of: threads)
        let (precision, algorithms) = (precision ?? .fp32, algorithms ?? .measured)
        let engine =
            try engine.map {
                try Engines.make(named: $0, threads: grantedThreads, precision: precision, algorithms: algorithms)
            } ?? Engines.makeDefault(threads: grantedThreads, precision: precision, algorithms: algorithms)
        Terminal.writeWarnings(of: engine)
        return engine
    }
}

/// How the engine computes convolutions.
struct AlgorithmOptions: ParsableArguments {
    @Flag(help: "Choose algorithms for convolutions by their shapes, without timing them.")
    var noAutotune = false

    @Flag(help: "Compute every convolution as the direct sum of products, the most exact algorithm.")
    var exactArithmetic = false

    /// nil where nothing is said.
    var choice: AlgorithmChoice? { exactArithmetic ? .exact : noAutotune ? .estimated : nil }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON document, also where something fails.")
    var json = false
}

extension DatasetPart: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
