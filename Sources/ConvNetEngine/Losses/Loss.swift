/// What training minimises: a number for each sample, from its logits and its target, averaged over the batch.
///
/// A target is a class, where the dataset has them a probability for each class, or any number of classes.
public protocol Loss: Hashable, Codable, Sendable {
    /// The name in configurations and checkpoints, e.g. `cross-entropy`.
    static var kind: String { get }

    /// What validation measures in a run with this loss; the loss itself unless it has settings that are for training
    /// only.
    var forEvaluation: any Loss { get }

    /// What it takes a network's outputs for; exclusive classes unless said otherwise.
    var outputs: OutputKind { get }

    /// - Parameter classes: nil where the network is not known yet.
    /// - Throws: ``SettingError`` where a number is out of its range or does not fit the classes.
    func validate(classes: Int?) throws

    /// Computes the loss and, where asked for, the gradient of its mean. Allocates nothing.
    ///
    /// - Parameters:
    ///   - logits: samples × classes.
    ///   - labels: a class index for each sample.
    ///   - softTargets: samples × classes, what each class counts in each sample; nil where the labels are the targets.
    ///   - gradient: samples × classes, to be overwritten.
    func evaluate(
        logits: UnsafePointer<Float>, labels: UnsafePointer<Int32>, softTargets: UnsafePointer<Float>?, samples: Int,
        classes: Int, gradient: UnsafeMutablePointer<Float>?
    ) -> StepResult
}

extension Loss {
    public var forEvaluation: any Loss { self }
    public var outputs: OutputKind { .exclusive }

    /// - Throws: ``SettingError``.
    func validate(labelSmoothing: Double) throws(SettingError) {
        guard (0...1).contains(labelSmoothing) else {
            throw SettingError("label smoothing must be 0 to 1, received \(labelSmoothing)")
        }
    }
}

/// What a network's outputs stand for.
public enum OutputKind: String, Codable, Sendable {
    /// Exactly one class a sample: a softmax makes them probabilities.
    case exclusive
    /// Any number of classes a sample: a sigmoid makes each a probability by itself.
    case independent
}

/// What the loss makes of a batch, before the update.
public struct StepResult: Hashable, Sendable {
    /// The sum of the samples' losses, those of auxiliary classifiers included with their weights.
    public var lossSum: Double

    /// What the sum is divided by to give the mean: the number of samples, or the sum of their weights.
    public var weight: Double

    /// Nothing yet, unless said otherwise: what parts are added to.
    public init(lossSum: Double = 0, weight: Double = 0) {
        self.lossSum = lossSum
        self.weight = weight
    }

    /// The mean loss; 0 where nothing has a weight.
    public var loss: Double { weight == 0 ? 0 : lossSum / weight }

    /// Adds what another part of the same batch came to.
    public static func += (sum: inout StepResult, part: StepResult) {
        sum.lossSum += part.lossSum
        sum.weight += part.weight
    }
}
