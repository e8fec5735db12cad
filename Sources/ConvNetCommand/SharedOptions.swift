import ArgumentParser
import ConvNet

/// Which engine does the arithmetic.
struct EngineOptions: ParsableArguments {
    @Option(help: "What computes: \(Engines.names.joined(separator: " or ")).")
    var engine: String?

    @Option(help: "Threads to compute with. (default: as many as the machine grants)")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads must be 1 to 1024, received \(threads)")
        }
    }

    func makeEngine() throws -> any Engine {
        guard let engine else { return try Engines.makeDefault(threads: threads) }
        return try Engines.make(named: engine, threads: threads)
    }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON document.")
    var json = false
}

extension DatasetPart: ExpressibleByArgument {}
