/// The share of images whose answer is right: whose class came first, of equal outputs the first; of several labels an image, the share
/// of those all of whose labels and no others are answered.
///
/// The latter is what the field calls subset accuracy, or exact match ratio.
public struct Accuracy: Metric {
    public let name = "accuracy", title = "accuracy"
    public let unit = MetricUnit.share, direction = MetricDirection.higherIsBetter

    public init() {}

    public func makeAccumulator(classes: Int) -> Accumulator { Accumulator() }

    /// Counts right answers.
    public struct Accumulator: MetricAccumulator {
        private(set) var right = 0
        private(set) var images = 0

        public mutating func add(_ predictions: Predictions) {
            predictions.logits.withUnsafeBufferPointer {
                add(logits: $0, targets: predictions.targets, outputs: predictions.outputs)
            }
        }

        /// Takes note of some images, of whose outputs no probabilities are needed: every training step does this.
        mutating func add(
            logits: UnsafeBufferPointer<Float>, targets: [Target], outputs: ClassOutputs
        ) {
            guard !targets.isEmpty else { return }
            let classes = logits.count / targets.count
            for (index, target) in targets.enumerated() {
                let row = UnsafeBufferPointer(rebasing: logits[index * classes..<(index + 1) * classes])
                right += outputs.isRight(target, row) ? 1 : 0
            }
            images += targets.count
        }

        /// 0 of no images.
        public var value: MetricValue { MetricValue(Double(right) / Double(max(images, 1))) }
    }
}

/// The share of images whose class is among the first few.
///
/// A class is behind those with a larger output, and behind those with an equal one that come before it in the list of classes.
public struct TopAccuracy: Metric {
    /// How many come first.
    public let count: Int
    public var name: String { "top\(count)_accuracy" }
    public var title: String { "top-\(count)" }
    public let unit = MetricUnit.share, direction = MetricDirection.higherIsBetter

    /// - Parameter count: how many come first, 1 or more.
    public init(_ count: Int) {
        self.count = count
    }

    /// Of several labels an image there is no first one.
    public func fits(_ kind: TargetKind) -> Bool { kind != .labels }

    public func makeAccumulator(classes: Int) -> Accumulator { Accumulator(count: count) }

    /// Counts images whose class is among the first.
    public struct Accumulator: MetricAccumulator {
        fileprivate let count: Int
        private var right = 0
        private var images = 0

        fileprivate init(count: Int) {
            self.count = count
        }

        public mutating func add(_ predictions: Predictions) {
            for (index, target) in predictions.targets.enumerated() {
                let rank = predictions.logits(at: index).withUnsafeBufferPointer { topKRank(of: target.label, in: $0) }
                right += rank < count ? 1 : 0
            }
            images += predictions.count
        }

        /// 0 of no images.
        public var value: MetricValue { MetricValue(Double(right) / Double(max(images, 1))) }
    }
}

extension ClassOutputs {
    fileprivate func isRight(_ target: Target, _ logits: UnsafeBufferPointer<Float>) -> Bool {
        // By the outputs themselves: equal probabilities may have been made from unequal ones.
        guard self != .exclusive else { return topKRank(of: target.label, in: logits) < 1 }
        return answer(probabilities(Array(logits)[...])[...]) == target.classes
    }
}

/// How many classes come before `label`: those with a larger logit, and equal ones with a smaller index. A logit that is
/// not a number comes last.
func topKRank(of label: Int, in logits: UnsafeBufferPointer<Float>) -> Int {
    let own = logits[label]
    guard !own.isNaN else { return logits.count }
    return logits.enumerated().count { index, logit in logit > own || (logit == own && index < label) }
}
