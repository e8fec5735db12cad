import ConvNetEngine

/// How a model does on a dataset whose images have one class each, class by class and image by image.
public struct ClassificationReport: EvaluationReport {
    /// The metrics over all images.
    public let evaluation: Evaluation
    /// The class names.
    public let classes: [String]
    /// One for each image, in the dataset's order.
    public let outcomes: [Outcome]
    /// How many images of each class (row) were taken for each class (column).
    public let confusion: [[Int]]

    /// What came of one image.
    public struct Outcome: Hashable, Sendable {
        /// Its position in the dataset.
        public let index: Int
        /// The class that it is labelled with.
        public let label: Int
        /// The most probable class; of equal ones the first.
        public let prediction: Int
        /// How probable the model holds that.
        public let probability: Float
        /// How probable it holds the label; not a number where nobody has kept it.
        public let labelProbability: Float

        package init(index: Int, label: Int, prediction: Int, probability: Float, labelProbability: Float = .nan) {
            self.index = index
            self.label = label
            self.prediction = prediction
            self.probability = probability
            self.labelProbability = labelProbability
        }
    }

    package init(evaluation: Evaluation, classes: [String], outcomes: [Outcome]) {
        self.evaluation = evaluation
        self.classes = classes
        self.outcomes = outcomes
        var confusion = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: classes.count)
        for outcome in outcomes { confusion[outcome.label][outcome.prediction] += 1 }
        self.confusion = confusion
    }

    /// One for each class.
    public var scores: [ClassScore] {
        let counts = ClassCounts(confusion: confusion)
        return classes.indices.map { ClassScore(classes[$0], $0, counts) }
    }

    public var calibration: CalibrationBins {
        var bins = CalibrationBins(ExpectedCalibrationError().bins)
        for outcome in outcomes { bins.add(outcome.probability, isRight: outcome.prediction == outcome.label) }
        return bins
    }

    /// The images that were taken for another class, the most confident mistakes first.
    public var mistakes: [Outcome] {
        outcomes.filter { $0.prediction != $0.label }
            .sorted { ($0.probability, $1.index) > ($1.probability, $0.index) }
    }

    /// Images of a class that were taken for another.
    public struct Confusion: Hashable, Sendable {
        /// What they are.
        public let label: Int
        /// What they were taken for.
        public let prediction: Int
        /// How many.
        public let imageCount: Int
    }

    /// The confusions that there are, the most frequent first.
    public var confusions: [Confusion] {
        classes.indices.flatMap { label in
            classes.indices.filter { $0 != label && confusion[label][$0] > 0 }.map {
                Confusion(label: label, prediction: $0, imageCount: confusion[label][$0])
            }
        }.sorted { ($0.imageCount, $1.label, $1.prediction) > ($1.imageCount, $0.label, $0.prediction) }
    }

    private enum CodingKeys: CodingKey {
        case classes, confusion
    }

    /// The keys of an ``Evaluation``, and `classes` and `confusion` beside them.
    public func encode(to encoder: any Encoder) throws {
        try evaluation.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(scores, forKey: .classes)
        try container.encode(confusion, forKey: .confusion)
    }
}
