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
        private var bins: CalibrationBins

        fileprivate init(bins: Int) {
            self.bins = CalibrationBins(bins)
        }

        public mutating func add(_ predictions: Predictions) {
            for (index, target) in predictions.targets.enumerated() {
                let probabilities = predictions.probabilities(at: index)
                if predictions.outputs == .exclusive {
                    let answer = predictions.answers[index]
                    bins.add(probabilities[probabilities.startIndex + answer[0]], isRight: answer == target.classes)
                } else {
                    for (label, probability) in probabilities.enumerated() {
                        bins.add(probability, isRight: target.classes.contains(label))
                    }
                }
            }
        }

        public var value: MetricValue { MetricValue(bins.expectedError) }
    }
}
