import ConvNetEngine

/// How a model does on a dataset, class by class and image by image.
public struct ClassificationReport: Sendable, Encodable {
    /// Accuracy and loss over all images.
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
        /// How probable it holds the label.
        public let labelProbability: Float
    }

    /// How one class does. What would be divided by zero is nil.
    public struct ClassScore: Hashable, Sendable, Encodable {
        /// The class's name.
        public let name: String
        /// Images of it.
        public let imageCount: Int
        /// Of the images taken for this class, the share that are of it.
        public let precision: Double?
        /// Of the images of this class, the share that were taken for it.
        public let recall: Double?
        /// The harmonic mean of the two.
        public let f1: Double?

        private enum CodingKeys: String, CodingKey {
            case name
            case imageCount = "images"
            case precision, recall, f1
        }

        /// All keys; what is nil is null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(imageCount, forKey: .imageCount)
            try container.encode(precision, forKey: .precision)
            try container.encode(recall, forKey: .recall)
            try container.encode(f1, forKey: .f1)
        }
    }

    init(evaluation: Evaluation, classes: [String], outcomes: [Outcome]) {
        self.evaluation = evaluation
        self.classes = classes
        self.outcomes = outcomes
        var confusion = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: classes.count)
        for outcome in outcomes { confusion[outcome.label][outcome.prediction] += 1 }
        self.confusion = confusion
    }

    /// One for each class.
    public var scores: [ClassScore] {
        classes.indices.map { label in
            let images = confusion[label].reduce(0, +)
            let taken = confusion.reduce(0) { $0 + $1[label] }
            let right = confusion[label][label]
            func share(of whole: Int) -> Double? { whole > 0 ? Double(right) / Double(whole) : nil }
            return ClassScore(
                name: classes[label], imageCount: images, precision: share(of: taken), recall: share(of: images),
                f1: images + taken > 0 ? Double(2 * right) / Double(images + taken) : nil)
        }
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

/// Gathers what a ``ClassificationReport`` is made of.
struct ReportSums {
    private var sums = EvaluationSums()
    private var outcomes: [ClassificationReport.Outcome] = []
    private let classes: [String]
    private let views: Int
    /// The sum of the probabilities of an image's views so far.
    private var mixed: [Float]
    private var viewsSeen = 0

    init(classes: [String], views: Int) {
        self.classes = classes
        self.views = views
        mixed = [Float](repeating: 0, count: classes.count)
    }

    /// - Parameter labels: one for each row of logits; those of an image's views are equal and follow one another.
    mutating func add(logits: UnsafeBufferPointer<Float>, labels: [Int32]) {
        if views == 1 { sums.add(logits: logits, labels: labels) }
        for (row, label) in labels.enumerated() {
            let probabilities = softmax(Array(logits[row * classes.count..<(row + 1) * classes.count])[...])
            guard views > 1 else {
                note(probabilities, label: Int(label))
                continue
            }
            for index in mixed.indices { mixed[index] += probabilities[index] }
            viewsSeen += 1
            guard viewsSeen == views else { continue }
            let mean = mixed.map { $0 / Float(views) }
            // Logarithms are logits of the same probabilities; what is 0 must not become infinite.
            mean.map { Float.log(max($0, .leastNormalMagnitude)) }.withUnsafeBufferPointer {
                sums.add(logits: $0, labels: [label])
            }
            note(mean, label: Int(label))
            mixed = [Float](repeating: 0, count: classes.count)
            viewsSeen = 0
        }
    }

    private mutating func note(_ probabilities: [Float], label: Int) {
        var prediction = 0
        for index in probabilities.indices where probabilities[index] > probabilities[prediction] { prediction = index }
        outcomes.append(
            ClassificationReport.Outcome(
                index: outcomes.count, label: label, prediction: prediction, probability: probabilities[prediction],
                labelProbability: probabilities[label]))
    }

    var report: ClassificationReport {
        ClassificationReport(evaluation: sums.evaluation, classes: classes, outcomes: outcomes)
    }
}
