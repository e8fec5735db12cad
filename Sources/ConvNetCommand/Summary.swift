import ArgumentParser
import ConvNet
import Foundation

struct Summary: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists a network's layers with their shapes, parameters, arithmetic and memory.",
        discussion: """
            convnet summary lenet5
            convnet summary resnet20 --input 3x64x64 --batch-size 128

            Behind an operation stand its kernel, stride (s), padding (p), dilation (d) and groups (g). Field, stride and \
            offset: the size of what an output sees, the distance between neighbours' fields, where the first begins, in \
            input pixels.
            """)

    @Argument(help: "A network's name, or a model file.")
    var network: String

    @Option(help: "The images' shape C×H×W, e.g. 1x28x28. (default: the network's own)")
    var input: String?

    @Option(help: "The number of classes of a network that is given by name. (default: the network's own)")
    var classes: Int?

    @Option(help: "Images a training step, for the memory that it takes.")
    var batchSize = 64

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if batchSize < 1 { throw ValidationError("--batch-size must be at least 1, received \(batchSize)") }
        if let classes, classes < 1 { throw ValidationError("--classes must be at least 1, received \(classes)") }
    }

    func run() throws {
        let network = try NetworkSource(self.network).network(input: input, classes: classes)
        let summary = network.summary(batchSize: batchSize)
        if output.json {
            try Terminal.write(json: summary)
        } else {
            Terminal.write(Terminal.outputWidth.map(summary.description(fitting:)) ?? "\(summary)")
        }
    }
}
