/// Batch normalisation, channel by channel: (x − mean) / √(variance + epsilon) · weight + bias.
///
///     Conv2D(64, kernel: 3, padding: 1, bias: false)
///     BatchNorm()
///     ReLU()
///
/// In training, mean and variance are those of the batch (the biased variance: divided by n), and the running ones follow:
///
///     running = (1 − momentum) · running + momentum · batch        (the variance divided by n − 1)
///
/// Evaluation uses the running ones, and so does training where the layer is frozen, which is training's to say: ``isFrozen`` is
/// what it does where it is not told.
///
/// - Input and output: a feature map C×H×W, or a flat vector (C).
/// - Parameters: `weight` (C) and `bias` (C) unless `affine: false`; `running_mean` (C) and `running_var` (C), which are not
///   trained.
/// - Errors when the network is built: epsilon not above 0, momentum outside 0 ... 1. When a training plan is compiled: a
///   batch with a single value for each channel, whose variance is always 0.
///
/// Source: Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
/// Shift", 2015, algorithms 1 and 2.
public struct BatchNorm: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "batch_norm"

    /// What keeps the division from exploding. PyTorch's default; torchvision's GoogLeNet has 1e-3.
    public var epsilon: Double
    /// The share of the new in the running statistics, as in PyTorch; Keras counts the share of the old.
    public var momentum: Double
    /// Whether a trained scale and shift follow.
    public var affine: Bool
    /// Whether training that is told nothing of frozen layers, too, uses the running statistics and leaves them as they are, as
    /// is usual in fine-tuning. Weight and bias are trained all the same, unless their learning rate is 0.
    public var isFrozen: Bool

    /// PyTorch's defaults.
    public init(epsilon: Double = 1e-5, momentum: Double = 0.1, affine: Bool = true, frozen: Bool = false) {
        self.epsilon = epsilon
        self.momentum = momentum
        self.affine = affine
        isFrozen = frozen
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard Float(epsilon) > 0, Float(epsilon).isFinite else {
            throw .outOfRange("epsilon", received: epsilon, allowed: "above 0")
        }
        guard (0...1).contains(momentum) else { throw .outOfRange("momentum", received: momentum, allowed: "0 to 1") }
        return try inputs.single()
    }

    public func parameters(for inputs: [Shape]) -> [Parameter] {
        let channels = inputs[0].channels
        func vector(_ name: String, _ value: Float, isTrainable: Bool) -> Parameter {
            Parameter(
                name: name, shape: [channels], initializer: .constant(value), fanIn: channels, fanOut: channels,
                isTrainable: isTrainable)
        }
        let trained = [vector("weight", 1, isTrainable: true), vector("bias", 0, isTrainable: true)]
        let kept = [vector("running_mean", 0, isTrainable: false), vector("running_var", 1, isTrainable: false)]
        return (affine ? trained : []) + kept
    }

    /// Where the running mean stands among the layer's parameters.
    public var runningMeanIndex: Int { affine ? 2 : 0 }
    /// Where the running variance stands among the layer's parameters.
    public var runningVarianceIndex: Int { runningMeanIndex + 1 }
}

extension BatchNorm: CustomStringConvertible {
    public var description: String {
        let options = [
            epsilon == 1e-5 ? nil : "epsilon: \(epsilon)", momentum == 0.1 ? nil : "momentum: \(momentum)",
            affine ? nil : "affine: false", isFrozen ? "frozen: true" : nil,
        ]
        return "BatchNorm(\(options.compactMap { $0 }.joined(separator: ", ")))"
    }
}
