/// Gradients divided by the root of their mean square, as PyTorch's `RMSprop` has it:
///
///     g = gradient + weightDecay · w
///     s = α · s + (1 − α) · g²
///     m = α · m + (1 − α) · g                             (centered; otherwise 0)
///     b = momentum · b + g / (√(s − m²) + ε)
///     w = w − learningRate · b
///
/// Sources: Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012; centered: Graves, "Generating
/// Sequences With Recurrent Neural Networks", 2013, section 4.2.
public struct RMSProp: Optimizer {
    public static let kind = "rmsprop"

    /// α, how much of the mean square stays in each update; 0 ..< 1.
    public var alpha: Double

    /// ε, above 0.
    public var epsilon: Double
    /// How much of the last change stays in each update; 0 ..< 1.
    public var momentum: Float

    /// Whether the squared mean is subtracted from the mean square, which makes a variance of it.
    public var centered: Bool
    public var weightDecay: Float

    /// PyTorch's defaults.
    public init(
        alpha: Double = 0.99, epsilon: Double = 1e-8, momentum: Float = 0, centered: Bool = false,
        weightDecay: Float = 0
    ) {
        self.alpha = alpha
        self.epsilon = epsilon
        self.momentum = momentum
        self.centered = centered
        self.weightDecay = weightDecay
    }

    public var stateNames: [String] {
        ["square_average"] + (centered ? ["gradient_average"] : []) + (momentum == 0 ? [] : ["momentum"])
    }

    public func validate() throws {
        try ConvNetEngine.validate("alpha", share: alpha)
        try ConvNetEngine.validate("momentum", share: momentum)
        try ConvNetEngine.validate(epsilon: epsilon)
        try ConvNetEngine.validate(weightDecay: weightDecay)
    }

    public func update(
        weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
        state: UnsafePointer<UnsafeMutablePointer<Float>>, range: Range<Int>, step: OptimizerStep
    ) {
        let squares = state[0]
        let means = centered ? state[1] : nil
        let velocity = momentum == 0 ? nil : state[centered ? 2 : 1]
        let (kept, taken) = (Float(alpha), Float(1 - alpha))
        let epsilon = Float(epsilon)
        for i in range {
            let gradient = gradients[i] + step.weightDecay * weights[i]
            squares[i] = kept * squares[i] + taken * gradient * gradient
            var variance = squares[i]
            if let means {
                means[i] = kept * means[i] + taken * gradient
                // Of gradients that stay the same nothing is left but rounding, which may be negative.
                variance = max(0, variance - means[i] * means[i])
            }
            var change = gradient / (variance.squareRoot() + epsilon)
            if let velocity {
                velocity[i] = momentum * velocity[i] + change
                change = velocity[i]
            }
            weights[i] -= step.learningRate * change
        }
    }
}
