import ArgumentParser
import ConvNetGraph
import ConvNetPages
import ConvNetRuns
import Foundation

struct WeightsInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Lists the tensors of a file of weights, and says whose they are.",
        discussion: """
            convnet weights inspect resnet18-f37072fd.pth
            convnet weights inspect model.safetensors --json

            Files of PyTorch, of both kinds, are read without executing anything.
            """)

    @Argument(help: "A file of weights: safetensors, or PyTorch's .pt and .pth.", completion: .file())
    var file: String

    @OptionGroup var output: OutputOptions

    private struct Tensor: Encodable {
        var name: String
        var shape: [Int]
        var dtype: String
        var mean: Double?
        var deviation: Double?
    }

    private struct Document: Encodable {
        var file: String
        var network: String?
        var classes: Int?
        var elements: Int
        var notes: [String]
        var tensors: [Tensor]
    }

    func run() throws {
        let source = try WeightFile.open(URL(filePath: file))
        let tensors = try WaitingLine(.terminal).during("reading weights") {
            try source.names.map { try Self.tensor($0, of: source) }
        }
        let recognized = try? NetworkCatalog.recognize(source)
        let document = Document(
            file: file, network: recognized?.entry.name, classes: recognized?.network.outputShape.count,
            elements: source.weights.values.reduce(0) { $0.saturatingSum(Shape($1.shape).count) }, notes: source.notes,
            tensors: tensors)
        if output.json { return try Terminal.write(json: document) }
        var table = TextTable(
            columns: [.left("tensor"), .right("shape"), .left("type"), .right("mean"), .right("deviation")])
        for tensor in tensors {
            table.append([
                printable(tensor.name),
                tensor.shape.isEmpty ? "–" : tensor.shape.map(String.init).joined(separator: "×"),
                tensor.dtype, Self.text(tensor.mean), Self.text(tensor.deviation),
            ])
        }
        Terminal.write(text: table.text(fitting: Terminal.outputWidth, leavingOut: ["deviation", "mean", "type"]))
        Terminal.write("\(tensors.count.counted("tensor")), \(document.elements.grouped) elements")
        for note in source.notes { Terminal.write(wrapping: note) }
        if let recognized {
            let names = recognized.match.program.map { ", in the names of \($0)" } ?? ""
            Terminal.write("weights of \(recognized.entry.name) for \(document.classes ?? 0) classes\(names)")
        } else {
            Terminal.write("weights of no network that has a name ('convnet zoo' lists those)")
        }
    }

    /// Mean and standard deviation of what is a number.
    private static func tensor(_ name: String, of source: any WeightSource) throws -> Tensor {
        let info = source.weights[name]
        var tensor = Tensor(name: name, shape: info?.shape ?? [], dtype: info?.dtype.rawValue ?? "")
        guard info?.dtype.isFloatingPoint == true else { return tensor }
        let values = try source.floats(named: name)
        guard !values.isEmpty else { return tensor }
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
        tensor.mean = mean
        tensor.deviation = variance.squareRoot()
        return tensor
    }

    private static func text(_ number: Double?) -> String { number.map { String(format: "%.4g", $0) } ?? "–" }
}
