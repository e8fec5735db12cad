/// A graph compiled for one batch size: a flat list of calls on memory set aside beforehand. Plans of one session take turns, and may
/// share memory: what a plan has made is read before another one runs.
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

    /// Forward, loss and backward: the gradients of the mean loss of what the plan computes at once. Allocates nothing, custom layers
    /// apart. The loss is the ``TotalLoss``.
    func computeGradients(_ step: TrainingStep) throws -> StepResult

    /// What follows computing gradients: they are accumulated over the parts of a batch and, with the last one, clipped, and all
    /// parameters are updated by them.
    ///
    /// - Parameter weight: what the mean that the gradients belong to was divided by: ``StepResult/weight``, of all processes
    ///   together where several have added theirs.
    func update(_ step: TrainingStep, weight: Double) throws

    /// The gradients of all parameters that are trained, one behind the other as ``gradientSlices`` says, between
    /// ``computeGradients(_:)`` and ``update(_:weight:)``: where other processes add theirs. Empty where the plan was not compiled
    /// for it; see ``TrainingConfiguration/hasContiguousGradients``. Plans of one session share them, so that one plan's step ends
    /// before another's begins.
    var gradients: UnsafeMutableBufferPointer<Float> { get }

    /// Where each parameter's gradient lies in ``gradients``. A function of graph, configuration and
    /// ``EngineSession/algorithms``: sessions with equal ones may add their gradients element by element.
    var gradientSlices: [GradientSlice] { get }

    /// The gradient of the mean loss of the last step with respect to parameter `index`, in the parameter's own layout:
    /// after the last part of a batch that of the whole batch, clipped; zeros for a parameter that is not trainable,
    /// or frozen.
    func gradient(_ index: Int) throws -> [Float]

    /// What the last step's forward pass has made at a node, N×C×H×W or N×features, if ``TrainingConfiguration/outputs`` has it.
    ///
    /// - Throws: ``EngineError/notRequested(_:)``.
    func output(of node: Int) throws -> [Float]

    /// The gradient of the last step's mean loss with respect to a node's output, if ``TrainingConfiguration/gradients`` has it.
    ///
    /// - Throws: ``EngineError/notRequested(_:)``.
    func gradient(ofNode node: Int) throws -> [Float]

    /// How far the last step has moved each parameter of the graph; empty where ``TrainingConfiguration/recordsUpdates`` does not ask
    /// for it. Parameters that are not trained have not moved.
    var updateStatistics: [UpdateStatistics] { get }
}

extension TrainingPlan {
    /// A step: gradients, then the update.
    @discardableResult
    public func step(_ step: TrainingStep) throws -> StepResult {
        let result = try computeGradients(step)
        try update(step, weight: result.weight)
        return result
    }
}

/// Where a parameter's gradient lies among those of all parameters.
public struct GradientSlice: Hashable, Codable, Sendable {
    /// The parameter's name.
    public var parameter: String
    /// Elements before it.
    public var offset: Int
    /// Elements, those that fill up blocks included.
    public var count: Int
    /// Whether it lies as the parameter's own layout, PyTorch's, has it; else as the engine likes.
    public var isRowMajor: Bool

    /// A slice of so many elements.
    public init(parameter: String, offset: Int, count: Int, isRowMajor: Bool) {
        self.parameter = parameter
        self.offset = offset
        self.count = count
        self.isRowMajor = isRowMajor
    }

    /// Slices begin at a cache line.
    package static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }
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
