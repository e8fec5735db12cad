import ArgumentParser
import ConvNet
import Foundation

struct Predict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what images show.",
        discussion: """
            convnet predict runs/long/model.safetensors shoe.png shirt.png
            convnet predict runs/long/model.safetensors --dataset fashion-mnist --index 7
            """)

    @Argument(help: "A model file, as training writes it.")
    var model: String

    @Argument(help: "JPEG or PNG images of the size that the network takes.")
    var images: [String] = []

    @Option(help: "Take images from this dataset (its test part): a name or the path of a directory.")
    var dataset: String?

    @Option(parsing: .upToNextOption, help: "Positions in the dataset, counted from 0.")
    var index: [Int] = []

    @Option(help: "How many classes to name, the most probable first.")
    var top = 5

    @OptionGroup var engine: EngineOptions
    @OptionGroup var algorithms: AlgorithmOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if top < 1 { throw ValidationError("--top must be at least 1, received \(top)") }
        if (dataset == nil) != index.isEmpty { throw ValidationError("--dataset and --index go together") }
        if images.isEmpty, index.isEmpty {
            throw ValidationError("name at least one image, or --dataset and --index")
        }
    }

    private struct Result: Encodable {
        var image: String
        /// What the dataset says that it is.
        var label: String?
        var predictions: [Prediction]

        var text: String {
            let truth = label.map { " (labelled \($0))" } ?? ""
            let width = predictions.map(\.label.count).max() ?? 0
            let lines = predictions.map { prediction in
                let name = prediction.label.padding(toLength: width, withPad: " ", startingAt: 0)
                return "  \(name)  " + String(format: "%6.2f %%", prediction.probability * 100)
            }
            return (["\(image)\(truth)"] + lines).joined(separator: "\n")
        }
    }

    func run() async throws {
        let model = try await Model.load(URL(filePath: model), engine: engine.makeEngine(algorithms.choice))
        var results: [Result] = []
        for image in images {
            results.append(
                Result(image: image, predictions: try await model.predict(imageAt: URL(filePath: image), top: top)))
        }
        if let dataset { results += try await predict(model, from: DatasetCatalog.open(dataset, part: .test)) }
        if output.json {
            try Terminal.write(json: results)
        } else {
            for result in results { Terminal.write(result.text) }
        }
    }

    private func predict(_ model: Model, from dataset: any Dataset) async throws -> [Result] {
        var results: [Result] = []
        for index in index {
            guard (0..<dataset.count).contains(index) else {
                throw ValidationError("\(dataset.name) has images 0 to \(dataset.count - 1); there is no \(index)")
            }
            var pixels = [Float](repeating: 0, count: dataset.imageShape.count)
            try pixels.withUnsafeMutableBufferPointer { try dataset.copyImage(at: index, to: $0) }
            results.append(
                Result(
                    image: dataset.imageName(at: index), label: dataset.classes[dataset.label(at: index)],
                    predictions: try await model.predict(pixels: pixels, top: top)))
        }
        return results
    }
}
