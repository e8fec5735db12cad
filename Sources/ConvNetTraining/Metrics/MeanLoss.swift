import ConvNetEngine

/// The mean of a loss over all images.
public struct MeanLoss: Metric {
    public let name = "loss", title = "loss"
    public let unit = MetricUnit.number, direction = MetricDirection.lowerIsBetter

    /// nil for what the outputs are usually trained with.
    private let loss: (any Loss)?

    /// - Parameter loss: what is averaged; nil for cross-entropy or, of several labels an image, binary cross-entropy.
    public init(_ loss: (any Loss)? = nil) {
        self.loss = loss
    }

    public func makeAccumulator(classes: Int) -> Accumulator { Accumulator(loss: loss) }

    /// Adds up losses.
    public struct Accumulator: MetricAccumulator {
        fileprivate let loss: (any Loss)?
        private var sum = StepResult()

        fileprivate init(loss: (any Loss)?) {
            self.loss = loss
        }

        public mutating func add(_ predictions: Predictions) {
            guard predictions.count > 0 else { return }
            sum += (loss ?? predictions.outputs.usualLoss).evaluate(predictions)
        }

        /// 0 of no images.
        public var value: MetricValue { MetricValue(sum.loss) }
    }
}

extension ClassOutputs {
    /// What these outputs are trained with where nobody says it.
    fileprivate var usualLoss: any Loss { self == .exclusive ? SoftmaxCrossEntropy() : BinaryCrossEntropy() }
}

extension Loss {
    fileprivate func evaluate(_ predictions: Predictions) -> StepResult {
        let labels = predictions.targets.map { Int32($0.label) }
        func evaluate(_ softTargets: UnsafePointer<Float>?) -> StepResult {
            self.evaluate(
                logits: predictions.logits, labels: labels, softTargets: softTargets, samples: predictions.count,
                classes: predictions.classes, gradient: nil)
        }
        guard predictions.outputs != .exclusive else { return evaluate(nil) }
        var rows = [Float](repeating: 0, count: predictions.logits.count)
        rows.withUnsafeMutableBufferPointer { rows in
            for (index, target) in predictions.targets.enumerated() {
                let first = index * predictions.classes
                target.write(to: UnsafeMutableBufferPointer(rebasing: rows[first..<first + predictions.classes]))
            }
        }
        return evaluate(rows)
    }
}
