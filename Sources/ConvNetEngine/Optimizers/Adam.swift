import Foundation

/// Adaptive moment estimation, with weight decay added to the gradient as PyTorch's `Adam` has it:
///
///     g = gradient + weightDecay · w
///     m = β₁ · m + (1 − β₁) · g
///     v = β₂ · v + (1 − β₂) · g²
///     w = w − learningRate · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)           t counts the updates from 1
///
/// Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1.
public struct Adam: Optimizer {
    public static let kind = "adam"

    /// How much of the mean gradient, and of the mean squared gradient, stays in each update; 0 ..< 1.
    public var beta1, beta2: Double

    /// ε, above 0.
    public var epsilon: Double
    public var weightDecay: Float

    /// PyTorch's defaults, which are the paper's.
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Float = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    public var stateNames: [String] { Moments.stateNames }

    public func validate() throws { try moments.validate(weightDecay: weightDecay) }

    public func update(
        weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
        state: UnsafePointer<UnsafeMutablePointer<Float>>, range: Range<Int>, step: OptimizerStep
    ) {
        moments.update(
            weights: weights, gradients: gradients, state: state, range: range, step: step,
            addedDecay: step.weightDecay, shrinkage: 1)
    }

    private var moments: Moments { Moments(beta1: beta1, beta2: beta2, epsilon: epsilon) }
}

/// Adam with weight decay apart from the gradient, which the moments then know nothing of, as PyTorch's `AdamW` has it:
///
///     w = w · (1 − learningRate · weightDecay), then Adam's update without weight decay
///
/// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2.
public struct AdamW: Optimizer {
    public static let kind = "adamw"

    /// As in ``Adam``.
    public var beta1, beta2: Double

    /// ε, above 0.
    public var epsilon: Double
    public var weightDecay: Float

    /// PyTorch's defaults.
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Float = 0.01) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    public var stateNames: [String] { Moments.stateNames }

    public func validate() throws { try moments.validate(weightDecay: weightDecay) }

    public func update(
        weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
        state: UnsafePointer<UnsafeMutablePointer<Float>>, range: Range<Int>, step: OptimizerStep
    ) {
        moments.update(
            weights: weights, gradients: gradients, state: state, range: range, step: step,
            addedDecay: 0, shrinkage: Float(1 - Double(step.learningRate) * Double(step.weightDecay)))
    }

    private var moments: Moments { Moments(beta1: beta1, beta2: beta2, epsilon: epsilon) }
}

/// What Adam and AdamW share.
///
/// The betas are `Double`: 1 − 0.999 would have lost four of its digits in `Float`.
private struct Moments {
    static let stateNames = ["first_moment", "second_moment"]

    var beta1, beta2, epsilon: Double

    func validate(weightDecay: Float) throws {
        try ConvNetEngine.validate("beta1", share: beta1)
        try ConvNetEngine.validate("beta2", share: beta2)
        try ConvNetEngine.validate(epsilon: epsilon)
        try ConvNetEngine.validate(weightDecay: weightDecay)
    }

    /// - Parameters:
    ///   - addedDecay: what is added to gradients, times the weights.
    ///   - shrinkage: what weights are multiplied by before the update.
    @inline(__always)
    func update(
        weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
        state: UnsafePointer<UnsafeMutablePointer<Float>>, range: Range<Int>, step: OptimizerStep,
        addedDecay: Float, shrinkage: Float
    ) {
        let (first, second) = (state[0], state[1])
        let (kept1, taken1) = (Float(beta1), Float(1 - beta1))
        let (kept2, taken2) = (Float(beta2), Float(1 - beta2))
        let rate = Float(Double(step.learningRate) / (1 - pow(beta1, Double(step.number))))
        let scale = Float(1 / (1 - pow(beta2, Double(step.number))).squareRoot())
        let epsilon = Float(epsilon)
        for i in range {
            let gradient = gradients[i] + addedDecay * weights[i]
            first[i] = kept1 * first[i] + taken1 * gradient
            second[i] = kept2 * second[i] + taken2 * gradient * gradient
            weights[i] = shrinkage * weights[i] - rate * first[i] / (second[i].squareRoot() * scale + epsilon)
        }
    }
}
