/// A sigmoid for each class followed by the negative logarithm of the probability of what is true of it, averaged over all samples and
/// classes, as PyTorch's `binary_cross_entropy_with_logits` has it: for images that have any number of classes.
///
///     loss = mean over samples and classes of −w · t · log σ(logit) − (1 − t) · log(1 − σ(logit))
///
/// t is 1 for the classes that a sample has and 0 for the others, or the soft target; with label smoothing ε it is
/// (1 − ε) · t + ε/2. w is the class's positive weight, 1 where there are none. A sample's own loss is the mean over its classes.
public struct BinaryCrossEntropy: Loss {
    public static let kind = "binary-cross-entropy"

    /// ε, 0 ... 1.
    public var labelSmoothing: Double

    /// w, above 0 for each class: what having it counts, beside not having it; none where all are 1. The number of images without a
    /// class divided by that of images with it makes both count the same.
    public var positiveWeights: [Double]

    /// No smoothing and no weights, unless said otherwise.
    public init(labelSmoothing: Double = 0, positiveWeights: [Double] = []) {
        self.labelSmoothing = labelSmoothing
        self.positiveWeights = positiveWeights
    }

    /// Validation compares probabilities with labels: without label smoothing, having a class counting as much as not having it.
    public var forEvaluation: any Loss { BinaryCrossEntropy() }

    public var outputs: OutputKind { .independent }

    public func validate(classes: Int?) throws {
        try validate(labelSmoothing: labelSmoothing)
        if let weight = positiveWeights.first(where: { !($0 > 0 && Float($0).isFinite) }) {
            throw SettingError("positive weights must be above 0, received \(weight)")
        }
        if let classes, !positiveWeights.isEmpty, positiveWeights.count != classes {
            throw SettingError("\(positiveWeights.count) positive weights for \(classes) classes")
        }
    }

    public func evaluate(
        logits: UnsafePointer<Float>, labels: UnsafePointer<Int32>, softTargets: UnsafePointer<Float>?, samples: Int,
        classes: Int, gradient: UnsafeMutablePointer<Float>?
    ) -> StepResult {
        measure(
            logits: logits, labels: labels, softTargets: softTargets, samples: samples, classes: classes,
            gradient: gradient)
    }

    /// As the protocol's function, for any kind of number.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func measure<Scalar: ReferenceScalar>(
        logits: UnsafePointer<Scalar>, labels: UnsafePointer<Int32>, softTargets: UnsafePointer<Scalar>? = nil,
        samples: Int, classes: Int, gradient: UnsafeMutablePointer<Scalar>?
    ) -> StepResult {
        let scale = 1 / (Scalar(samples) * Scalar(classes))
        let smoothing = Scalar(labelSmoothing)
        var result = StepResult(weight: Double(samples))
        for sample in 0..<samples {
            let start = sample * classes
            let label = Int(labels[sample])
            var sum: Scalar = 0
            for k in 0..<classes {
                let logit = logits[start + k]
                let hard = softTargets?[start + k] ?? (k == label ? 1 : 0)
                let target = (1 - smoothing) * hard + smoothing / 2
                let positiveWeight = positiveWeights.isEmpty ? 1 : Scalar(positiveWeights[k])
                // log(1 + e^-x) = −log σ(x), without e^x of a large x; log(1 + e^x) is x more.
                let exponential = Scalar.exp(-abs(logit))
                let logSum = Scalar.log(1 + exponential) + max(-logit, 0)
                let weight = 1 + (positiveWeight - 1) * target
                sum += (1 - target) * logit + weight * logSum
                let complement = (logit < 0 ? 1 : exponential) / (1 + exponential)
                gradient?[start + k] = (1 - target - weight * complement) * scale
            }
            result.lossSum += Double(sum) / Double(classes)
        }
        return result
    }
}
