import ConvNetEngine
import ConvNetGraph

/// Two halves of a batch in two sessions, whose gradients are added between computing and updating, make the step of the whole
/// batch: what training on several machines is made of.
struct DividedBatch {
    private static let half = 3

    private static func graph() throws -> Graph {
        try Network(input: [3, 9, 9]) {
            Conv2D(18, kernel: 3, padding: 1)
            Tanh()
            AveragePool2D(3)
            Residual { Conv2D(18, kernel: 3, padding: 1, bias: false) }
            Flatten()
            Dense(4)
        }.graph
    }

    static func run(_ engine: any Engine, frozen: String? = nil) throws {
        let graph = try graph()
        let optimizer = SGD(momentum: 0.9, weightDecay: 1e-3)
        let group = frozen.map { ParameterGroup($0, learningRateFactor: 0) }
        let training = TrainingConfiguration(
            loss: SoftmaxCrossEntropy(classWeights: [1, 2, 0.5, 3]), optimizer: optimizer, seed: 1,
            parameterSettings: graph.parameters.map { parameter in
                let isFrozen = group?.matches(parameter.name) ?? false
                return ParameterSettings(
                    learningRateFactor: isFrozen ? 0 : 1, weightDecay: isFrozen ? 0 : optimizer.weightDecay)
            },
            gradientClipping: .norm(0.5), hasContiguousGradients: true)
        let sessions = try (0..<3).map { _ in try engine.makeInitializedSession(for: graph) }
        let whole = try sessions[0].makeTrainingPlan(batchSize: 2 * half, training: training)
        var parts = [try sessions[1].makeTrainingPlan(batchSize: half, training: training)]
        // Layouts follow from the algorithms, so that the other one has to choose the same.
        sessions[2].algorithms = sessions[1].algorithms
        parts.append(try sessions[2].makeTrainingPlan(batchSize: half, training: training))
        func expect(_ isTrue: Bool, _ what: String) throws {
            guard isTrue else {
                throw ConformanceFailure(what: what, error: .infinity, tolerance: 0, context: graph.context(in: engine))
            }
        }
        try expect(parts[0].gradientSlices == parts[1].gradientSlices, "layout of the gradients in two sessions")
        let trained = graph.parameters.indices.filter { training.trains($0, of: graph) }
        try expect(
            parts[0].gradientSlices.map(\.parameter) == trained.map { graph.parameters[$0].name },
            "names of the gradients")
        for number in 0..<2 {
            let batch = Oracle.Batch(for: graph, size: 2 * half, number: number)
            let step = TrainingStep(learningRate: 0.1, epoch: 0, update: number + 1)
            fill(whole, batch, from: 0)
            _ = try whole.step(step)
            var weight = 0.0
            var weights: [Double] = []
            for (index, part) in parts.enumerated() {
                fill(part, batch, from: index * half)
                let result = try part.computeGradients(step)
                weights.append(result.weight)
                weight += result.weight
            }
            // Each has the mean over its own samples.
            let sums = zip(parts[0].gradients, parts[1].gradients).map {
                Float((Double($0) * weights[0] + Double($1) * weights[1]) / weight)
            }
            for part in parts {
                _ = part.gradients.update(fromContentsOf: sums)
                try part.update(step, weight: weight)
            }
            for (index, parameter) in graph.parameters.enumerated() {
                let expected = try sessions[0].parameter(index)
                for session in sessions[1...] {
                    let error = relativeError(try session.parameter(index), expected, floor: 1e-3)
                    guard error < 1e-6 else {
                        throw ConformanceFailure(
                            what: "step \(number + 1) of a divided batch: \(parameter.name)", error: error,
                            tolerance: 1e-6,
                            context: graph.context(in: engine))
                    }
                }
                let isFrozen = !training.trains(index, of: graph)
                let first = parameter.initializer.values(for: parameter, seed: 1)
                try expect((expected == first) == isFrozen, "change of \(parameter.name)")
            }
        }
    }

    private static func fill(_ plan: any TrainingPlan, _ batch: Oracle.Batch, from first: Int) {
        let size = plan.batchSize * (batch.images.count / batch.size)
        let start = first * (batch.images.count / batch.size)
        _ = plan.images.update(fromContentsOf: batch.images[start..<start + size])
        _ = plan.labels.update(fromContentsOf: batch.labels[first..<first + plan.batchSize])
        _ = plan.samples.update(fromContentsOf: batch.samples[first..<first + plan.batchSize])
    }
}
