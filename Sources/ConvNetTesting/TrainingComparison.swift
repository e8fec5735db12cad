import ConvNetEngine
import ConvNetGraph

/// A few training steps and an evaluation in some engine, each number compared with the ``Oracle``'s.
///
/// The oracle starts each step from the engine's own parameters, so that differences cannot add up from step to step, and
/// an update is judged by the engine's own gradients: what is wrong is named where it went wrong.
struct TrainingComparison {
    private let graph: Graph
    private let session: any EngineSession
    private let batchSizes: [Int]
    private let frozen: [ParameterGroup]
    private let frozenNorms: Set<Int>?
    private let channels: [(mean: Float, spread: Float)]
    private let context: String
    private let loss = SoftmaxCrossEntropy(labelSmoothing: 0.1)
    private let optimizer = SGD(momentum: 0.9, weightDecay: 1e-3)
    private let seed: UInt64 = 5

    /// - Parameters:
    ///   - batchSizes: one for each step; plans of several sizes share the parameters.
    ///   - frozen: the parameters that are not to change.
    ///   - frozenNorms: the batch norms, by node, that stand still; nil for those of which the graph says so.
    ///   - channels: what images are drawn from, channel by channel; empty for numbers between −1 and 1 in all of them.
    ///   - context: what a failure says about the network.
    init(
        _ engine: any Engine, _ graph: Graph, batchSizes: [Int], frozen: [ParameterGroup] = [],
        frozenNorms: Set<Int>? = nil, channels: [(mean: Float, spread: Float)] = [], context: String = ""
    ) throws {
        self.graph = graph
        self.frozen = frozen
        self.frozenNorms = frozenNorms
        self.channels = channels
        self.batchSizes = batchSizes
        self.context = graph.context(in: engine, context)
        session = try engine.makeInitializedSession(for: graph)
    }

    init(_ engine: any Engine, _ graph: Graph, batchSize: Int) throws {
        try self.init(engine, graph, batchSizes: [batchSize])
    }

    func run() throws {
        var plans: [Int: any TrainingPlan] = [:]
        var validation: (any Plan)?
        for (step, size) in batchSizes.enumerated() {
            let plan = try plans[size] ?? session.makeTrainingPlan(batchSize: size, training: configuration)
            plans[size] = plan
            // A plan that has run before the weights changed, as validation between epochs has.
            if validation == nil {
                validation = try session.makeInferencePlan(batchSize: size)
                try validation?.run()
            }
            try check(plan, step: step)
        }
        if let validation { try checkEvaluation(validation) }
        try checkEvaluation(batchSize: batchSizes[batchSizes.count - 1])
        if let plan = plans[batchSizes[0]] { try checkEvaluation(plan) }
    }

    /// Only one step: enough to know a large network's loss and gradients.
    ///
    /// A batch in which rounding decides what a max pooling passes on says nothing where gradients differ; another one is
    /// taken then. What counts is a batch for which all numbers agree.
    func runStep(gradients: Bool) throws {
        let plan = try session.makeTrainingPlan(batchSize: batchSizes[0], training: configuration)
        for step in 0..<Self.batches {
            do {
                return try check(plan, step: step, gradients: gradients)
            } catch let failure as ConformanceFailure where failure.isTie && step < Self.batches - 1 {
                continue
            }
        }
    }

    /// More of them in a row would not all have ties.
    private static let batches = 10

    /// Only the evaluation, of an engine that cannot train yet.
    func runEvaluation(batchSize: Int) throws { try checkEvaluation(batchSize: batchSize) }

    private var configuration: TrainingConfiguration {
        TrainingConfiguration(
            loss: loss, optimizer: optimizer, seed: seed,
            parameterSettings: graph.parameters.map {
                ParameterSettings(learningRateFactor: isFrozen($0) ? 0 : 1, weightDecay: optimizer.weightDecay)
            }, frozenNorms: frozenNorms)
    }

    private func isFrozen(_ parameter: Parameter) -> Bool { frozen.contains { $0.matches(parameter.name) } }

    // MARK: Steps

    private func check(_ plan: any TrainingPlan, step: Int, gradients: Bool = true) throws {
        let batch = Oracle.Batch(for: graph, size: plan.batchSize, number: step, channels: channels)
        let parameters = try graph.parameters.indices.map(session.parameter)
        let momentum = try graph.parameters.indices.map { try session.optimizerState("momentum", of: $0) }
        _ = plan.images.update(fromContentsOf: batch.images)
        _ = plan.labels.update(fromContentsOf: batch.labels)
        _ = plan.samples.update(fromContentsOf: batch.samples)
        let result = try plan.step(TrainingStep(learningRate: 0.05, epoch: batch.epoch, update: step + 1))

        let name = "step \(step + 1)"
        let oracle = try Oracle(
            graph, batch, parameters: parameters, .training(loss: loss, seed: seed, frozenNorms: frozenNorms))
        try oracle.checkLogits(plan.logits, "\(name): logits", context)
        try oracle.checkLoss(result.lossSum, "\(name): loss", context)
        for (index, parameter) in graph.parameters.enumerated() {
            let values = try session.parameter(index)
            guard parameter.isTrainable, !isFrozen(parameter) else {
                if parameter.isTrainable {
                    guard values == parameters[index] else {
                        throw ConformanceFailure(
                            what: "\(name): change of \(parameter.name), which is frozen", error: .infinity,
                            tolerance: 0, context: context)
                    }
                } else {
                    try oracle.checkParameter(index, values, "\(name): \(parameter.name)", context)
                }
                guard try plan.gradient(index).allSatisfy({ $0 == 0 }) else {
                    throw ConformanceFailure(
                        what: "\(name): gradient of \(parameter.name), which is not trained", error: .infinity,
                        tolerance: 0, context: context)
                }
                continue
            }
            guard gradients else { continue }
            let gradient = try plan.gradient(index)
            do {
                try oracle.checkParameter(index, gradient, "\(name): gradient of \(parameter.name)", context)
            } catch var failure as ConformanceFailure {
                failure.isTie = try oracle.hasTie()
                throw failure
            }
            let expected = updated(parameters[index], gradient, momentum: momentum[index], step: step)
            let error = relativeError(values, expected, floor: 1e-6)
            guard error < 1e-6 else {
                throw ConformanceFailure(
                    what: "\(name): update of \(parameter.name)", error: error, tolerance: 1e-6, context: context)
            }
        }
    }

    private func updated(_ weights: [Float], _ gradient: [Float], momentum: [Float], step: Int) -> [Float] {
        var (weights, momentum) = (weights, momentum)
        weights.withUnsafeMutableBufferPointer { weights in
            momentum.withUnsafeMutableBufferPointer { momentum in
                guard let weights = weights.baseAddress, var momentum = momentum.baseAddress else { return }
                optimizer.update(
                    weights: weights, gradients: gradient, state: &momentum, range: gradient.indices,
                    step: OptimizerStep(learningRate: 0.05, weightDecay: optimizer.weightDecay, number: step + 1))
            }
        }
        return weights
    }

    // MARK: Evaluation

    private func checkEvaluation(batchSize: Int) throws {
        let plan = try session.makeInferencePlan(batchSize: batchSize)
        try checkEvaluation(plan)
        // Parameters that change behind a plan's back are those that it uses.
        for (index, parameter) in graph.parameters.enumerated() where parameter.isTrainable {
            try session.setParameter(index, to: session.parameter(index).map { $0 * 0.75 })
        }
        try checkEvaluation(plan)
    }

    private func checkEvaluation(_ plan: any Plan) throws {
        let batch = Oracle.Batch(for: graph, size: plan.batchSize, number: 1000, channels: channels)
        _ = plan.images.update(fromContentsOf: batch.images)
        try plan.run()
        let oracle = try Oracle(
            graph, batch, parameters: graph.parameters.indices.map(session.parameter), .evaluation)
        let name = plan is any TrainingPlan ? "evaluation by a training plan" : "evaluation"
        try oracle.checkLogits(plan.logits, "\(name): logits", context)
    }
}

extension Graph {
    /// What a failure says of engine and network: the layers, unless something else is given.
    func context(in engine: any Engine, _ given: String = "") -> String {
        let layers = nodes.dropFirst().map { "\($0.operation)" }.joined(separator: ", ")
        return "\(engine.version) on \(engine.threads) thread\(engine.threads == 1 ? "" : "s"); "
            + (given.isEmpty ? "\(inputShape): \(layers)" : given)
    }
}

extension Engine {
    /// A session with the parameters that the layers begin with.
    func makeInitializedSession(for graph: Graph) throws -> any EngineSession {
        let session = try makeSession(for: graph)
        for (index, parameter) in graph.parameters.enumerated() {
            try session.setParameter(index, to: parameter.initializer.values(for: parameter, seed: 1))
        }
        return session
    }
}

extension Oracle.Batch {
    /// Continuous numbers: two of them equal in one window of a max pooling would make its gradient ambiguous.
    ///
    /// - Parameter channels: what images are drawn from, channel by channel; empty for numbers between −1 and 1 in all of them.
    init(for graph: Graph, size: Int, number: Int, channels: [(mean: Float, spread: Float)] = []) {
        var images = RandomStream(seed: 3, purpose: .synthesis, first: UInt32(number))
            .uniform(size * graph.inputShape.count, low: -1, high: 1)
        if !channels.isEmpty {
            let area = graph.inputShape.count / channels.count
            for index in images.indices {
                let (mean, spread) = channels[index / area % channels.count]
                images[index] = mean + spread * images[index]
            }
        }
        let labels = RandomStream(seed: 2, purpose: .shuffling, first: UInt32(number))
        self.init(
            size: size, images: images,
            labels: (0..<size).map { Int32(labels.words(block: $0)[0] % UInt32(graph.outputShape.count)) },
            samples: (0..<size).map { Int32(100 * number + 7 * $0) }, epoch: number / 2)
    }
}
