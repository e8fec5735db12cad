import ArgumentParser
import ConvNet
import Foundation

struct Summary: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists a network's layers with their shapes, parameters and arithmetic.",
        discussion: "convnet summary lenet5")

    @Argument(help: "A network's name, or a model file.")
    var network: String

    @Option(help: "The images' shape C×H×W, e.g. 1x28x28. (default: the network's own)")
    var input: String?

    @Option(help: "The number of classes of a network that is given by name. (default: the network's own)")
    var classes: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let classes, classes < 1 { throw ValidationError("--classes must be at least 1, received \(classes)") }
    }

    func run() throws {
        let network = try NetworkSource(self.network).network(input: input, classes: classes)
        if output.json {
            try Terminal.write(json: network.summary())
        } else {
            Terminal.write("\(network.summary())")
        }
    }
}
