/// A rule that changes each parameter element by its gradient and its own memory of earlier ones.
///
/// The rule knows nothing of layouts: engines apply it to their arrays as they lie in memory, split among threads.
public protocol Optimizer: Hashable, Codable, Sendable {
    /// The name in configurations and checkpoints, e.g. `sgd`.
    static var kind: String { get }

    /// The arrays, one element for each of a parameter's, that the rule remembers; all zero at first.
    var stateNames: [String] { get }

    /// - Throws: ``TrainingError/setting(_:)`` where a number is out of its range.
    func validate() throws

    /// Updates the elements `range` of one parameter.
    ///
    /// Called from several threads at once, for ranges that do not overlap. An element whose weight, gradient and state
    /// are all zero must stay so: engines pad their arrays with such elements.
    ///
    /// - Parameters:
    ///   - state: the arrays in the order of ``stateNames``.
    ///   - learningRate: the schedule's, for this step.
    func update(
        weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
        state: UnsafePointer<UnsafeMutablePointer<Float>>, range: Range<Int>, learningRate: Float)
}

/// Stochastic gradient descent with momentum and weight decay, in PyTorch's order:
///
///     g = gradient + weightDecay · w
///     v = momentum · v + g
///     w = w − learningRate · v                            (nesterov: g + momentum · v in the place of v)
///
/// Sources: Polyak, 1964; Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.
public struct SGD: Optimizer {
    public static let kind = "sgd"

    public var momentum: Float
    public var nesterov: Bool
    public var weightDecay: Float

    public init(momentum: Float = 0.9, nesterov: Bool = false, weightDecay: Float = 0) {
        self.momentum = momentum
        self.nesterov = nesterov
        self.weightDecay = weightDecay
    }

    public var stateNames: [String] { momentum == 0 ? [] : ["momentum"] }

    public func validate() throws {
        guard momentum >= 0, momentum < 1 else {
            throw TrainingError.setting("momentum must be at least 0 and below 1, received \(momentum)")
        }
        guard weightDecay >= 0, weightDecay.isFinite else {
            throw TrainingError.setting("weight decay must be 0 or more, received \(weightDecay)")
        }
        if nesterov, momentum == 0 {
            throw TrainingError.setting("Nesterov's method needs a momentum above 0")
        }
    }

    public func update(
        weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
        state: UnsafePointer<UnsafeMutablePointer<Float>>, range: Range<Int>, learningRate: Float
    ) {
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
