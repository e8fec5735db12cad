import ConvNetGraph
import ConvNetTraining
import ConvNetVision
import Foundation

/// What a run's model says of each image that it was not trained on: `predictions.csv`.
///
///     part,image,label,prediction,probability
///     validation,cat/0012.jpg,cat,dog,0.734
///
/// Of images with any number of classes, label and prediction are names with a `;` between them, and the probability is that of the whole
/// answer, were the classes independent of one another.
public struct PredictionTable: Hashable, Sendable {
    /// What came of one image.
    public struct Row: Hashable, Sendable {
        /// Which part of the dataset the image is in.
        public var part: DatasetPart
        /// `Dataset.imageName(at:)`.
        public var image: String
        /// What the image is.
        public var label: String
        /// What the model says.
        public var prediction: String
        /// How probable it holds that.
        public var probability: Float

        /// Whether the model is right.
        public var isRight: Bool { label == prediction }
    }

    /// In the order of the file.
    public var rows: [Row]

    /// - Parameter rows: none, unless said otherwise.
    public init(_ rows: [Row] = []) {
        self.rows = rows
    }

    private static let columns = ["part", "image", "label", "prediction", "probability"]

    /// Reads a file.
    ///
    /// - Throws: `DatasetError` where it cannot be read, or is no such table.
    public init(contentsOf url: URL) throws(DatasetError) {
        let file = try CSVFile(contentsOf: url)
        guard file.columns == Self.columns else {
            throw .badTable(
                file: url.relativePath, line: 1,
                problem: "its columns are not \(Self.columns.joined(separator: ","))")
        }
        rows = []
        rows.reserveCapacity(file.rows.count)
        for (line, fields) in file.rows {
            guard let part = DatasetPart(rawValue: fields[0]), let probability = Float(fields[4]) else {
                throw .badTable(
                    file: url.relativePath, line: line,
                    problem: "'\(fields[0])' is no part of a dataset, or '\(fields[4])' is no probability")
            }
            rows.append(
                Row(part: part, image: fields[1], label: fields[2], prediction: fields[3], probability: probability))
        }
    }

    /// Writes the file, whole or not at all.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to url: URL) throws {
        var text = Self.columns.joined(separator: ",") + "\n"
        text.reserveCapacity(rows.count * 64)
        for row in rows {
            text += row.part.rawValue
            for field in [row.image, row.label, row.prediction] {
                text += ","
                text += CSVFile.quoted(field)
            }
            text += ",\(row.probability)\n"
        }
        try AtomicFile.write(Data(text.utf8), to: url)
    }

    /// The rows of one part.
    public subscript(part: DatasetPart) -> [Row] { rows.filter { $0.part == part } }

    /// Puts what a model says of a part's images in the place of what was said of them.
    mutating func replace(_ part: DatasetPart, by report: any EvaluationReport, on images: any Dataset) {
        rows.removeAll { $0.part == part }
        switch report {
        case let report as ClassificationReport:
            rows += report.outcomes.map { outcome in
                Row(
                    part: part, image: images.imageName(at: outcome.index), label: report.classes[outcome.label],
                    prediction: report.classes[outcome.prediction], probability: outcome.probability)
            }
        case let report as MultiLabelReport:
            func names(_ labels: [Int]) -> String { labels.map { report.classes[$0] }.joined(separator: ";") }
            rows += report.outcomes.map { outcome in
                let probability = outcome.probabilities.enumerated().reduce(Float(1)) { product, next in
                    product * (outcome.answer.contains(next.offset) ? next.element : 1 - next.element)
                }
                return Row(
                    part: part, image: images.imageName(at: outcome.index), label: names(outcome.labels),
                    prediction: names(outcome.answer), probability: probability)
            }
        default: break
        }
    }

    /// What the rows of a part come to, for images with one class each; nil where they have another class than these.
    func report(on part: DatasetPart, evaluation: Evaluation, classes: [String]) -> ClassificationReport? {
        let labels = Dictionary(classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var outcomes: [ClassificationReport.Outcome] = []
        for (index, row) in self[part].enumerated() {
            guard let label = labels[row.label], let prediction = labels[row.prediction] else { return nil }
            outcomes.append(
                .init(index: index, label: label, prediction: prediction, probability: row.probability))
        }
        return outcomes.isEmpty
            ? nil : ClassificationReport(evaluation: evaluation, classes: classes, outcomes: outcomes)
    }
}

extension RunDirectory {
    /// `predictions.csv`.
    public var predictionsFile: URL { url.appending(path: "predictions.csv") }

    /// What the run's model says of each image; nil where it has not said so, as runs of earlier versions.
    ///
    /// - Throws: `FilePresenceError`, `DatasetError`.
    public func predictions() throws -> PredictionTable? {
        try predictionsFile.isThere() ? PredictionTable(contentsOf: predictionsFile) : nil
    }
}

/// Writes `predictions.csv` whenever an epoch was the best so far.
final class PredictionsWriter: TrainingListener {
    private let directory: RunDirectory

    init(_ directory: RunDirectory) {
        self.directory = directory
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        if case .epochCompleted(let report) = event, report.isBest, let report = run.validationReport,
            let images = run.validationImages
        {
            // What was said of test images is another model's.
            var table = PredictionTable()
            table.replace(.validation, by: report, on: images)
            try table.write(to: directory.predictionsFile)
        }
        return .continue
    }
}
