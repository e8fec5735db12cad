/// Stochastic gradient descent with momentum and weight decay, in PyTorch's order:
///
///     g = gradient + weightDecay · w
///     v = momentum · v + g
///     w = w − learningRate · v                            (nesterov: g + momentum · v in the place of v)
///
/// Sources: Polyak, 1964; Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.
public struct SGD: Optimizer {
    public static let kind = "sgd"

    /// How much of the velocity stays in each update; 0 ..< 1, and 0 needs no memory for it.
    public var momentum: Float
    /// Whether the gradient is looked for where momentum leads; needs a momentum above 0.
    public var nesterov: Bool
    public var weightDecay: Float

    /// A momentum of 0.9, unless said otherwise; PyTorch's default is 0.
    public init(momentum: Float = 0.9, nesterov: Bool = false, weightDecay: Float = 0) {
        self.momentum = momentum
        self.nesterov = nesterov
        self.weightDecay = weightDecay
    }

    public var stateNames: [String] { momentum == 0 ? [] : ["momentum"] }

    public func validate() throws {
        try ConvNetEngine.validate("momentum", share: momentum)
        try ConvNetEngine.validate(weightDecay: weightDecay)
        if nesterov, momentum == 0 {
            throw SettingError("Nesterov's method needs a momentum above 0")
        }
    }

    public func update(
        weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
        state: UnsafePointer<UnsafeMutablePointer<Float>>, range: Range<Int>, step: OptimizerStep
    ) {
        let (learningRate, weightDecay) = (step.learningRate, step.weightDecay)
        if momentum == 0 {
            for i in range {
                weights[i] -= learningRate * (gradients[i] + weightDecay * weights[i])
            }
            return
        }
        let velocity = state[0]
        if nesterov {
            for i in range {
                let gradient = gradients[i] + weightDecay * weights[i]
                velocity[i] = momentum * velocity[i] + gradient
                weights[i] -= learningRate * (gradient + momentum * velocity[i])
            }
        } else {
            for i in range {
                velocity[i] = momentum * velocity[i] + (gradients[i] + weightDecay * weights[i])
                weights[i] -= learningRate * velocity[i]
            }
        }
    }
}
