import ArgumentParser
import ConvNet
import Foundation

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a model's accuracy and loss on a dataset.",
        discussion: "convnet evaluate runs/lenet5-1/model.safetensors --dataset fashion-mnist")

    @Argument(help: "A model file, as training writes it.")
    var model: String

    @Option(help: "A dataset's name or the path of its directory.")
    var dataset: String

    @Option(help: "Which part of the dataset: test or train.")
    var part = DatasetPart.test

    @OptionGroup var engine: EngineOptions
    @OptionGroup var algorithms: AlgorithmOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let file = try ModelFile(contentsOf: URL(filePath: model))
        let data = try DatasetCatalog.open(dataset, part: part)
        try file.checkClasses(of: data)
        let evaluation = try await Model.load(file, engine: engine.makeEngine(algorithms.choice)).evaluate(data)
        if output.json {
            try Terminal.write(json: evaluation)
        } else {
            Terminal.write(
                "accuracy \(evaluation.accuracy.percent), top-5 \(evaluation.top5Accuracy.percent), "
                    + "loss \(evaluation.loss.fourDigits) on \(evaluation.images.grouped) images of \(data.name)")
        }
    }
}
