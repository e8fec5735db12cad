/// In training, sets whole samples to zero with probability `rate` and divides the others by 1 − rate; in evaluation, does
/// nothing. At the end of a ``Residual``'s body it leaves the body out, for some samples of a batch and not for others.
///
///     Residual {
///         Conv2D(64, kernel: 3, padding: 1)
///         StochasticDepth(0.1)
///     }
///
/// Which samples fall is a function of the run's seed, the epoch, the sample and the layer, as ``Dropout``'s elements are.
/// Source: Huang et al., "Deep Networks with Stochastic Depth", 2016, section 3; by sample, and with the division in training, as in
/// torchvision.
///
/// - Errors when the network is built: a rate below 0, or 1 and more.
public struct StochasticDepth: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "stochastic_depth"

    /// The probability with which a sample is set to zero, 0 ..< 1.
    public var rate: Double

    /// - Parameter rate: the probability with which a sample is set to zero, 0 ..< 1.
    public init(_ rate: Double) {
        self.rate = rate
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard rate >= 0, rate < 1 else {
            throw .outOfRange("the rate", received: rate, allowed: "at least 0 and below 1")
        }
        return try inputs.single()
    }

    /// What a training step multiplies a sample by: 0 or 1 / (1 − rate).
    ///
    /// - Parameters:
    ///   - layer: the index of the node in its graph.
    ///   - sample: the position of the image in its dataset.
    public func factor(layer: Int, seed: UInt64, epoch: Int, sample: Int) -> Float {
        Dropout.Mask(rate: rate, layer: layer, seed: seed, epoch: epoch, sample: sample).factors(block: 0)[0]
    }
}

extension StochasticDepth: CustomStringConvertible {
    public var description: String { "StochasticDepth(\(rate))" }
}
