/// What training minimises: a number for each sample, from its logits and its target, averaged over the batch.
///
/// A target is a class, or where the dataset has them a probability for each class.
public protocol Loss: Hashable, Codable, Sendable {
    /// The name in configurations and checkpoints, e.g. `cross-entropy`.
    static var kind: String { get }

    /// What validation measures in a run with this loss; the loss itself unless it has settings that are for training
    /// only.
    var forEvaluation: any Loss { get }

    /// - Parameter classes: nil where the network is not known yet.
    /// - Throws: ``SettingError`` where a number is out of its range or does not fit the classes.
    func validate(classes: Int?) throws

    /// Computes the loss and, where asked for, the gradient of its mean. Allocates nothing.
    ///
    /// - Parameters:
    ///   - logits: samples × classes.
    ///   - labels: a class index for each sample, which also decides what counts as correct.
    ///   - softTargets: samples × classes, what each class counts in each sample; nil where the labels are the targets.
    ///   - gradient: samples × classes, to be overwritten.
    func evaluate(
        logits: UnsafePointer<Float>, labels: UnsafePointer<Int32>, softTargets: UnsafePointer<Float>?, samples: Int,
        classes: Int, gradient: UnsafeMutablePointer<Float>?
    ) -> StepResult
}

extension Loss {
    public var forEvaluation: any Loss { self }
}

/// What the loss makes of a batch, before the update.
public struct StepResult: Hashable, Sendable {
    /// The sum of the samples' losses, those of auxiliary classifiers included with their weights.
    public var lossSum: Double

    /// What the sum is divided by to give the mean: the number of samples, or the sum of their weights.
    public var weight: Double

    /// How many samples had their class first, by the network's output.
    public var correct: Int

    /// Nothing yet, unless said otherwise: what parts are added to.
    public init(lossSum: Double = 0, weight: Double = 0, correct: Int = 0) {
        self.lossSum = lossSum
        self.weight = weight
        self.correct = correct
    }

    /// The mean loss; 0 where nothing has a weight.
    public var loss: Double { weight == 0 ? 0 : lossSum / weight }

    /// Adds what another part of the same batch came to.
    public static func += (sum: inout StepResult, part: StepResult) {
        sum.lossSum += part.lossSum
        sum.weight += part.weight
        sum.correct += part.correct
    }
}

extension UnsafePointer where Pointee: ReferenceScalar {
    /// The index of the largest of `count` elements, the first of equal ones.
    @inline(__always)
    func indexOfLargest(count: Int) -> Int {
        var largest = 0
        for index in 1..<Swift.max(count, 1) where self[index] > self[largest] { largest = index }
        return largest
    }
}
