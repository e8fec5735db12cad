/// The mean over the classes of average precision: how purely a class's images come first where all images are ordered by how probable
/// they are held to be of it. Classes without images do not count.
///
///     AP = Σ over thresholds of (recall − recall at the threshold before) · precision
///
/// Every probability that occurs is a threshold, the largest first. As scikit-learn's `average_precision_score` for each class.
/// Keeps a probability and a bit for each image and class.
public struct MeanAveragePrecision: Metric {
    public let name = "mean_average_precision", title = "mAP"
    public let unit = MetricUnit.share, direction = MetricDirection.higherIsBetter

    public init() {}

    public func makeAccumulator(classes: Int) -> Accumulator { Accumulator(classes: classes) }

    /// Keeps probabilities.
    public struct Accumulator: MetricAccumulator {
        private var table: ScoreTable

        fileprivate init(classes: Int) {
            table = ScoreTable(classes: classes)
        }

        public mutating func add(_ predictions: Predictions) { table.add(predictions) }

        public var value: MetricValue { MetricValue(meanOf: table.forEachClass(averagePrecision)) }
    }
}

/// How probable each image is held to be of each class, and whether it is.
struct ScoreTable {
    /// For each class, the probability of each image.
    private var scores: [[Float]]
    /// For each class, the positions of its images.
    private var positives: [[Int]]

    init(classes: Int) {
        scores = [[Float]](repeating: [], count: classes)
        positives = [[Int]](repeating: [], count: classes)
    }

    mutating func add(_ predictions: Predictions) {
        for (index, target) in predictions.targets.enumerated() {
            for label in target.classes { positives[label].append(scores[label].count) }
            for (label, probability) in predictions.probabilities(at: index).enumerated() {
                scores[label].append(probability)
            }
        }
    }

    func forEachClass<Value>(_ value: (_ scores: [Float], _ positives: [Int]) -> Value) -> [Value] {
        zip(scores, positives).map(value)
    }
}

/// - Parameters:
///   - scores: one for each image.
///   - positives: the positions of those that should come first, in ascending order.
/// - Returns: nil where there are no positives.
func averagePrecision(_ scores: [Float], _ positives: [Int]) -> Double? {
    guard !positives.isEmpty else { return nil }
    // Not each positive needs a place in the order: how many images have its score or a larger one is all.
    let all = scores.sorted(by: >)
    let right = positives.map { scores[$0] }.sorted(by: >)
    var sum = 0.0
    var (taken, found) = (0, 0)
    while found < right.count {
        let threshold = right[found]
        let before = found
        while found < right.count, right[found] == threshold { found += 1 }
        // What is no number equals nothing, not even itself.
        guard found > before else { return nil }
        while taken < all.count, all[taken] >= threshold { taken += 1 }
        sum += Double(found - before) * Double(found) / Double(taken)
    }
    return sum / Double(positives.count)
}
