import ConvNetEngine
import ConvNetGraph

/// Training with whatever a run may ask for: losses, soft targets, batches in parts, clipping, optimizers, averages. Each step's
/// gradients are compared with the ``Oracle``'s, and each update with that of the rule itself on the engine's own gradients; then the
/// course goes on in another session, to the same bits.
struct TrainingCourse {
    let name: String
    let training: TrainingConfiguration
    /// The parts that each batch is computed in.
    private let parts: Int

    private static let partSize = 4
    private static let steps = 3
    private static let classes = 5

    init(
        _ name: String, loss: any Loss = SoftmaxCrossEntropy(), optimizer: any Optimizer = SGD(),
        clipping: GradientClipping? = nil, averaging: WeightAveraging? = nil, parts: Int = 1, softTargets: Bool = false
    ) {
        self.name = name
        self.parts = parts
        training = TrainingConfiguration(
            loss: loss, optimizer: optimizer, seed: 7, gradientClipping: clipping, averaging: averaging,
            accumulatesGradients: parts > 1, usesSoftTargets: softTargets, recordsUpdates: true,
            outputs: [2], gradients: [0, 2])
    }

    /// No batch norm, so that the parts of a batch make the gradient of the whole; functions without kinks.
    private static func graph() throws -> Graph {
        try Network(input: [3, 9, 9]) {
            Conv2D(18, kernel: 3, padding: 1)
            Tanh()
            AveragePool2D(3)
            Dropout(0.25)
            Residual { Conv2D(18, kernel: 3, padding: 1, bias: false) }
            Flatten()
            Dense(classes)
        }.graph
    }

    func run(_ engine: any Engine) throws {
        let graph = try Self.graph()
        let course = try Course(
            self, graph, engine.makeInitializedSession(for: graph), context: graph.context(in: engine))
        for step in 0..<Self.steps { try course.check(step: step) }
        // What a checkpoint holds is all that it takes to go on.
        let other = try Course(self, graph, engine.makeSession(for: graph), context: course.context)
        other.session.algorithms = course.session.algorithms
        try other.adopt(course)
        try course.check(step: Self.steps)
        try other.check(step: Self.steps)
        try other.expectBits(of: course)
    }

    /// One session that trains.
    private final class Course {
        let session: any EngineSession
        let context: String
        private let owner: TrainingCourse
        private let graph: Graph
        private let plan: any TrainingPlan

        init(_ owner: TrainingCourse, _ graph: Graph, _ session: any EngineSession, context: String) throws {
            self.owner = owner
            self.graph = graph
            self.session = session
            self.context = "\(owner.name): \(context)"
            plan = try session.makeTrainingPlan(batchSize: TrainingCourse.partSize, training: owner.training)
            for index in graph.parameters.indices where owner.training.averaging != nil {
                try session.setOptimizerState(WeightAveraging.stateName, of: index, to: session.parameter(index))
            }
        }

        private var training: TrainingConfiguration { owner.training }

        // MARK: Going on elsewhere

        func adopt(_ other: Course) throws {
            for index in graph.parameters.indices {
                try session.setParameter(index, to: other.session.parameter(index))
                for name in training.checkpointedStateNames {
                    try session.setOptimizerState(name, of: index, to: other.session.optimizerState(name, of: index))
                }
            }
        }

        func expectBits(of other: Course) throws {
            for (index, parameter) in graph.parameters.enumerated() {
                try expect(
                    session.parameter(index), other.session.parameter(index), within: 0,
                    "\(parameter.name) of a run that goes on")
                for name in training.checkpointedStateNames {
                    try expect(
                        session.optimizerState(name, of: index), other.session.optimizerState(name, of: index),
                        within: 0, "\(name) of \(parameter.name) of a run that goes on")
                }
            }
        }

        private func expect(_ found: [Float], _ expected: [Float], within tolerance: Double, _ what: String) throws {
            let error = relativeError(found, expected, floor: 1e-6)
            guard error <= tolerance else {
                throw ConformanceFailure(what: what, error: error, tolerance: tolerance, context: context)
            }
        }

        // MARK: A step

        func check(step: Int) throws {
            let names = training.checkpointedStateNames
            let weights = try graph.parameters.indices.map(session.parameter)
            let states = try graph.parameters.indices.map { index in
                try names.map { try session.optimizerState($0, of: index) }
            }
            var total = StepResult()
            var gradients = graph.parameters.map { [Double](repeating: 0, count: $0.count) }
            for part in 0..<owner.parts {
                let name = "step \(step + 1)" + (owner.parts > 1 ? ", part \(part + 1)" : "")
                let (result, oracle) = try check(step: step, part: part, before: total, weights: weights, name)
                total += result
                for index in gradients.indices {
                    for (element, value) in oracle.parameter(index).enumerated() {
                        gradients[index][element] += result.weight * value
                    }
                }
            }
            let means = gradients.map { $0.map { $0 / total.weight } }
            let expected = clipped(means)
            let found = try graph.parameters.indices.map { try plan.gradient($0) }
            for (index, parameter) in graph.parameters.enumerated() {
                // Digits are those of the gradient before it is clipped: what is left of it has no more.
                let scale = expected[index].lazy.map(abs).max() ?? 0
                let lost = training.isClippedByValue ? (means[index].lazy.map(abs).max() ?? 0) / scale : 1
                try expect(
                    found[index], expected[index].map { Float($0) }, within: Oracle.tolerance * lost,
                    "step \(step + 1): gradient of \(parameter.name)")
                try checkUpdate(index, weights[index], found[index], states[index], step: step)
            }
        }

        /// Computes one part, and checks all of it but the update.
        private func check(
            step: Int, part: Int, before total: StepResult, weights: [[Float]], _ name: String
        ) throws -> (StepResult, Oracle) {
            let batch = Oracle.Batch(for: graph, size: plan.batchSize, number: step * owner.parts + part)
            _ = plan.images.update(fromContentsOf: batch.images)
            _ = plan.labels.update(fromContentsOf: batch.labels)
            _ = plan.samples.update(fromContentsOf: batch.samples)
            let targets = training.usesSoftTargets ? softTargets(of: batch) : nil
            if let targets { _ = plan.softTargets.update(fromContentsOf: targets) }
            let result = try plan.step(
                TrainingStep(
                    learningRate: 0.05, epoch: batch.epoch, update: step + 1,
                    part: BatchPart(isFirst: part == 0, isLast: part == owner.parts - 1, weightBefore: total.weight)))
            let last = graph.nodes.count - 1
            let logits = Array(plan.logits)
            var gradient = [Float](repeating: 0, count: logits.count)
            let expected = training.loss.evaluate(
                logits: logits, labels: batch.labels, softTargets: targets, samples: batch.size,
                classes: TrainingCourse.classes, gradient: &gradient)
            try expect(
                [result.lossSum, result.weight].map { Float($0) },
                [expected.lossSum, expected.weight].map { Float($0) },
                within: 1e-6, "\(name): loss and weight")
            let request = PlanRequest(
                mode: .training(seed: training.seed), outputs: training.outputs, sources: [last],
                gradients: training.gradients, parameterGradients: Set(graph.parameters.indices))
            let oracle = try Oracle(graph, batch, parameters: weights, .request(request, given: [last: gradient]))
            try oracle.checkLogits(logits, "\(name): logits", context)
            for node in training.outputs {
                try oracle.checkOutput(
                    node, plan.output(of: node), "\(name): output of \(graph.nodes[node].path)", context)
            }
            for node in training.gradients {
                try oracle.checkGradient(
                    node, plan.gradient(ofNode: node), "\(name): gradient with respect to \(graph.nodes[node].path)",
                    context)
            }
            return (result, oracle)
        }

        private func softTargets(of batch: Oracle.Batch) -> [Float] {
            let drawn = RandomStream(seed: 6, purpose: .synthesis, first: UInt32(batch.labels.reduce(0, +)))
                .uniform(batch.size * TrainingCourse.classes, low: 0.01, high: 1)
            return drawn.indices.map { index in
                let row = index / TrainingCourse.classes * TrainingCourse.classes
                return drawn[index] / drawn[row..<row + TrainingCourse.classes].reduce(0, +)
            }
        }

        private func clipped(_ gradients: [[Double]]) -> [[Double]] {
            switch training.gradientClipping {
            case nil: return gradients
            case .value(let limit):
                return gradients.map { $0.map { min(max($0, -Double(limit)), Double(limit)) } }
            case .norm(let limit):
                let norm = gradients.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
                let scale = min(1, Double(limit) / (norm + 1e-6))
                return gradients.map { $0.map { $0 * scale } }
            }
        }

        /// The rule itself on the engine's own numbers, as they lie in files.
        private func checkUpdate(
            _ index: Int, _ weights: [Float], _ gradient: [Float], _ states: [[Float]], step: Int
        ) throws {
            let name = "step \(step + 1): \(graph.parameters[index].name)"
            let own = training.optimizer.stateNames.count
            let rule = OptimizerStep(
                learningRate: 0.05, weightDecay: training.optimizer.weightDecay, number: step + 1)
            let arrays = ([weights] + states.prefix(own)).map { values in
                let buffer = AlignedBuffer<Float>(count: values.count)
                _ = buffer.elements.update(fromContentsOf: values)
                return buffer
            }
            let pointers = AlignedBuffer<UnsafeMutablePointer<Float>>(count: own)
            for slot in 0..<own { pointers.elements[slot] = arrays[slot + 1].pointer }
            training.optimizer.update(
                weights: arrays[0].pointer, gradients: gradient, state: UnsafePointer(pointers.pointer),
                range: weights.indices, step: rule)
            let updated = Array(arrays[0].elements)
            try expect(session.parameter(index), updated, within: 1e-6, name)
            for (slot, state) in training.optimizer.stateNames.enumerated() {
                try expect(
                    session.optimizerState(state, of: index), Array(arrays[slot + 1].elements), within: 1e-6,
                    "\(name), \(state)")
            }
            if let averaging = training.averaging {
                let kept = averaging.decay(update: step + 1)
                try expect(
                    session.optimizerState(WeightAveraging.stateName, of: index),
                    zip(states[own], updated).map { Float(kept * Double($0) + (1 - kept) * Double($1)) },
                    within: 1e-6, "\(name), its average")
            }
            let moved = zip(updated, weights).map { Double($0) - Double($1) }
            let statistics = plan.updateStatistics[index]
            func norm(_ values: [Double]) -> Float { Float(values.reduce(0) { $0 + $1 * $1 }.squareRoot()) }
            try expect(
                [statistics.weightNorm, statistics.gradientNorm, statistics.updateNorm].map { Float($0) },
                [norm(weights.map(Double.init)), norm(gradient.map(Double.init)), norm(moved)], within: 1e-4,
                "\(name), how far it has moved")
        }
    }
}

extension TrainingConfiguration {
    fileprivate var isClippedByValue: Bool { if case .value = gradientClipping { true } else { false } }
}

extension ConformanceCheck {
    /// All that a run may ask of a step.
    static let courses: [ConformanceCheck] = [
        TrainingCourse("SGD without momentum", optimizer: SGD(momentum: 0, weightDecay: 1e-2)),
        TrainingCourse("SGD with Nesterov's momentum", optimizer: SGD(nesterov: true, weightDecay: 1e-2)),
        TrainingCourse("Adam", optimizer: Adam(weightDecay: 1e-2)),
        TrainingCourse("AdamW", optimizer: AdamW()),
        TrainingCourse("RMSProp", optimizer: RMSProp()),
        TrainingCourse("RMSProp, centred, with momentum", optimizer: RMSProp(momentum: 0.9, centered: true)),
        TrainingCourse("AdaGrad", optimizer: AdaGrad(weightDecay: 1e-2)),
        TrainingCourse(
            "weighted classes and smoothed labels",
            loss: SoftmaxCrossEntropy(labelSmoothing: 0.1, classWeights: [1, 2, 0.5, 3, 0.25])),
        TrainingCourse("mean squared error", loss: MeanSquaredError()),
        TrainingCourse("soft targets", softTargets: true),
        TrainingCourse("mean squared error of soft targets", loss: MeanSquaredError(), softTargets: true),
        TrainingCourse("clipping by value", clipping: .value(0.01)),
        TrainingCourse("clipping by norm", clipping: .norm(0.1)),
        TrainingCourse("clipping that clips nothing", clipping: .norm(100)),
        TrainingCourse("an average of the weights", averaging: WeightAveraging(decay: 0.99)),
        TrainingCourse("batches in three parts", parts: 3),
        TrainingCourse(
            "everything at once", loss: SoftmaxCrossEntropy(labelSmoothing: 0.1, classWeights: [1, 2, 0.5, 3, 0.25]),
            optimizer: AdamW(), clipping: .norm(0.1), averaging: WeightAveraging(), parts: 2),
        TrainingCourse(
            "everything at once, of soft targets", optimizer: RMSProp(momentum: 0.9, weightDecay: 1e-3),
            clipping: .value(0.05), averaging: WeightAveraging(), parts: 2, softTargets: true),
    ].map { course in ConformanceCheck(.training, course.name) { try course.run($0) } }
}
