import ConvNetGraph
import ConvNetTraining
import Foundation

/// Writes a line of JSON an epoch to `metrics.jsonl`. Accuracies are fractions.
public final class MetricsFile: TrainingListener {
    private let url: URL

    /// - Parameter url: the file to write, or to go on with in a run that is resumed.
    public init(_ url: URL) {
        self.url = url
    }

    /// One line of the file.
    public struct Line: Codable, Hashable, Sendable {
        /// Counted from 1.
        public var epoch: Int
        /// The mean loss over the epoch, each image judged before its own update.
        public var trainLoss: Double
        /// The share of the training images whose class came first, judged alike.
        public var trainAccuracy: Double
        /// nil without validation images.
        public var validationLoss: Double?
        /// nil without validation images.
        public var validationAccuracy: Double?
        /// The rate of the epoch's last step.
        public var learningRate: Float
        /// The time that training took, validation not counted.
        public var seconds: Double
        /// Training images a second.
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

    /// Cuts the file back where a run starts, and adds a line where an epoch ends.
    ///
    /// - Throws: `FileWriteError`, `EncodingError`.
    public func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        switch event {
        case .runStarted(let start):
            // Cut back to the epochs that the checkpoint knows of.
            try AtomicFile.write(try lines(ofFirst: start.completedSteps / start.stepsPerEpoch), to: url)
        case .epochCompleted(let report):
            var line = try JSONEncoder.sorted.encode(Line(report))
            line.append(UInt8(ascii: "\n"))
            // The file is a few lines long: writing all of it anew is what makes the change all or nothing. The line is
            // there already where a run was cut off between this and its checkpoint.
            try AtomicFile.write(try lines(ofFirst: report.epoch - 1) + line, to: url)
        default: break
        }
        return .continue
    }

    /// How many epochs it tells of; none where there is no file.
    ///
    /// - Throws: `FilePresenceError`, and what reading throws.
    package func epochs() throws -> Int { try lines(ofFirst: .max).count { $0 == UInt8(ascii: "\n") } }

    /// What each line of a file tells; nil for one that tells nothing.
    ///
    /// - Throws: what reading throws.
    static func lines(in url: URL) throws -> [Line?] {
        try Data(contentsOf: url).split(separator: UInt8(ascii: "\n"))
            .map { try? JSONText.decode(Line.self, from: Data($0)) }
    }

    /// The file's first lines, fewer where it has fewer.
    private func lines(ofFirst epochs: Int) throws -> Data {
        guard try url.isThere() else { return Data() }
        let lines = try Data(contentsOf: url).split(separator: UInt8(ascii: "\n")).prefix(epochs)
        return Data(lines.flatMap { $0 + [UInt8(ascii: "\n")] })
    }
}
