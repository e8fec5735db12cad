import ArgumentParser
import ConvNetPages
import ConvNetRuns
import Foundation

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a model's accuracy and loss on a dataset.",
        discussion: """
            convnet evaluate runs/lenet5-1 --dataset fashion-mnist
            convnet evaluate runs/resnet18-1 --dataset photos --split runs/resnet18-1/split.json --html mistakes.html
            """)

    @Argument(help: "A run's directory, or a model file.")
    var model: String

    @Option(help: "A dataset: its name, its directory or its .csv table.")
    var dataset: String

    @Option(help: "Which part of the dataset. (default: test; without it validation, and without parts all images)")
    var part: DatasetPart?

    @Option(help: "A file that says which images are in which part, as a run leaves it: split.json.")
    var split: String?

    @Option(
        help: "Crops of each image whose probabilities are averaged: 1, or 10 for corners, centre and their mirrors.")
    var testCrops = 1

    @Option(help: "Images to compute at a time. (default: as many as their memory allows, at most 128)")
    var evaluationBatchSize: Int?

    @Flag(help: "Go on without the files that cannot be used.")
    var skipBadImages = false

    @Option(help: "Write a page with the most confident mistakes as pictures to this file.")
    var html: String?

    @OptionGroup var engine: EngineOptions
    @OptionGroup var algorithms: AlgorithmOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if testCrops != 1, testCrops != 10 {
            throw ValidationError("--test-crops must be 1 or 10, received \(testCrops)")
        }
        if let evaluationBatchSize, !Trainer.evaluationBatchSizes.contains(evaluationBatchSize) {
            throw ValidationError("--evaluation-batch-size must be 1 to 65536, received \(evaluationBatchSize)")
        }
    }

    func run() async throws {
        let modelFile = try ModelFile.location(of: URL(filePath: model))
        let file = try ModelFile(contentsOf: modelFile)
        let split = try split.map { try SplitFile(contentsOf: URL(filePath: $0)) }
        let waiting = WaitingLine(.terminal)
        let images = try waiting.during("opening \(dataset)") {
            // A split divides what there is to learn from.
            try DatasetCatalog.open(dataset, needsTraining: split != nil)
        }
        let chosen = try EvaluationData.choose(part, of: images, isDivided: split != nil)
        try file.checkClasses(chosen.images.classes, of: chosen.images.name, inAnyOrder: true)
        Terminal.writeNotices(images.notices)
        let progress = CountingLine("reading")
        let data = try EvaluationData(
            images, part: part, split: split, input: file.network.inputShape, preprocessing: file.preprocessing,
            classes: file.classes, skipsBadImages: skipBadImages, threads: engine.grantedThreads
        ) { progress.show(chosen.images.name, $0, of: $1) }
        progress.erase()
        Terminal.writeSkipped(data.skipped)
        let memory = TrainingMemory(of: data.dataset, in: chosen.images, dataset: dataset, model: modelFile)
        if split == nil, let memory, memory.images > 0 { Terminal.writeError(memory.sentence) }
        let model = try await Model.load(file, engine: engine.makeEngine(algorithms.choice))
        let report: any EvaluationReport = try await waiting.during("measuring on \(data.dataset.count.grouped) images")
        {
            try await model.anyReport(
                on: testCrops == 10 ? data.tenCrops : data.dataset, views: testCrops, batchSize: evaluationBatchSize)
        }
        if let html {
            try EvaluationPage(
                report, images: data.dataset, name: data.dataset.name,
                facts: facts(
                    modelFile, part: data.part, leftOut: data.skipped.count, trainedOn: memory?.images, model: model)
            ).write(to: URL(filePath: html))
        }
        if output.json { return try Terminal.write(json: Document(report: report, trainedOn: memory?.images)) }
        let evaluation = report.evaluation
        var first: [any Metric] = [Accuracy(), MeanLoss()]
        if report.classes.count > 5 { first.insert(TopAccuracy(5), at: 1) }
        let others = MetricCatalog.suited(to: data.dataset.targetKind, classes: report.classes.count).filter { metric in
            !first.contains { $0.name == metric.name }
        }
        Terminal.write(
            wrapping: evaluation.text(of: first)
                + " on \(evaluation.imageCount.grouped) images of \(data.dataset.name)")
        Terminal.write(wrapping: evaluation.text(of: others))
        Terminal.write(text: "\n\(report.scoreText(width: Terminal.outputWidth))")
        Terminal.write(text: "\n\(report.confusionText(width: Terminal.outputWidth ?? 80))")
        if let html {
            Terminal.write("")
            Terminal.write("page \(html)")
        }
    }

    /// What the page says of the measurement.
    private func facts(
        _ file: URL, part: DatasetPart?, leftOut: Int, trainedOn: Int?, model: Model
    ) -> [EvaluationPage.Fact] {
        let network = model.network
        var facts: [EvaluationPage.Fact] = [
            .init("model", file.relativePath),
            .init("network", "\(network.parameterCount.grouped) parameters, images of \(network.inputShape)"),
            .init("dataset", dataset),
            .init("part", part?.rawValue ?? "all images"),
        ]
        if let split { facts.append(.init("divided by", split)) }
        if let trainedOn, split == nil { facts.append(.init("trained on", "\(trainedOn.grouped) of these images")) }
        if leftOut > 0 { facts.append(.init("left out", leftOut.counted("file") + " that cannot be used")) }
        facts += [
            .init("crops of each image", "\(testCrops)"),
            .init("computed by", model.engineVersion),
            .init("date", Date.now.formatted(.iso8601)),
        ]
        return facts
    }

    /// The report's own keys, and one more.
    private struct Document: Encodable {
        var report: any EvaluationReport
        /// Missing where it is not known.
        var trainedOn: Int?

        private enum CodingKeys: String, CodingKey {
            case trainedOn = "trained_on"
        }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(trainedOn, forKey: .trainedOn)
        }
    }
}

/// What a model has seen of the images that it is measured on, by the split that lies beside it.
private struct TrainingMemory {
    /// How many of them it was trained on.
    let images: Int
    private let all: Int
    private let split: String

    /// nil where there is no such split, or where it is of another dataset.
    ///
    /// - Parameters:
    ///   - part: the part of the dataset that `images` are all or some of.
    ///   - dataset: as it was named.
    init?(of images: any Dataset, in part: any Dataset, dataset: String, model: URL) {
        guard let run = try? RunDirectory.open(model.deletingLastPathComponent().relativePath),
            let split = try? SplitFile(contentsOf: run.splitFile)
        else { return nil }
        // Two folders may have one name. One that was moved is known by its name alone.
        let configuration = try? RunConfiguration(contentsOf: run.configurationFile)
        if let recorded = configuration?.dataset, FileManager.default.fileExists(atPath: recorded),
            !DatasetCatalog.areSame(recorded, dataset)
        {
            return nil
        }
        guard let count = split.trainedOn(images, of: part.name) else { return nil }
        self.images = count
        all = images.count
        self.split = run.splitFile.relativePath
    }

    var sentence: String {
        "\(images.grouped) of these \(all.grouped) images are among those that the model was trained on (\(split)): "
            + "the accuracy says little about new ones; --split \(split) measures on the others"
    }
}
