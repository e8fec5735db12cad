import ConvNetPages
import Foundation

/// How a model does on a dataset whose images have any number of classes, class by class and image by image.
public struct MultiLabelReport: EvaluationReport {
    /// The metrics over all images.
    public let evaluation: Evaluation
    /// The class names.
    public let classes: [String]
    /// From which probability on an image is answered with each class.
    public let thresholds: [Float]
    /// One for each image, in the dataset's order.
    public let outcomes: [Outcome]

    /// What came of one image.
    public struct Outcome: Hashable, Sendable {
        /// Its position in the dataset.
        public let index: Int
        /// The classes that it is labelled with, in ascending order.
        public let labels: [Int]
        /// The classes whose probabilities reach their thresholds, in ascending order.
        public let answer: [Int]
        /// How probable the model holds each class.
        public let probabilities: [Float]
    }

    /// The images of one class, and those that are not of it, by whether they are answered with it.
    public struct Confusion: Hashable, Sendable {
        /// Without the class, and answered so.
        public let trueNegatives: Int
        /// Answered with the class that they do not have.
        public let falsePositives: Int
        /// With the class, and not answered so.
        public let falseNegatives: Int
        /// Answered with the class that they have.
        public let truePositives: Int
    }

    /// A class that an image is wrongly answered with, or without.
    public struct Mistake: Hashable, Sendable {
        /// The image's position in the dataset.
        public let index: Int
        /// The class.
        public let label: Int
        /// How probable the model holds it.
        public let probability: Float
        /// Whether the image has the class; it is then missing in the answer.
        public let isMissing: Bool

        /// How sure the model is of what is wrong, 0 ... 1.
        public var confidence: Float { isMissing ? 1 - probability : probability }
    }

    private let counts: ClassCounts

    package init(evaluation: Evaluation, classes: [String], outputs: ClassOutputs, outcomes: [Outcome]) {
        self.evaluation = evaluation
        self.classes = classes
        self.outcomes = outcomes
        thresholds = classes.indices.map { outputs.threshold(of: $0) ?? 0.5 }
        var counts = ClassCounts(classes: classes.count)
        for outcome in outcomes { counts.add(target: outcome.labels, answer: outcome.answer) }
        self.counts = counts
    }

    /// The same images, answered from other probabilities on. The metrics stay as they are.
    func answered(with thresholds: [Float]) -> MultiLabelReport {
        let outputs = ClassOutputs.independent(thresholds: thresholds)
        let outcomes = outcomes.map { outcome in
            Outcome(
                index: outcome.index, labels: outcome.labels, answer: outputs.answer(outcome.probabilities[...]),
                probabilities: outcome.probabilities)
        }
        return MultiLabelReport(evaluation: evaluation, classes: classes, outputs: outputs, outcomes: outcomes)
    }

    /// One for each class.
    public var scores: [ClassScore] { classes.indices.map { ClassScore(classes[$0], $0, counts) } }

    public var calibration: CalibrationBins {
        var bins = CalibrationBins(ExpectedCalibrationError().bins)
        for outcome in outcomes {
            for (label, probability) in outcome.probabilities.enumerated() {
                bins.add(probability, isRight: outcome.labels.contains(label))
            }
        }
        return bins
    }

    /// One for each class.
    public var confusion: [Confusion] {
        classes.indices.map { label in
            let right = counts.right[label]
            let (missing, wrong) = (counts.images[label] - right, counts.answered[label] - right)
            return Confusion(
                trueNegatives: outcomes.count - right - missing - wrong, falsePositives: wrong, falseNegatives: missing,
                truePositives: right)
        }
    }

    /// What is wrong in the answers, the surest first.
    public var mistakes: [Mistake] {
        outcomes.flatMap { outcome in
            classes.indices.compactMap { label -> Mistake? in
                let isLabelled = outcome.labels.contains(label)
                guard isLabelled != outcome.answer.contains(label) else { return nil }
                return Mistake(
                    index: outcome.index, label: label, probability: outcome.probabilities[label],
                    isMissing: isLabelled)
            }
        }.sorted { ($0.confidence, $1.index, $1.label) > ($1.confidence, $0.index, $0.label) }
    }

    private enum CodingKeys: CodingKey {
        case classes, confusion, thresholds
    }

    /// The keys of an ``Evaluation``, and `classes`, `thresholds` and `confusion` beside them: for each class `[[true negatives, false
    /// positives], [false negatives, true positives]]`, as scikit-learn's `multilabel_confusion_matrix`.
    public func encode(to encoder: any Encoder) throws {
        try evaluation.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(scores, forKey: .classes)
        try container.encode(thresholds, forKey: .thresholds)
        try container.encode(
            confusion.map { [[$0.trueNegatives, $0.falsePositives], [$0.falseNegatives, $0.truePositives]] },
            forKey: .confusion)
    }
}

extension MultiLabelReport {
    /// A line for each class: from which probability on it is answered, and how many images have it and are answered with it, are
    /// wrongly answered with it, and wrongly without it.
    public func confusionText(width: Int) -> String {
        let columns = ["threshold", "right", "wrongly with it", "wrongly without it"]
        var table = TextTable(columns: [.left("class")] + columns.map { .right($0) })
        for (label, counts) in confusion.enumerated() {
            table.append([
                classes[label], String(format: "%.3f", thresholds[label]), counts.truePositives.grouped,
                counts.falsePositives.grouped, counts.falseNegatives.grouped,
            ])
        }
        return "Images that were answered with each class:\n" + table.text(fitting: width, leavingOut: columns)
    }
}
