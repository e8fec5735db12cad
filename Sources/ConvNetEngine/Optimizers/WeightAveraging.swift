/// An exponential moving average of the weights, which is what validation measures and what the run leaves in the end;
/// training itself goes on with the weights as they are.
///
///     average = d · average + (1 − d) · w after each update,  d = min(decay, (1 + t) / (10 + t))
///
/// t counts the updates from 1, and the average starts from the initial weights. The rising d is TensorFlow's
/// `ExponentialMovingAverage` with `num_updates`: without it a short run would end near where it began. What no optimizer
/// changes, such as a batch norm's running statistics, is an average already and taken as it is.
///
/// Source: Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992.
public struct WeightAveraging: Hashable, Codable, Sendable {
    /// How much of the average stays in each update in the long run, 0 ..< 1.
    public var decay: Double

    /// - Parameter decay: 0 ..< 1; the nearer to 1, the longer the average.
    public init(decay: Double = 0.999) {
        self.decay = decay
    }

    /// What sessions and checkpoints call the array beside the optimizer's own.
    package static let stateName = "weight_average"

    /// - Parameter update: counted from 1.
    package func decay(update: Int) -> Double { min(decay, (1 + Double(update)) / (10 + Double(update))) }

    package func validate() throws { try ConvNetEngine.validate("the decay of the weights' average", share: decay) }
}

extension WeightAveraging: CustomStringConvertible {
    public var description: String { "with decay \(decay)" }
}
