/// Softmax followed by the negative logarithm of the true class's probability, averaged over the batch.
///
///     loss = mean over samples of −Σₖ tₖ · log softmax(logits)ₖ
///
/// t is 1 for the true class and 0 for the others; with label smoothing ε of K classes it is 1 − ε + ε/K and ε/K.
/// Sources: Bridle, 1990; label smoothing: Szegedy et al., "Rethinking the Inception Architecture", 2016, section 7.
public struct SoftmaxCrossEntropy: Hashable, Codable, Sendable {
    /// ε, 0 ... 1.
    public var labelSmoothing: Double

    public init(labelSmoothing: Double = 0) {
        self.labelSmoothing = labelSmoothing
    }

    /// Computes the loss and, where asked for, the gradient of its mean.
    ///
    /// - Parameters:
    ///   - logits: samples × classes.
    ///   - labels: a class index for each sample.
    ///   - gradient: samples × classes, overwritten with (softmax − t) / samples.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func evaluate<Scalar: ReferenceScalar>(
        logits: UnsafePointer<Scalar>, labels: UnsafePointer<Int32>, samples: Int, classes: Int,
        gradient: UnsafeMutablePointer<Scalar>?
    ) -> StepResult {
        let smoothing = Scalar(labelSmoothing)
        let share = smoothing / Scalar(classes)
        var result = StepResult(lossSum: 0, correct: 0)
        for sample in 0..<samples {
            let row = logits + sample * classes
            let label = Int(labels[sample])
            var largest = row[0]
            var largestClass = 0
            for k in 1..<max(classes, 1) where row[k] > largest {
                largest = row[k]
                largestClass = k
            }
            var sum: Scalar = 0
            var shiftedSum: Scalar = 0
            for k in 0..<classes {
                let shifted = row[k] - largest
                let exponential = Scalar.exp(shifted)
                sum += exponential
                shiftedSum += shifted
                gradient?[sample * classes + k] = exponential
            }
            // −Σ tₖ (shiftedₖ − log sum), t summing to 1.
            let logSum = Scalar.log(sum)
            let weighted = (1 - smoothing) * (row[label] - largest) + share * shiftedSum
            result.lossSum += Double(logSum - weighted)
            result.correct += largestClass == label ? 1 : 0
            if let gradient = gradient.map({ $0 + sample * classes }) {
                let scale = 1 / Scalar(samples)
                for k in 0..<classes {
                    let target = share + (k == label ? 1 - smoothing : 0)
                    gradient[k] = (gradient[k] / sum - target) * scale
                }
            }
        }
        return result
    }
}
