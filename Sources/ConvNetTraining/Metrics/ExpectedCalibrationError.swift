/// How far probabilities are from how often they come true: answers that are held for 90 % probable should be right in 90 of 100
/// cases.
///
///     ECE = Σ over bins of images in the bin / images · |share that is right − mean probability|
///
/// An image belongs to the bin, of equally wide ones between 0 and 1, that its answer's probability is in. Of several labels an image,
/// each class of each image is counted by itself: its probability, and whether the image has it.
///
/// Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, section 2.
public struct ExpectedCalibrationError: Metric {
    public let name = "expected_calibration_error", title = "calibration error"
    public let unit = MetricUnit.share, direction = MetricDirection.lowerIsBetter

    /// The number of bins.
    public let bins: Int

    /// - Parameter bins: 1 or more; 15 as in the paper, unless said otherwise.
    public init(bins: Int = 15) {
        self.bins = bins
    }

    public func makeAccumulator(classes: Int) -> Accumulator { Accumulator(bins: bins) }

    /// Counts by bins.
    public struct Accumulator: MetricAccumulator {
        private struct Bin {
            var count = 0
            var right = 0
            var probability = 0.0
        }

        private var bins: [Bin]

        fileprivate init(bins: Int) {
            self.bins = [Bin](repeating: Bin(), count: bins)
        }

        public mutating func add(_ predictions: Predictions) {
            for (index, target) in predictions.targets.enumerated() {
                let probabilities = predictions.probabilities(at: index)
                if predictions.outputs == .exclusive {
                    let answer = predictions.answers[index]
                    add(probabilities[probabilities.startIndex + answer[0]], isRight: answer == target.classes)
                } else {
                    for (label, probability) in probabilities.enumerated() {
                        add(probability, isRight: target.classes.contains(label))
                    }
                }
            }
        }

        /// A bin has its upper end, and not its lower one.
        private mutating func add(_ probability: Float, isRight: Bool) {
            guard !probability.isNaN else { return }
            let bin = min(max(Int((Double(probability) * Double(bins.count)).rounded(.up)) - 1, 0), bins.count - 1)
            bins[bin].count += 1
            bins[bin].right += isRight ? 1 : 0
            bins[bin].probability += Double(probability)
        }

        public var value: MetricValue {
            let count = bins.reduce(0) { $0 + $1.count }
            guard count > 0 else { return MetricValue(nil) }
            return MetricValue(bins.reduce(0) { $0 + abs(Double($1.right) - $1.probability) } / Double(count))
        }
    }
}
