import ConvNetEngine
import ConvNetGraph

/// Training of one graph in one engine, on images and parameters that depend on seeds only: two engines that train alike
/// must come to the same numbers.
public final class SeededTraining {
    public let graph: Graph
    public let session: any EngineSession
    public private(set) var plan: any TrainingPlan

    private let training: TrainingConfiguration

    /// By batch size: plans for full and for short batches exist side by side, and share the parameters.
    private var plans: [Int: any TrainingPlan] = [:]

    /// Steps taken so far; each has images of its own.
    private var steps = 0
    private var updates = 0

    public init(
        _ engine: any Engine, _ graph: Graph, batchSize: Int,
        optimizer: any Optimizer = SGD(momentum: 0.9, weightDecay: 1e-3),
        configure: (inout TrainingConfiguration) -> Void = { _ in }
    ) throws {
        self.graph = graph
        var training = TrainingConfiguration(
            loss: SoftmaxCrossEntropy(labelSmoothing: 0.1), optimizer: optimizer, seed: 5)
        configure(&training)
        self.training = training
        session = try engine.makeSession(for: graph)
        for (index, parameter) in graph.parameters.enumerated() {
            try session.setParameter(index, to: parameter.initializer.values(for: parameter, seed: 1))
        }
        plan = try session.makeTrainingPlan(batchSize: batchSize, training: training)
        plans[batchSize] = plan
    }

    /// Goes on with batches of another size, or of an earlier one.
    public func changeBatchSize(to batchSize: Int) throws {
        plan = try plans[batchSize] ?? session.makeTrainingPlan(batchSize: batchSize, training: training)
        plans[batchSize] = plan
    }

    /// Takes a step on the next images.
    @discardableResult
    public func step(_ part: BatchPart = .whole) throws -> StepResult {
        let number = UInt32(steps)
        Self.fill(plan.images, number)
        let labels = RandomStream(seed: 2, purpose: .shuffling, first: number)
        for sample in plan.labels.indices {
            plan.labels[sample] = Int32(labels.words(block: sample)[0] % UInt32(graph.outputShape.count))
            plan.samples[sample] = Int32(100 * steps + 7 * sample)
        }
        let targets = RandomStream(seed: 4, purpose: .synthesis, first: number)
        _ = plan.softTargets.update(fromContentsOf: targets.uniform(plan.softTargets.count, low: 0, high: 0.5))
        steps += 1
        if part.isFirst { updates += 1 }
        return try plan.step(TrainingStep(learningRate: 0.05, epoch: steps / 2, update: updates, part: part))
    }

    /// What the session's parameters make of some other images.
    public func infer(batchSize: Int) throws -> [Float] {
        let plan = try session.makeInferencePlan(batchSize: batchSize)
        Self.fill(plan.images, 1000)
        try plan.run()
        return Array(plan.logits)
    }

    /// The training's arrays of each parameter, by name.
    public func states() throws -> [String: [[Float]]] {
        Dictionary(
            uniqueKeysWithValues: try training.stateNames.map { name in
                (name, try graph.parameters.indices.map { try session.optimizerState(name, of: $0) })
            })
    }

    public func gradients() throws -> [[Float]] { try graph.parameters.indices.map { try plan.gradient($0) } }
    public func weights() throws -> [[Float]] { try graph.parameters.indices.map(session.parameter) }

    /// Continuous numbers: two of them equal in one window of a max pooling would make its gradient ambiguous.
    private static func fill(_ images: UnsafeMutableBufferPointer<Float>, _ number: UInt32) {
        let random = RandomStream(seed: 3, purpose: .synthesis, first: number)
        _ = images.update(fromContentsOf: random.uniform(images.count, low: -1, high: 1))
    }
}
