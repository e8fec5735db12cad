import ArgumentParser
import ConvNetRuns

struct LayerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layer",
        abstract: "Says what one layer makes of its input: shape, parameters and arithmetic.",
        discussion: """
            convnet layer 'Conv2D(10, kernel: 5, padding: 2)' --input 3x32x32
            convnet layer 'MaxPool2D(3, stride: 2)' --input 64x112x112

            Layers are written as in Swift. Sizes are 3 or, height first, 3x5; padding is a number, a size, same or valid.
            """)

    @Argument(help: "A layer, e.g. 'Dense(10)'.", completion: .list(LayerText.names))
    var layer: String

    @Option(help: "The input's shape C×H×W, or its number of features.")
    var input: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let shape = try NetworkSource.parseShape(input, allowsFeatures: true)
        let arithmetic = try LayerArithmetic(of: LayerText.layer(layer), input: shape)
        if output.json {
            try Terminal.write(json: arithmetic)
        } else {
            Terminal.write(text: "\(arithmetic)")
        }
    }
}
