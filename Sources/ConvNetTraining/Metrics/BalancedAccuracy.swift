/// The mean over the classes of recall, the share of a class's images that are answered with it: accuracy, if all classes had as many
/// images. Classes without images do not count.
///
/// As scikit-learn's `balanced_accuracy_score`.
public struct BalancedAccuracy: Metric {
    public let name = "balanced_accuracy", title = "balanced accuracy"
    public let unit = MetricUnit.share, direction = MetricDirection.higherIsBetter

    public init() {}

    /// With several labels an image, answering with all classes would have a recall of 1.
    public func fits(_ kind: TargetKind) -> Bool { kind != .labels }

    public func makeAccumulator(classes: Int) -> Accumulator { Accumulator(counts: ClassCounts(classes: classes)) }

    /// Counts answers.
    public struct Accumulator: MetricAccumulator {
        fileprivate var counts: ClassCounts

        public mutating func add(_ predictions: Predictions) { counts.add(predictions) }

        public var value: MetricValue { MetricValue(meanOf: counts.images.indices.map(counts.recall)) }
    }
}
