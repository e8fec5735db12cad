/// Softmax followed by the negative logarithm of the true class's probability, averaged over the batch, as PyTorch's
/// `cross_entropy` has it.
///
///     loss = Σ over samples of −Σₖ wₖ · tₖ · log softmax(logits)ₖ, divided by Σ over samples of w of the label
///
/// t is 1 for the true class and 0 for the others; with label smoothing ε of K classes it is 1 − ε + ε/K and ε/K. Soft
/// targets q give (1 − ε) · q + ε/K, and the sum is then divided by the number of samples whatever the weights, as in
/// PyTorch. Without class weights all w are 1.
///
/// Sources: Bridle, 1990; label smoothing: Szegedy et al., "Rethinking the Inception Architecture", 2016, section 7.
public struct SoftmaxCrossEntropy: Loss {
    public static let kind = "cross-entropy"

    /// ε, 0 ... 1.
    public var labelSmoothing: Double

    /// w, 0 or more for each class and not all 0; none where all classes count the same.
    public var classWeights: [Double]

    /// No smoothing and no weights, unless said otherwise.
    public init(labelSmoothing: Double = 0, classWeights: [Double] = []) {
        self.labelSmoothing = labelSmoothing
        self.classWeights = classWeights
    }

    /// Validation compares probabilities with labels: without label smoothing, each image counting the same.
    public var forEvaluation: any Loss { SoftmaxCrossEntropy() }

    public func validate(classes: Int?) throws {
        try validate(labelSmoothing: labelSmoothing)
        if let weight = classWeights.first(where: { !($0 >= 0 && Float($0).isFinite) }) {
            throw SettingError("class weights must be 0 or more, received \(weight)")
        }
        if !classWeights.isEmpty, classWeights.allSatisfy({ $0 == 0 }) {
            throw SettingError("the class weights are all 0; at least one class must count")
        }
        if let classes, !classWeights.isEmpty, classWeights.count != classes {
            throw SettingError("\(classWeights.count) class weights for \(classes) classes")
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
    package func measure<Scalar: ReferenceScalar>(
        logits: UnsafePointer<Scalar>, labels: UnsafePointer<Int32>, softTargets: UnsafePointer<Scalar>? = nil,
        samples: Int, classes: Int, gradient: UnsafeMutablePointer<Scalar>?
    ) -> StepResult {
        if softTargets == nil, classWeights.isEmpty {
            return unweighted(logits: logits, labels: labels, samples: samples, classes: classes, gradient: gradient)
        }
        return weighted(
            logits: logits, labels: labels, softTargets: softTargets, samples: samples, classes: classes,
            gradient: gradient)
    }

    /// Class indices that all count the same: what nearly all training is.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func unweighted<Scalar: ReferenceScalar>(
        logits: UnsafePointer<Scalar>, labels: UnsafePointer<Int32>, samples: Int, classes: Int,
        gradient: UnsafeMutablePointer<Scalar>?
    ) -> StepResult {
        let smoothing = Scalar(labelSmoothing)
        let share = smoothing / Scalar(classes)
        var result = StepResult(weight: Double(samples))
        for sample in 0..<samples {
            let row = logits + sample * classes
            let label = Int(labels[sample])
            let largest = row.largest(count: classes)
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

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func weighted<Scalar: ReferenceScalar>(
        logits: UnsafePointer<Scalar>, labels: UnsafePointer<Int32>, softTargets: UnsafePointer<Scalar>?,
        samples: Int, classes: Int, gradient: UnsafeMutablePointer<Scalar>?
    ) -> StepResult {
        let smoothing = Scalar(labelSmoothing)
        let share = smoothing / Scalar(classes)
        var result = StepResult()
        for sample in 0..<samples {
            result.weight += softTargets == nil ? weight(of: Int(labels[sample])) : 1
        }
        let scale = result.weight > 0 ? Scalar(1 / result.weight) : 0
        for sample in 0..<samples {
            let row = logits + sample * classes
            let label = Int(labels[sample])
            let probabilities = softTargets.map { $0 + sample * classes }
            func target(_ k: Int) -> Scalar {
                let hard = probabilities?[k] ?? (k == label ? 1 : 0)
                return Scalar(weight(of: k)) * ((1 - smoothing) * hard + share)
            }
            let largest = row.largest(count: classes)
            var sum: Scalar = 0
            var (targetSum, weighted): (Scalar, Scalar) = (0, 0)
            for k in 0..<classes {
                let shifted = row[k] - largest
                sum += Scalar.exp(shifted)
                targetSum += target(k)
                weighted += target(k) * shifted
            }
            result.lossSum += Double(targetSum * Scalar.log(sum) - weighted)
            guard let gradient = gradient.map({ $0 + sample * classes }) else { continue }
            for k in 0..<classes {
                gradient[k] = (targetSum * Scalar.exp(row[k] - largest) / sum - target(k)) * scale
            }
        }
        return result
    }

    private func weight(of label: Int) -> Double { classWeights.isEmpty ? 1 : classWeights[label] }
}

extension UnsafePointer where Pointee: ReferenceScalar {
    /// The largest of `count` elements.
    @inline(__always)
    fileprivate func largest(count: Int) -> Pointee {
        var largest = self[0]
        for index in 1..<Swift.max(count, 1) where self[index] > largest { largest = self[index] }
        return largest
    }
}
