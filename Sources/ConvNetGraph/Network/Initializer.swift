/// Which numbers a parameter starts with.
///
/// The numbers are a function of the seed, the parameter's name and the element: the same in every engine, and not
/// changed by adding a layer elsewhere.
public enum Initializer: Hashable, Codable, Sendable {
    /// The same number everywhere.
    case constant(Float)
    /// Normally distributed.
    case normal(mean: Float = 0, standardDeviation: Float = 0.01)
    /// Uniform in low ..< high.
    case uniform(low: Float, high: Float)

    /// Variance 2 / fan, for layers followed by ReLU. He et al., "Delving Deep into Rectifiers", 2015, section 2.2.
    case kaimingNormal(Fan = .in)
    /// As ``kaimingNormal(_:)``, but uniform: in ±√(6 / fan).
    case kaimingUniform(Fan = .in)

    /// Variance gain² · 2 / (fan in + fan out). Glorot and Bengio, "Understanding the difficulty of training deep
    /// feedforward neural networks", 2010, section 4.2.1.
    case xavierNormal(gain: Float = 1)
    /// As ``xavierNormal(gain:)``, but uniform: in ±gain · √(6 / (fan in + fan out)).
    case xavierUniform(gain: Float = 1)

    /// Uniform in ±1 / √fan in: what PyTorch gives the weights and the biases of convolutions and dense layers.
    case pyTorchDefault

    /// Which of a layer's two sides keeps its variance.
    public enum Fan: String, Hashable, Codable, Sendable {
        /// The inputs that one output sees: keeps the variance of the activations.
        case `in`
        /// The outputs that one input reaches: keeps the variance of the gradients.
        case out
    }
}

extension Initializer {
    /// The first values of `parameter`, in its own (PyTorch's) layout.
    public func values(for parameter: Parameter, seed: UInt64) -> [Float] {
        let fanIn = Float(parameter.fanIn)
        let fanOut = Float(parameter.fanOut)
        let random = RandomStream(seed: seed, purpose: .initialization, name: parameter.name)
        let count = parameter.count

        func uniform(within bound: Float) -> [Float] { random.uniform(count, low: -bound, high: bound) }

        switch self {
        case .constant(let value):
            return [Float](repeating: value, count: count)
        case .normal(let mean, let standardDeviation):
            return random.normal(count, mean: mean, standardDeviation: standardDeviation)
        case .uniform(let low, let high):
            return random.uniform(count, low: low, high: high)
        case .kaimingNormal(let fan):
            return random.normal(
                count, mean: 0, standardDeviation: (2 / (fan == .in ? fanIn : fanOut)).squareRoot())
        case .kaimingUniform(let fan):
            return uniform(within: (6 / (fan == .in ? fanIn : fanOut)).squareRoot())
        case .xavierNormal(let gain):
            return random.normal(count, mean: 0, standardDeviation: gain * (2 / (fanIn + fanOut)).squareRoot())
        case .xavierUniform(let gain):
            return uniform(within: gain * (6 / (fanIn + fanOut)).squareRoot())
        case .pyTorchDefault:
            return uniform(within: 1 / fanIn.squareRoot())
        }
    }
}

extension Initializer: CustomStringConvertible {
    /// As one would write it in Swift: `.kaimingNormal(.out)`.
    public var description: String {
        switch self {
        case .constant(let value): ".constant(\(value))"
        case .normal(let mean, let standardDeviation): ".normal(mean: \(mean), standardDeviation: \(standardDeviation))"
        case .uniform(let low, let high): ".uniform(low: \(low), high: \(high))"
        case .kaimingNormal(let fan): ".kaimingNormal(.\(fan))"
        case .kaimingUniform(let fan): ".kaimingUniform(.\(fan))"
        case .xavierNormal(let gain): ".xavierNormal(gain: \(gain))"
        case .xavierUniform(let gain): ".xavierUniform(gain: \(gain))"
        case .pyTorchDefault: ".pyTorchDefault"
        }
    }

    /// The arguments that give a layer these initialisers; none for the defaults.
    static func code(weight: Initializer, bias: Initializer) -> String {
        (weight == .pyTorchDefault ? "" : ", weightInitializer: \(weight)")
            + (bias == .pyTorchDefault ? "" : ", biasInitializer: \(bias)")
    }
}
