/// max(0, x), element by element. Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010.
public struct ReLU: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "relu"
    public init() {}
    public var description: String { "ReLU()" }
}

/// min(max(0, x), 6), element by element: a ReLU whose results need few bits. Sandler et al., "MobileNetV2: Inverted
/// Residuals and Linear Bottlenecks", 2018, section 3.
public struct ReLU6: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "relu6"
    public init() {}
    public var description: String { "ReLU6()" }
}

/// x where it is positive, slope · x elsewhere, element by element. Maas, Hannun and Ng, "Rectifier Nonlinearities Improve
/// Neural Network Acoustic Models", 2013.
///
/// - Errors when the network is built: a slope that is not finite.
public struct LeakyReLU: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "leaky_relu"

    /// The factor below 0.
    public var slope: Double

    /// PyTorch's slope, unless said otherwise.
    public init(_ slope: Double = 0.01) {
        self.slope = slope
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard Float(slope).isFinite else { throw .outOfRange("the slope", received: slope, allowed: "finite") }
        return try inputs.single()
    }

    /// With a negative slope, two inputs give the same result.
    package var derivativeNeedsInput: Bool { slope < 0 }
    public var description: String { slope == 0.01 ? "LeakyReLU()" : "LeakyReLU(\(slope))" }
}

/// x where it is positive, alpha · (eˣ − 1) elsewhere, element by element. Clevert, Unterthiner and Hochreiter, "Fast and
/// Accurate Deep Network Learning by Exponential Linear Units", 2016, equation 15.
///
/// - Errors when the network is built: an alpha that is negative or not finite.
public struct ELU: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "elu"

    /// What the function approaches below 0, with its sign changed.
    public var alpha: Double

    /// The paper's alpha, unless said otherwise.
    public init(_ alpha: Double = 1) {
        self.alpha = alpha
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard alpha >= 0, Float(alpha).isFinite else {
            throw .outOfRange("alpha", received: alpha, allowed: "at least 0")
        }
        return try inputs.single()
    }

    public var description: String { alpha == 1 ? "ELU()" : "ELU(\(alpha))" }
}

/// x · Φ(x), element by element, Φ being the normal distribution's cumulative function. Hendrycks and Gimpel, "Gaussian
/// Error Linear Units", 2016, section 2.
///
///     GELU()              // x / 2 · (1 + erf(x / √2))
///     GELU(.tanh)         // x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))
public struct GELU: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "gelu"

    /// How Φ is computed.
    public enum Formula: String, Hashable, Codable, Sendable {
        /// With the error function.
        case exact
        /// The paper's approximation.
        case tanh
    }

    /// Exact or approximate.
    public var formula: Formula

    /// The exact formula, unless said otherwise.
    public init(_ formula: Formula = .exact) {
        self.formula = formula
    }

    package var derivativeNeedsInput: Bool { true }
    public var description: String { formula == .exact ? "GELU()" : "GELU(.\(formula))" }
}

/// x · σ(x), element by element; also called swish. Elfwing, Uchibe and Doya, "Sigmoid-Weighted Linear Units", 2018,
/// section 2.
public struct SiLU: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "silu"
    public init() {}
    package var derivativeNeedsInput: Bool { true }
    public var description: String { "SiLU()" }
}

/// The hyperbolic tangent, element by element: LeNet-5's activation.
public struct Tanh: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "tanh"
    public init() {}
    public var description: String { "Tanh()" }
}

/// 1 / (1 + e⁻ˣ), element by element.
public struct Sigmoid: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "sigmoid"
    public init() {}
    public var description: String { "Sigmoid()" }
}

/// clip(x / 6 + 1/2, 0, 1), element by element: a sigmoid of three straight lines. Courbariaux, Bengio and David,
/// "BinaryConnect", 2015; in this form Howard et al., "Searching for MobileNetV3", 2019, section 5.2.
public struct HardSigmoid: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "hard_sigmoid"
    public init() {}
    public var description: String { "HardSigmoid()" }
}

/// x · clip(x / 6 + 1/2, 0, 1), element by element: a ``SiLU`` of straight lines and a parabola. Howard et al., "Searching for
/// MobileNetV3", 2019, section 5.2.
public struct HardSwish: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "hard_swish"
    public init() {}
    package var derivativeNeedsInput: Bool { true }
    public var description: String { "HardSwish()" }
}

/// min(max(low, x), high), element by element.
///
/// - Errors when the network is built: limits that are not finite, or of which the first is not below the second.
public struct Clip: Layer, ActivationOperation {
    public typealias Body = Never
    public static let kind = "clip"

    /// The least that comes out.
    public var low: Double
    /// The most that comes out.
    public var high: Double

    /// - Parameters:
    ///   - low: finite.
    ///   - high: finite, above `low`.
    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard Float(low).isFinite else { throw .outOfRange("the lower limit", received: low, allowed: "finite") }
        guard Float(high).isFinite, Float(high) > Float(low) else {
            throw .outOfRange("the upper limit", received: high, allowed: "finite and above \(low)")
        }
        return try inputs.single()
    }

    public var description: String { "Clip(low: \(low), high: \(high))" }
}

/// A function applied to each element.
package protocol ActivationOperation: GraphOperation, CustomStringConvertible {
    /// Whether the derivative cannot be told from the result. Where it can, engines may keep the result only, and apply
    /// the function where its input was made.
    var derivativeNeedsInput: Bool { get }
}

extension ActivationOperation {
    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape { try inputs.single() }
    package var derivativeNeedsInput: Bool { false }
}
