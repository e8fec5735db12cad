/// The squared difference of logits and targets, averaged over all elements, as PyTorch's `mse_loss` has it.
///
///     loss = mean over samples and classes of (logit − t)²
///
/// t is 1 for the true class and 0 for the others, or the soft target; in validation always the former. A sample's own
/// loss is the mean over its classes.
public struct MeanSquaredError: Loss {
    public static let kind = "mean-squared-error"

    public init() {}

    public func validate(classes: Int?) {}

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
        let scale = 2 / (Scalar(samples) * Scalar(classes))
        var result = StepResult(weight: Double(samples))
        for sample in 0..<samples {
            let start = sample * classes
            let label = Int(labels[sample])
            var squares: Scalar = 0
            for k in 0..<classes {
                let difference = logits[start + k] - (softTargets?[start + k] ?? (k == label ? 1 : 0))
                squares += difference * difference
                gradient?[start + k] = difference * scale
            }
            result.lossSum += Double(squares) / Double(classes)
        }
        return result
    }
}
