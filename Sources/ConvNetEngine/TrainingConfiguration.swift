/// What a training plan is compiled for.
public struct TrainingConfiguration: Hashable, Sendable {
    /// What the plan minimises.
    public var loss: any Loss {
        get { comparableLoss.value }
        set { comparableLoss.value = newValue }
    }
    /// The rule that updates the parameters.
    public var optimizer: any Optimizer {
        get { comparableOptimizer.value }
        set { comparableOptimizer.value = newValue }
    }
    private var comparableLoss: ByValue<any Loss>
    private var comparableOptimizer: ByValue<any Optimizer>

    /// What dropout draws its numbers from.
    public var seed: UInt64

    /// How each of the graph's parameters is updated; none where all take the step's learning rate and the optimizer's
    /// weight decay.
    public var parameterSettings: [ParameterSettings]
    /// The batch norms, by node, that normalise by their running statistics and leave these as they are; nil for those of which the
    /// graph says so.
    public var frozenNorms: Set<Int>?
    /// nil leaves gradients as they are.
    public var gradientClipping: GradientClipping?
    /// nil keeps no average of the weights.
    public var averaging: WeightAveraging?

    /// Whether batches may be computed in parts, whose gradients are accumulated.
    public var accumulatesGradients: Bool

    /// Whether targets are given as probabilities.
    public var usesSoftTargets: Bool

    /// Whether gradients lie in one stretch of memory for a step's whole length, so that other processes can add theirs; else each
    /// lies where there is room once it is computed, which takes less.
    public var hasContiguousGradients: Bool

    /// Whether steps note how far they move each parameter; the numbers that they come to are the same.
    public var recordsUpdates: Bool
    /// Nodes whose outputs can be read after a step, and nodes with respect to whose outputs there are gradients then, of which node 0
    /// is the images.
    public var outputs: Set<Int>
    /// See ``outputs``.
    public var gradients: Set<Int>

    /// The plainest training, unless said otherwise: all parameters alike, nothing clipped, averaged or accumulated.
    public init(
        loss: any Loss, optimizer: any Optimizer, seed: UInt64, parameterSettings: [ParameterSettings] = [],
        frozenNorms: Set<Int>? = nil, gradientClipping: GradientClipping? = nil, averaging: WeightAveraging? = nil,
        accumulatesGradients: Bool = false,
        usesSoftTargets: Bool = false, hasContiguousGradients: Bool = false, recordsUpdates: Bool = false,
        outputs: Set<Int> = [], gradients: Set<Int> = []
    ) {
        comparableLoss = ByValue(loss)
        comparableOptimizer = ByValue(optimizer)
        self.seed = seed
        self.parameterSettings = parameterSettings
        self.frozenNorms = frozenNorms
        self.gradientClipping = gradientClipping
        self.averaging = averaging
        self.accumulatesGradients = accumulatesGradients
        self.usesSoftTargets = usesSoftTargets
        self.hasContiguousGradients = hasContiguousGradients
        self.recordsUpdates = recordsUpdates
        self.outputs = outputs
        self.gradients = gradients
    }

    /// The arrays, one element for each of a parameter's, that a session keeps from step to step: the optimizer's own
    /// first, then the average, all of which checkpoints hold, then the gradients accumulated so far.
    public var stateNames: [String] { checkpointedStateNames + (accumulatesGradients ? ["accumulated_gradient"] : []) }

    package var checkpointedStateNames: [String] {
        optimizer.stateNames + (averaging == nil ? [] : [WeightAveraging.stateName])
    }
}
