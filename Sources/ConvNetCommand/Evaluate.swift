import ArgumentParser
import ConvNet
import Foundation

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a model's accuracy and loss on a dataset.",
        discussion: """
            convnet evaluate runs/lenet5-1/model.safetensors --dataset fashion-mnist
            convnet evaluate runs/resnet18-1/model.safetensors --dataset photos --html mistakes.html
            """)

    @Argument(help: "A model file, as training writes it.")
    var model: String

    @Option(help: "A dataset's name or the path of its directory.")
    var dataset: String

    @Option(help: "Which part of the dataset. (default: test; without it validation, and without parts all images)")
    var part: DatasetPart?

    @Option(help: "A file that says which images are in which part, as a run leaves it: split.json.")
    var split: String?

    @Option(
        help: "Crops of each image whose probabilities are averaged: 1, or 10 for corners, centre and their mirrors.")
    var testCrops = 1

    @Flag(help: "Go on without the files that cannot be used.")
    var skipBadImages = false

    @Option(help: "Write a page with the surest mistakes as pictures to this file.")
    var html: String?

    @OptionGroup var engine: EngineOptions
    @OptionGroup var algorithms: AlgorithmOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if testCrops != 1, testCrops != 10 {
            throw ValidationError("--test-crops must be 1 or 10, received \(testCrops)")
        }
    }

    func run() async throws {
        let file = try ModelFile(contentsOf: URL(filePath: model))
        let split = try split.map { try SplitFile(contentsOf: URL(filePath: $0)) }
        let images = try DatasetCatalog.openImages(dataset)
        let chosen = try EvaluationData.choose(part, of: images, isDivided: split != nil)
        try file.checkClasses(chosen.images.classes, of: chosen.images.name)
        let progress = CountingLine("reading")
        let data = try EvaluationData(
            images, part: part, split: split, input: file.network.inputShape, fitting: file.preprocessing.fitting,
            skipsBadImages: skipBadImages, threads: engine.threads ?? AvailableProcessors.count
        ) { progress.show(chosen.images.name, $0, of: $1) }
        progress.erase()
        Terminal.writeSkipped(data.skipped)
        let model = try await Model.load(file, engine: engine.makeEngine(algorithms.choice))
        let report =
            testCrops == 10
            ? try await model.report(on: data.tenCrops, views: 10) : try await model.report(on: data.dataset)
        if let html {
            try EvaluationPage(report, images: data.images, name: data.dataset.name).write(to: URL(filePath: html))
        }
        if output.json { return try Terminal.write(json: report) }
        let evaluation = report.evaluation
        Terminal.write(
            "accuracy \(evaluation.accuracy.percent), top-5 \(evaluation.top5Accuracy.percent), "
                + "loss \(evaluation.loss.fourDigits) on \(evaluation.images.grouped) images of \(data.dataset.name)")
        Terminal.write("\n\(report.scoreTable)")
        Terminal.write("\n\(report.confusionText(width: Terminal.outputWidth ?? 80))")
        if let html { Terminal.write("\npage \(html)") }
    }
}
