/// Adds up what a ``ClassificationReport`` or a ``MultiLabelReport`` is made of.
struct ReportSums {
    private var sums: EvaluationSums
    private let classes: [String]
    private let outputs: ClassOutputs
    private let views: Int
    /// The sum of the probabilities of an image's views so far.
    private var mixed: [Float]
    private var viewsSeen = 0

    private var targets: [Target] = []
    private var probabilities: [[Float]] = []

    init(_ metrics: [any Metric], classes: [String], outputs: ClassOutputs, views: Int) {
        sums = EvaluationSums(metrics, classes: classes.count, outputs: outputs)
        self.classes = classes
        self.outputs = outputs
        self.views = views
        mixed = [Float](repeating: 0, count: classes.count)
    }

    /// - Parameter targets: one for each row of logits; those of an image's views are equal and follow one another.
    mutating func add(logits: UnsafeBufferPointer<Float>, targets: [Target]) {
        let predictions = Predictions(logits: Array(logits), targets: targets, outputs: outputs)
        if views == 1 { sums.add(predictions) }
        for (row, target) in targets.enumerated() {
            let probabilities = Array(predictions.probabilities(at: row))
            guard views > 1 else {
                note(probabilities, target)
                continue
            }
            for index in mixed.indices { mixed[index] += probabilities[index] }
            viewsSeen += 1
            guard viewsSeen == views else { continue }
            let mean = mixed.map { $0 / Float(views) }
            sums.add(Predictions(logits: outputs.logits(mean), targets: [target], outputs: outputs))
            note(mean, target)
            mixed = [Float](repeating: 0, count: classes.count)
            viewsSeen = 0
        }
    }

    private mutating func note(_ probabilities: [Float], _ target: Target) {
        self.probabilities.append(probabilities)
        targets.append(target)
    }

    /// Of images with one class each.
    var report: ClassificationReport {
        let outcomes = zip(targets, probabilities).enumerated().map { index, image in
            let (target, probabilities) = image
            let prediction = outputs.answer(probabilities[...])[0]
            return ClassificationReport.Outcome(
                index: index, label: target.label, prediction: prediction, probability: probabilities[prediction],
                labelProbability: probabilities[target.label])
        }
        return ClassificationReport(evaluation: sums.evaluation, classes: classes, outcomes: outcomes)
    }

    /// Of images with any number of classes.
    var multiLabelReport: MultiLabelReport {
        let outcomes = zip(targets, probabilities).enumerated().map { index, image in
            MultiLabelReport.Outcome(
                index: index, labels: image.0.classes, answer: outputs.answer(image.1[...]), probabilities: image.1)
        }
        return MultiLabelReport(
            evaluation: sums.evaluation, classes: classes, outputs: outputs, outcomes: outcomes)
    }
}
