import ArgumentParser
import ConvNetPages
import ConvNetRuns
import Foundation

struct Summary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists a network's layers with their shapes, parameters, arithmetic and memory.",
        discussion: """
            convnet summary lenet5
            convnet summary resnet20 --input 3x64x64 --batch-size 128

            Behind an operation stand its kernel, stride (s), padding (p), dilation (d) and groups (g). Field, stride and \
            offset: the size of what an output sees, the distance between neighbours' fields, where the first begins, in \
            input pixels.
            """)

    @Argument(help: .network, completion: .network)
    var network: String

    @Option(help: "The images' shape C×H×W, e.g. 1x28x28. (default: the network's own)")
    var input: String?

    @Option(help: "The number of classes. (default: the network's own)")
    var classes: Int?

    @Option(help: "Images a training step, for the memory that it takes.")
    var batchSize = 64

    @Flag(help: "Say what the engine's plans would take, too: with its layouts, algorithms and shared memory.")
    var plan = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if batchSize < 1 { throw ValidationError("--batch-size must be at least 1, received \(batchSize)") }
        if let classes, classes < 1 { throw ValidationError("--classes must be at least 1, received \(classes)") }
    }

    func run() async throws {
        let network = try NetworkSource(self.network).network(input: input, classes: classes)
        let summary = network.summary(batchSize: batchSize)
        if output.json {
            try Terminal.write(json: summary)
        } else {
            Terminal.write(text: Terminal.outputWidth.map(summary.description(fitting:)) ?? "\(summary)")
            if plan { try await writePlans(of: network) }
        }
    }

    private func writePlans(of network: Network) async throws {
        let engine = try Engines.makeDefault(algorithms: .estimated)
        Terminal.writeWarnings(of: engine)
        let model = try Model(network, engine: engine)
        let training = TrainingConfiguration(loss: SoftmaxCrossEntropy(), optimizer: SGD(), seed: 0)
        for (configuration, name) in [(training, "training"), (nil, "prediction")] {
            if let bytes = try await model.planBytes(batchSize: batchSize, training: configuration) {
                let threads = await model.planThreads(batchSize: batchSize, training: configuration) ?? engine.threads
                Terminal.write(
                    "plan of \(engine.name) for \(name) with \(batchSize) images: \(bytes.byteSize) beside the weights, "
                        + "\(threads) thread\(threads == 1 ? "" : "s")")
            }
        }
    }
}
