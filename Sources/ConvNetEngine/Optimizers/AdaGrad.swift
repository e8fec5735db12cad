/// Gradients divided by the root of the sum of all their squares so far, as PyTorch's `Adagrad` has it:
///
///     g = gradient + weightDecay · w
///     s = s + g²
///     w = w − learningRate · g / (√s + ε)
///
/// Source: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", 2011.
public struct AdaGrad: Optimizer {
    public static let kind = "adagrad"

    /// ε, above 0.
    public var epsilon: Double
    public var weightDecay: Float

    /// PyTorch's defaults.
    public init(epsilon: Double = 1e-10, weightDecay: Float = 0) {
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    public var stateNames: [String] { ["square_sum"] }

    public func validate() throws {
        try ConvNetEngine.validate(epsilon: epsilon)
        try ConvNetEngine.validate(weightDecay: weightDecay)
    }

    public func update(
        weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
        state: UnsafePointer<UnsafeMutablePointer<Float>>, range: Range<Int>, step: OptimizerStep
    ) {
        let squares = state[0]
        let epsilon = Float(epsilon)
        for i in range {
            let gradient = gradients[i] + step.weightDecay * weights[i]
            squares[i] += gradient * gradient
            weights[i] -= step.learningRate * gradient / (squares[i].squareRoot() + epsilon)
        }
    }
}
