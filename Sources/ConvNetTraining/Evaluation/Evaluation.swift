import ConvNetEngine

/// How well a model does on a dataset.
public struct Evaluation: Hashable, Codable, Sendable {
    /// Mean cross-entropy, without label smoothing and class weights; in validation, the run's own ``Loss/forEvaluation``.
    public var loss: Double

    /// The share of images whose class came first.
    public var accuracy: Double

    /// The share of images whose class was among the first five.
    public var top5Accuracy: Double

    /// The number of images.
    public var imageCount: Int

    private enum CodingKeys: String, CodingKey {
        case loss, accuracy
        case top5Accuracy = "top5_accuracy"
        case imageCount = "images"
    }
}

/// Sums over images, from which an ``Evaluation`` is made.
struct EvaluationSums {
    private let loss: any Loss
    private var sum = StepResult()
    private var correct = 0
    private var amongTop5 = 0
    private var imageCount = 0

    init(_ loss: any Loss = SoftmaxCrossEntropy()) {
        self.loss = loss
    }

    /// - Parameter logits: one row a label.
    mutating func add(logits: UnsafeBufferPointer<Float>, labels: [Int32]) {
        let classes = logits.count / labels.count
        guard let start = logits.baseAddress else { return }
        sum += loss.evaluate(
            logits: start, labels: labels, softTargets: nil, samples: labels.count, classes: classes, gradient: nil)
        for (sample, label) in labels.enumerated() {
            let row = logits[sample * classes..<(sample + 1) * classes]
            let rank = topKRank(of: Int(label), in: row)
            correct += rank < 1 ? 1 : 0
            amongTop5 += rank < 5 ? 1 : 0
        }
        imageCount += labels.count
    }

    var evaluation: Evaluation {
        let count = Double(max(imageCount, 1))
        return Evaluation(
            loss: sum.loss, accuracy: Double(correct) / count, top5Accuracy: Double(amongTop5) / count,
            imageCount: imageCount)
    }
}

/// How many classes come before `label`: those with a larger logit, and equal ones with a smaller index. A logit that is
/// not a number comes last.
func topKRank(of label: Int, in logits: Slice<UnsafeBufferPointer<Float>>) -> Int {
    let own = logits[logits.startIndex + label]
    guard !own.isNaN else { return logits.count }
    return logits.enumerated().count { index, logit in logit > own || (logit == own && index < label) }
}
