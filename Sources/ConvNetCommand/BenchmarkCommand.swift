import ArgumentParser
import ConvNetPages
import ConvNetRuns

struct BenchmarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measures how fast a network trains or predicts on this machine, on made-up images.",
        discussion: "convnet benchmark lenet5 --mode train --batch-size 64")

    @Argument(help: .network, completion: .network)
    var network: String

    @Option(help: "train (forward, backward and update) or infer (forward only).")
    var mode = Benchmark.Mode.train

    @Option(name: [.customLong("batch-size"), .customLong("batch")], help: "Images a step.")
    var batchSize = 16

    @Option(help: "The images' shape C×H×W, e.g. 1x28x28. (default: the network's own)")
    var input: String?

    @Option(help: "How many seconds to measure.")
    var seconds = 3.0

    @Flag(help: "Say what each call of the plan takes, too, and how near that is to what this machine can do.")
    var profile = false

    @OptionGroup var engine: EngineOptions
    @OptionGroup var algorithms: AlgorithmOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(1...65_536).contains(batchSize) {
            throw ValidationError("--batch-size must be 1 to 65536, received \(batchSize)")
        }
        if !(0...3600).contains(seconds) { throw ValidationError("--seconds must be 0 to 3600, received \(seconds)") }
    }

    func run() async throws {
        let source = try NetworkSource(network)
        let engine = try engine.makeEngine(algorithms.choice)
        let network = try source.network(input: input, classes: nil)
        let result = try await WaitingLine(.terminal).during("measuring") {
            try await Benchmark.measure(
                network, name: source.title, mode: mode, batchSize: batchSize, engine: engine, seconds: seconds,
                profiles: profile)
        }
        if output.json {
            try Terminal.write(json: result)
        } else {
            Terminal.write(wrapping: "\(result)")
            if let profile = result.profile {
                Terminal.write(text: "\n" + profile.table(fitting: Terminal.outputWidth))
            }
        }
    }
}

extension Benchmark.Mode: ExpressibleByArgument {}

extension Benchmark: CustomStringConvertible {
    public var description: String {
        let speed = Int(imagesPerSecond.rounded()).grouped
        return "\(model), \(mode), batch \(batch): \(milliseconds.threeDigits) ms a step, \(speed) images/s, "
            + "\(gflops.threeDigits) GFLOP/s (\(engine), \(threads) threads; arena \(arenaMB.threeDigits) MB, "
            + "process \(peakMemoryMB.threeDigits) MB; compiled in \(compileMilliseconds.threeDigits) ms)"
    }
}
