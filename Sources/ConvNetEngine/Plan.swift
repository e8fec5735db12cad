/// A graph compiled for one batch size: a flat list of calls on memory set aside beforehand.
public protocol Plan: AnyObject {
    /// Images a call.
    var batchSize: Int { get }

    /// The threads that it computes with: ``Engine/threads``, or fewer where more would gain nothing. The number follows from
    /// the graph, the batch size and the engine's threads alone.
    var threads: Int { get }

    /// The memory of the feature maps, gradients and workspaces, in bytes; parameters not counted.
    var arenaBytes: Int { get }

    /// N×C×H×W, to be filled before ``run()``.
    var images: UnsafeMutableBufferPointer<Float> { get }

    /// N × classes, valid after ``run()`` until the next call.
    var logits: UnsafeBufferPointer<Float> { get }

    /// Computes ``logits`` from ``images``, as in evaluation: dropout does nothing, and auxiliary classifiers are left out.
    func run() throws

    /// Runs the plan some times, by way of `body`, and says what each entry of its list took; the optimizer's update, too.
    func profile(runs: Int, _ body: () throws -> Void) throws -> [PlanCallProfile]
}

/// A plan that trains.
public protocol TrainingPlan: Plan {
    /// N class indices, to be filled before ``step(_:)``.
    var labels: UnsafeMutableBufferPointer<Int32> { get }

    /// N positions of the images in their dataset, which dropout depends on; to be filled before ``step(_:)``.
    var samples: UnsafeMutableBufferPointer<Int32> { get }

    /// N × classes, what each class counts in each image, to be filled before ``step(_:)``; empty where the plan was not
    /// compiled for soft targets.
    var softTargets: UnsafeMutableBufferPointer<Float> { get }

    /// Forward, loss, backward and, with the last part of a batch, the update of all parameters. Allocates nothing, custom
    /// layers apart. The loss is the ``TotalLoss``.
    func step(_ step: TrainingStep) throws -> StepResult

    /// The gradient of the mean loss of the last step with respect to parameter `index`, in the parameter's own layout:
    /// after the last part of a batch that of the whole batch, clipped; zeros for a parameter that is not trainable,
    /// or frozen.
    func gradient(_ index: Int) throws -> [Float]
}

/// What differs from one training step to the next.
public struct TrainingStep: Sendable {
    /// The schedule's for this step.
    public var learningRate: Float
    /// Counted from 0.
    public var epoch: Int
    /// The run's updates up to this one: 1 in the first.
    public var update: Int
    /// Which part of its batch the step computes.
    public var part: BatchPart

    /// A step on a whole batch, unless said otherwise.
    public init(learningRate: Float, epoch: Int, update: Int = 1, part: BatchPart = .whole) {
        self.learningRate = learningRate
        self.epoch = epoch
        self.update = update
        self.part = part
    }
}

/// Which part of a batch a step computes. Parameters change with the last one.
public struct BatchPart: Hashable, Sendable {
    /// Whether accumulating starts anew.
    public var isFirst: Bool
    /// Whether the update follows.
    public var isLast: Bool

    /// The sum of the ``StepResult/weight`` of the parts before.
    public var weightBefore: Double

    /// A part between others, or at an end.
    public init(isFirst: Bool, isLast: Bool, weightBefore: Double) {
        self.isFirst = isFirst
        self.isLast = isLast
        self.weightBefore = weightBefore
    }

    /// A batch that is computed at once.
    public static let whole = BatchPart(isFirst: true, isLast: true, weightBefore: 0)
}
