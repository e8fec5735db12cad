/// The mean over the classes of F1, the harmonic mean of precision and recall. Classes that there is neither an image of nor an answer
/// with do not count.
///
/// As scikit-learn's `f1_score` with `average="macro"` and `zero_division=nan`.
public struct MacroF1: Metric {
    public let name = "macro_f1", title = "macro F1"
    public let unit = MetricUnit.share, direction = MetricDirection.higherIsBetter

    public init() {}

    public func makeAccumulator(classes: Int) -> Accumulator { Accumulator(counts: ClassCounts(classes: classes)) }

    /// Counts answers.
    public struct Accumulator: MetricAccumulator {
        fileprivate var counts: ClassCounts

        public mutating func add(_ predictions: Predictions) { counts.add(predictions) }

        public var value: MetricValue { MetricValue(meanOf: counts.images.indices.map(counts.f1)) }
    }
}
