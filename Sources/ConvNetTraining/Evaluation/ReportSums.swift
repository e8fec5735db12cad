/// Adds up what a ``ClassificationReport`` or a ``MultiLabelReport`` is made of.
struct ReportSums {
    private var sums: EvaluationSums
    private let classes: [String]
    private let outputs: ClassOutputs
    private let views: Int
    /// The sum of the probabilities of an image's views so far.
    private var mixed: [Float]
    private var viewsSeen = 0

    /// One or the other has one for each image, as the outputs are.
    private var outcomes: [ClassificationReport.Outcome] = []
    private var multiLabelOutcomes: [MultiLabelReport.Outcome] = []

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

    /// Probabilities are kept where they are part of the outcome: of a thousand exclusive classes they would fill the memory.
    private mutating func note(_ probabilities: [Float], _ target: Target) {
        let answer = outputs.answer(probabilities[...])
        guard outputs == .exclusive else {
            multiLabelOutcomes.append(
                MultiLabelReport.Outcome(
                    index: multiLabelOutcomes.count, labels: target.classes, answer: answer,
                    probabilities: probabilities))
            return
        }
        outcomes.append(
            ClassificationReport.Outcome(
                index: outcomes.count, label: target.label, prediction: answer[0],
                probability: probabilities[answer[0]], labelProbability: probabilities[target.label]))
    }

    /// The one or the other, as the outputs are.
    var anyReport: any EvaluationReport {
        if outputs == .exclusive { report } else { multiLabelReport }
    }

    /// Of images with one class each.
    var report: ClassificationReport {
        ClassificationReport(evaluation: sums.evaluation, classes: classes, outcomes: outcomes)
    }

    /// Of images with any number of classes.
    var multiLabelReport: MultiLabelReport {
        MultiLabelReport(
            evaluation: sums.evaluation, classes: classes, outputs: outputs, outcomes: multiLabelOutcomes)
    }
}
