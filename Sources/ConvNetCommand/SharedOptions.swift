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
    var grantedThreads: Int { AvailableProcessors.granted(of: threads) }

    /// Makes the engine, and tells what it thinks a user should know.
    func makeEngine(_ algorithms: AlgorithmChoice?) throws -> any Engine {
        let engine = try Engines.makeGranted(
            named: engine, threads: threads, precision: precision ?? .fp32, algorithms: algorithms ?? .measured)
        Terminal.writeWarnings(of: engine)
        return engine
    }
}

extension AvailableProcessors {
    /// No more threads than the machine grants; all of these where nothing is asked for.
    static func granted(of threads: Int?) -> Int { min(threads ?? .max, count) }
}

extension Engines {
    /// The engine of that name, or the default one, with no more threads than the machine grants. Says where these are fewer
    /// than were asked for.
    static func makeGranted(
        named name: String?, threads: Int?, precision: Precision, algorithms: AlgorithmChoice
    ) throws -> any Engine {
        let granted = AvailableProcessors.granted(of: threads)
        if let threads, threads > granted {
            Terminal.writeError(
                "Warning: \(threads) threads asked for, \(granted) used: \(AvailableProcessors.explanation)")
        }
        guard let name else {
            return try makeDefault(threads: granted, precision: precision, algorithms: algorithms)
        }
        return try make(named: name, threads: granted, precision: precision, algorithms: algorithms)
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
