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
    public struct Line: Hashable, Sendable {
        /// Counted from 1.
        public var epoch: Int
        /// The mean loss over the epoch, each image judged before its own update.
        public var trainLoss: Double
        /// The share of the training images whose answer was right, judged alike.
        public var trainAccuracy: Double
        /// By `Metric.name`, how the validation images did; nothing without any.
        public var validation: [String: Double]
        /// The rate of the epoch's last step.
        public var learningRate: Float
        /// The time that training took, validation not counted.
        public var seconds: Double
        /// Training images a second.
        public var imagesPerSecond: Double

        /// nil without validation images.
        public var validationLoss: Double? { validation["loss"] }
        /// nil without validation images.
        public var validationAccuracy: Double? { validation["accuracy"] }

        /// - Parameter told: the metrics that the line has values of.
        init(_ report: EpochReport, told: [String]) {
            epoch = report.epoch
            trainLoss = report.trainingLoss
            trainAccuracy = report.trainingAccuracy
            validation = report.validation?.values.filter { told.contains($0.key) } ?? [:]
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
            var line = try JSONEncoder.sorted.encode(Line(report, told: run.trainer.toldMetrics))
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
    package static func lines(in url: URL) throws -> [Line?] {
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

extension RunDirectory {
    /// What `metrics.jsonl` tells of each epoch; nothing where it is missing.
    ///
    /// - Throws: what reading throws.
    public func history() throws -> [MetricsFile.Line] {
        guard try metricsFile.isThere() else { return [] }
        return try MetricsFile.lines(in: metricsFile).compactMap { $0 }
    }
}

// MARK: - Keys

extension MetricsFile.Line: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }

        static let epoch = Key("epoch")
        static let trainLoss = Key("train_loss")
        static let trainAccuracy = Key("train_accuracy")
        static let learningRate = Key("learning_rate")
        static let seconds = Key("seconds")
        static let imagesPerSecond = Key("images_per_second")

        static let validation = "validation_"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        epoch = try container.decode(Int.self, forKey: .epoch)
        trainLoss = try container.decode(Double.self, forKey: .trainLoss)
        trainAccuracy = try container.decode(Double.self, forKey: .trainAccuracy)
        learningRate = try container.decode(Float.self, forKey: .learningRate)
        seconds = try container.decode(Double.self, forKey: .seconds)
        imagesPerSecond = try container.decode(Double.self, forKey: .imagesPerSecond)
        validation = [:]
        for key in container.allKeys where key.stringValue.hasPrefix(Key.validation) {
            let name = String(key.stringValue.dropFirst(Key.validation.count))
            validation[name] = try container.decodeIfPresent(Double.self, forKey: key)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(trainLoss, forKey: .trainLoss)
        try container.encode(trainAccuracy, forKey: .trainAccuracy)
        try container.encode(learningRate, forKey: .learningRate)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(imagesPerSecond, forKey: .imagesPerSecond)
        for (name, value) in validation { try container.encode(value, forKey: Key(Key.validation + name)) }
    }

    /// The line of `results.csv` with the same numbers under the same names; a value that there is none of is empty.
    ///
    /// - Parameter metrics: those that there are columns for.
    func row(_ metrics: [String]) -> [String] {
        ["\(epoch)", "\(trainLoss)", "\(trainAccuracy)"]
            + metrics.map { name in validation[name].map { "\($0)" } ?? "" }
            + ["\(learningRate)", "\(seconds)", "\(imagesPerSecond)"]
    }

    /// The names of the columns of ``row(_:)``.
    static func columns(_ metrics: [String]) -> [String] {
        [Key.epoch, .trainLoss, .trainAccuracy].map(\.stringValue) + metrics.map { Key.validation + $0 }
            + [Key.learningRate, .seconds, .imagesPerSecond].map(\.stringValue)
    }
}

extension Trainer {
    /// The names of what is told of each epoch's validation, in this order: loss and accuracy alone, where there is no objective.
    var toldMetrics: [String] {
        var names = ["loss", "accuracy"]
        for metric in [objective].compactMap({ $0 }) + metrics where !names.contains(metric.name) {
            names.append(metric.name)
        }
        return names
    }
}
