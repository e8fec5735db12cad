import ArgumentParser
import ConvNet

/// Which engine does the arithmetic.
struct EngineOptions: ParsableArguments {
    @Option(help: "What computes: \(Engines.names.joined(separator: " or ")).")
    var engine: String?

    @Option(help: "Threads to compute with. (default, and most: as many as the machine grants)")
    var threads: Int?

    @Option(help: "The numbers that feature maps and convolutions are computed with. (default: fp32)")
    var precision: Precision?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads must be 1 to 1024, received \(threads)")
        }
    }

    /// The threads to use, for other work, too.
    var grantedThreads: Int { min(threads ?? .max, AvailableProcessors.count) }

    /// Makes the engine, and tells what it thinks a user should know.
    func makeEngine(_ algorithms: AlgorithmChoice?) throws -> any Engine {
        if let threads { Terminal.writeCap(on: threads) }
        let algorithms = algorithms ?? .measured
        let engine =
            if let engine {
                try Engines.make(
                    named: engine, threads: grantedThreads, precision: precision ?? .fp32, algorithms: algorithms)
            } else {
                try Engines.makeDefault(
                    threads: grantedThreads, precision: precision ?? .fp32, algorithms: algorithms)
            }
        Terminal.writeWarnings(of: engine)
        return engine
    }
}

extension Terminal {
    /// Says that not as many threads are used as were asked for, where the machine grants fewer.
    static func writeCap(on threads: Int) {
        guard threads > AvailableProcessors.count else { return }
        writeError(
            "Warning: \(threads) threads asked for, \(AvailableProcessors.count) used: \(AvailableProcessors.explanation)"
        )
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
    @Flag(help: "Print one JSON document.")
    var json = false
}

extension DatasetPart: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
