import ConvNetCore
import Foundation

/// Writes a line of JSON an epoch to `metrics.jsonl`. Accuracies are fractions.
public final class MetricsFile: TrainingListener {
    private let url: URL

    public init(_ url: URL) {
        self.url = url
    }

    /// One line of the file.
    public struct Line: Codable, Hashable, Sendable {
        public var epoch: Int
        public var trainLoss: Double
        public var trainAccuracy: Double
        public var validationLoss: Double?
        public var validationAccuracy: Double?
        public var learningRate: Float
        public var seconds: Double
        public var imagesPerSecond: Double

        private enum CodingKeys: String, CodingKey {
            case epoch
            case trainLoss = "train_loss"
            case trainAccuracy = "train_accuracy"
            case validationLoss = "validation_loss"
            case validationAccuracy = "validation_accuracy"
            case learningRate = "learning_rate"
            case seconds
            case imagesPerSecond = "images_per_second"
        }

        init(_ report: EpochReport) {
            epoch = report.epoch
            trainLoss = report.trainingLoss
            trainAccuracy = report.trainingAccuracy
            validationLoss = report.validation?.loss
            validationAccuracy = report.validation?.accuracy
            learningRate = report.learningRate
            seconds = report.seconds
            imagesPerSecond = report.imagesPerSecond
        }
    }

    public func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        switch event {
        case .runStarted(let start):
            try keepEpochs(start.completedSteps / start.stepsPerEpoch)
        case .epochCompleted(let report):
            var line = try JSONEncoder.sorted.encode(Line(report))
            line.append(UInt8(ascii: "\n"))
            // The file is a few lines long: writing all of it anew is what makes the change all or nothing.
            try AtomicFile.write(try contents() + line, to: url)
        default: break
        }
        return .continue
    }

    /// Cuts the file back to the epochs that a checkpoint knows of.
    private func keepEpochs(_ count: Int) throws {
        let lines = try contents().split(separator: UInt8(ascii: "\n")).prefix(count)
        try AtomicFile.write(Data(lines.flatMap { $0 + [UInt8(ascii: "\n")] }), to: url)
    }

    private func contents() throws -> Data {
        FileManager.default.fileExists(atPath: url.path) ? try Data(contentsOf: url) : Data()
    }
}
