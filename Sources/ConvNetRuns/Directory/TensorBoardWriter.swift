import ConvNetFormats
import ConvNetTraining
import ConvNetVision
import Foundation

/// Writes what TensorBoard shows of a run: curves by epoch with equal tags for training and validation, so that they share charts; the
/// first layer's filters and what was taken for what as pictures; settings and results for the HParams tab.
///
///     tensorboard --logdir runs
final class TensorBoardWriter: TrainingListener {
    private let directory: RunDirectory
    private let configuration: RunConfiguration
    private var files: [Part: TensorBoardFile] = [:]
    /// The epoch that the run goes on with, where it does: points from there on are of a part that is done again.
    private var firstEpoch: Int?
    private var hasValidation = false
    private var isBegun = false

    private enum Part: String {
        case training = "train"
        case validation
    }

    init(_ directory: RunDirectory, _ configuration: RunConfiguration) {
        self.directory = directory
        self.configuration = configuration
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        switch event {
        case .runStarted(let start):
            hasValidation = start.validationImages > 0
            if start.completedSteps > 0 { firstEpoch = start.completedSteps / start.stepsPerEpoch + 1 }
        case .epochCompleted(let report): try write(report, of: run)
        // A run that had ended before has nothing new to tell.
        case .runEnded where isBegun: try end(.success)
        case .runFailed where isBegun: try end(.failure)
        default: break
        }
        return .continue
    }

    private func write(_ report: EpochReport, of run: TrainingRun) throws {
        try begin()
        try append(
            [
                .scalar("loss", Float(report.trainingLoss)), .scalar("accuracy", Float(report.trainingAccuracy)),
                .scalar("learning_rate", report.learningRate),
                .scalar("images_per_second", Float(report.imagesPerSecond)),
            ] + (report.isBest || !hasValidation ? try filters(of: run) : []), to: .training, step: report.epoch)
        guard let validation = report.validation else { return }
        let told = run.trainer.toldMetrics
        var values = told.compactMap { name in
            validation[name].map { TensorBoardEvent.Value.scalar(name, Float($0)) }
        }
        if report.isBest, let report = run.validationReport as? ClassificationReport {
            values.append(try Self.image("confusion", ConfusionPicture.image(report.confusion)))
        }
        try append(values, to: .validation, step: report.epoch)
    }

    /// What comes before the first epoch of this process.
    private func begin() throws {
        guard !isBegun else { return }
        isBegun = true
        let settings = Dictionary(
            RunSettings.all.compactMap { setting in
                (try? configuration.yaml(of: setting)).map { text in
                    (setting.path, Self.value(text.trimmingCharacters(in: .whitespacesAndNewlines)))
                }
            }, uniquingKeysWith: { first, _ in first })
        try append([.sessionStart(settings, group: directory.path, at: .now)], to: resultsPart, step: 0)
    }

    private func end(_ status: TensorBoardEvent.SessionStatus) throws {
        try append([.sessionEnd(status, at: .now)], to: resultsPart, step: 0)
    }

    /// Where the numbers are that runs are compared by.
    private var resultsPart: Part { hasValidation ? .validation : .training }

    private func append(_ values: [TensorBoardEvent.Value], to part: Part, step: Int) throws {
        let now = Date.now
        let file = try files[part] ?? open(part, at: now)
        try file.append(TensorBoardEvent(at: now, step: step, .values(values)))
    }

    private func open(_ part: Part, at time: Date) throws -> TensorBoardFile {
        let file = try TensorBoardFile(in: directory.tensorBoardDirectory.appending(path: part.rawValue), at: time)
        if let firstEpoch { try file.append(TensorBoardEvent(at: time, step: firstEpoch, .sessionStart)) }
        files[part] = file
        return file
    }

    private func filters(of run: TrainingRun) throws -> [TensorBoardEvent.Value] {
        guard let index = FilterSheet.parameter(of: run.network) else { return [] }
        let sheet = FilterSheet(run.network, parameter: index, weights: try run.parameter(index))
        return [try Self.image("filters/\(sheet.layer)", sheet.image(scale: 8))]
    }

    private static func image(_ tag: String, _ image: Image) throws -> TensorBoardEvent.Value {
        .image(
            tag, png: try PNG.encode(image), height: image.height, width: image.width, channels: image.channels)
    }

    private static func value(_ text: String) -> TensorBoardEvent.HyperparameterValue {
        switch text {
        case "true": .bool(true)
        case "false": .bool(false)
        default: Double(text).map { .number($0) } ?? .text(text)
        }
    }
}

extension RunDirectory {
    /// `tensorboard`, with a directory each of training and validation.
    public var tensorBoardDirectory: URL { url.appending(path: "tensorboard") }
}
