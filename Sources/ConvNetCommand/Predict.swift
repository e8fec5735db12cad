import ArgumentParser
import ConvNet
import ConvNetPages
import ConvNetVision
import Foundation

struct Predict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what images show.",
        discussion: """
            convnet predict runs/long shoe.png shirt.png
            convnet predict runs/long/model.safetensors photos 'more/*.jpg'
            convnet predict runs/long --dataset fashion-mnist --index 7
            curl -s https://example.org/shoe.jpg | convnet predict runs/long -
            """)

    @Argument(help: "A run's directory, or a model file.")
    var model: String

    @Argument(help: "JPEG or PNG images, folders of them, or patterns such as 'photos/*.jpg'; - for standard input.")
    var images: [String] = []

    @Option(
        help: """
            Take images from this dataset: a name, a directory or a .csv table. Of one that is divided they are those for \
            testing, or else for validation.
            """)
    var dataset: String?

    @Option(parsing: .upToNextOption, help: "Positions in the dataset, counted from 0.")
    var index: [Int] = []

    @Option(help: "How many classes to name, the most probable first.")
    var top = 5

    @Flag(help: "Go on without the files that cannot be used.")
    var skipBadImages = false

    @OptionGroup var engine: EngineOptions
    @OptionGroup var algorithms: AlgorithmOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if top < 1 { throw ValidationError("--top must be at least 1, received \(top)") }
        if (dataset == nil) != index.isEmpty { throw ValidationError("--dataset and --index go together") }
        if images.isEmpty, index.isEmpty {
            throw ValidationError("name at least one image, or --dataset and --index")
        }
        if images.count(where: { $0 == StandardInput.argument }) > 1 {
            throw ValidationError("standard input (-) can be read once")
        }
    }

    private struct Result: Encodable {
        var image: String
        /// What the dataset says that it is.
        var label: String?
        /// The same of an image that may have any number of classes.
        var labels: [String]?
        /// The classes that reach their thresholds, of a model for such images.
        var answer: [String]?
        var predictions: [Prediction]

        func write() {
            let labelled = labels.map { $0.isEmpty ? "no class" : $0.joined(separator: ", ") } ?? label
            Terminal.write("\(image)\(labelled.map { " (labelled \(printable($0)))" } ?? "")")
            let names = predictions.map { printable($0.label) }
            let width = names.map(\.displayWidth).max() ?? 0
            for (name, prediction) in zip(names, predictions) {
                let share = String(format: "%6.2f %%", prediction.probability * 100)
                // Of several classes, those that the image is said to have.
                let mark = answer.map { $0.contains(prediction.label) ? "✓ " : "  " } ?? ""
                Terminal.write("  \(mark)\(name.padded(toWidth: width))  \(share)")
            }
        }
    }

    func run() async throws {
        let model = try await Model.load(URL(filePath: model), engine: engine.makeEngine(algorithms.choice))
        let results = try await WaitingLine(.terminal).during("predicting") { try await predictions(of: model) }
        if output.json {
            try Terminal.write(json: results)
        } else {
            for result in results { result.write() }
        }
    }

    private func predictions(of model: Model) async throws -> [Result] {
        // In the order in which they were named.
        let places = images.split(separator: StandardInput.argument, omittingEmptySubsequences: false)
        var results: [Result] = []
        for (number, paths) in places.enumerated() {
            if number > 0 {
                let picture = try ImageFile(StandardInput.read(), name: StandardInput.name)
                results.append(
                    result(StandardInput.argument, try await model.predict(picture, top: count(for: model)), by: model))
            }
            guard !paths.isEmpty else { continue }
            let files = try PictureFiles(Array(paths))
            Terminal.writeNotices(files.notices)
            results += try await predict(model, files)
        }
        if let dataset {
            let images = try DatasetCatalog.open(dataset, parts: [.test], needsTraining: false).measured.images
            results += try await predict(model, from: images)
        }
        return results
    }

    /// One file, or those of a model that takes its own size only, say themselves what is wrong with them; of many, all are
    /// read before the first is predicted on.
    private func predict(_ model: Model, _ files: PictureFiles) async throws -> [Result] {
        if files.badFiles.isEmpty, files.paths.count == 1 || model.preprocessing.fitting == nil {
            var results: [Result] = []
            for path in files.paths {
                let predictions = try await model.predict(imageAt: URL(filePath: path), top: count(for: model))
                results.append(result(path, predictions, by: model))
            }
            return results
        }
        let named = ImageFileDataset(unlabelled: files.paths, name: "the images", classes: model.classes)
        let progress = CountingLine("reading")
        let data = try EvaluationData(
            DatasetParts(name: named.name, train: named, badFiles: files.badFiles), input: model.network.inputShape,
            preprocessing: model.preprocessing, skipsBadImages: skipBadImages,
            threads: engine.grantedThreads
        ) { progress.show(named.name, $0, of: $1) }
        progress.erase()
        Terminal.writeSkipped(data.skipped)
        guard data.dataset.count > 0 else { return [] }
        let predictions = try await model.predict(data.dataset, top: count(for: model))
        return predictions.enumerated().map { result(data.dataset.imageName(at: $0.offset), $0.element, by: model) }
    }

    /// Of several classes an image all are needed to tell which are in the answer.
    private func count(for model: Model) -> Int { model.outputs == .exclusive ? top : model.classes.count }

    /// - Parameter predictions: the most probable first, as many as ``count(for:)`` says.
    private func result(
        _ image: String, _ predictions: [Prediction], by model: Model, labelled labels: [String]? = nil
    ) -> Result {
        let isExclusive = model.outputs == .exclusive
        let answer = isExclusive ? nil : model.answer(predictions)
        return Result(
            image: image, label: isExclusive ? labels?.first : nil, labels: isExclusive ? nil : labels, answer: answer,
            predictions: Array(predictions.prefix(max(top, answer?.count ?? 0))))
    }

    private func predict(_ model: Model, from images: any Dataset) async throws -> [Result] {
        for index in index where !(0..<images.count).contains(index) {
            throw ValidationError("\(images.name) has images 0 to \(images.count - 1); there is no \(index)")
        }
        var results: [Result] = []
        for index in index {
            let labels = images.target(at: index).classes.map { images.classes[$0] }
            let predictions = try await model.predict(images.item(at: index), top: count(for: model))
            results.append(result(images.imageName(at: index), predictions, by: model, labelled: labels))
        }
        return results
    }
}
