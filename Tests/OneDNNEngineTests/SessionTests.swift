#if CONVNET_ONEDNN
import ConvNetGraph
import ConvNetEngine
import OneDNNEngine
import TestSupport
import Testing

/// Parameters and optimizer state go in and come out in PyTorch's layout, whatever layout they lie in meanwhile.
@Suite struct SessionTests {
    /// 17 and 20 channels leave blocks of 16 partly filled; grouped weights have a dimension more in oneDNN.
    private let graph: Graph
    private let training = TrainingConfiguration(loss: SoftmaxCrossEntropy(), optimizer: SGD(), seed: 0)

    init() throws {
        graph = try Graph(
            input: [3, 9, 9],
            operations: [
                Conv2D(17, kernel: 3), ReLU(), Conv2D(20, kernel: Size(3, 1), bias: false),
                Conv2D(20, kernel: 1, groups: 4), Flatten(), Dense(19), Tanh(), Dense(5, bias: false),
            ])
    }

    @Test func parametersKeepTheirBits() throws {
        let session = try OneDNNEngine(threads: 1).makeSession(for: graph)
        for index in graph.parameters.indices {
            #expect(try session.parameter(index) == [Float](repeating: 0, count: graph.parameters[index].count))
            try session.setParameter(index, to: values(index, round: 0))
            #expect(try session.parameter(index) == values(index, round: 0), "\(graph.parameters[index].name)")
        }
        let generation = session.layoutGeneration
        _ = try session.makeTrainingPlan(batchSize: 4, training: training)
        #expect(session.layoutGeneration > generation)
        for index in graph.parameters.indices {
            #expect(try session.parameter(index) == values(index, round: 0), "\(graph.parameters[index].name), moved")
            try session.setParameter(index, to: values(index, round: 1))
            #expect(try session.parameter(index) == values(index, round: 1), "\(graph.parameters[index].name), set")
        }
    }

    /// Plans share memory: what one has left is gone, and not read, once another has run.
    @Test func whatAPassHasLeftIsThereUntilAnotherPlanRuns() throws {
        let session = try OneDNNEngine(threads: 1).makeSession(for: graph)
        let request = PlanRequest(outputs: [2], sources: [8], gradients: [0], parameterGradients: [0])
        let plan = try session.makePlan(batchSize: 2, request: request)
        let other = try session.makeInferencePlan(batchSize: 3)
        try plan.run()
        try plan.backward()
        _ = try (plan.output(of: 2), plan.gradient(ofNode: 0), plan.gradient(ofParameter: 0))
        try plan.run()
        try other.run()
        #expect(throws: EngineError.passIsOver) { try plan.backward() }
        #expect(throws: EngineError.passIsOver) { try plan.output(of: 2) }
        #expect(throws: EngineError.passIsOver) { try plan.gradient(ofNode: 0) }
        #expect(throws: EngineError.passIsOver) { try plan.gradient(ofParameter: 0) }
        let trainer = try session.makeTrainingPlan(batchSize: 2, training: training)
        let step = TrainingStep(learningRate: 0.1, epoch: 0)
        let result = try trainer.computeGradients(step)
        try session.makeInferencePlan(batchSize: 3).run()
        #expect(throws: EngineError.passIsOver) { try trainer.gradient(0) }
        #expect(throws: EngineError.passIsOver) { try trainer.update(step, weight: result.weight) }
    }

    @Test func optimizerStateKeepsItsBits() throws {
        let session = try OneDNNEngine(threads: 1).makeSession(for: graph)
        for index in graph.parameters.indices {
            #expect(
                try session.optimizerState("momentum", of: index)
                    == [Float](repeating: 0, count: graph.parameters[index].count))
            try session.setOptimizerState("momentum", of: index, to: values(index, round: 0))
        }
        _ = try session.makeTrainingPlan(batchSize: 4, training: training)
        for index in graph.parameters.indices {
            let name = graph.parameters[index].name
            #expect(try session.optimizerState("momentum", of: index) == values(index, round: 0), "\(name), moved")
            try session.setOptimizerState("momentum", of: index, to: values(index, round: 1))
            #expect(try session.optimizerState("momentum", of: index) == values(index, round: 1), "\(name), set")
        }
    }

    /// What is set before and after the plan was compiled takes part in its steps.
    @Test func stepStartsFromWhatWasSet() throws {
        let engines: [any Engine] = [try OneDNNEngine(threads: 1), ReferenceEngine()]
        let results = try engines.map { engine in
            let run = try SeededTraining(engine, graph, batchSize: 4)
            for index in graph.parameters.indices {
                try run.session.setOptimizerState("momentum", of: index, to: values(index, round: 0))
                try run.session.setParameter(index, to: values(index, round: 1).map { $0 / 16 })
            }
            try run.step()
            return try (
                run.weights(), graph.parameters.indices.map { try run.session.optimizerState("momentum", of: $0) }
            )
        }
        for index in graph.parameters.indices {
            let name = graph.parameters[index].name
            #expect(relativeError(results[0].0[index], results[1].0[index]) < 1e-5, "\(name)")
            #expect(relativeError(results[0].1[index], results[1].1[index]) < 1e-5, "momentum of \(name)")
        }
    }

    /// An inference plan that keeps copies in other layouts renews them.
    @Test func inferencePlanSeesNewParameters() throws {
        let engines: [any Engine] = [try OneDNNEngine(threads: 1), ReferenceEngine()]
        let logits = try engines.map { engine in
            let run = try SeededTraining(engine, graph, batchSize: 4)
            let plan = try run.session.makeInferencePlan(batchSize: 2)
            for (index, _) in plan.images.enumerated() { plan.images[index] = Float(index % 13) / 13 }
            var logits: [[Float]] = []
            for _ in 1...2 {
                try plan.run()
                logits.append(Array(plan.logits))
                try run.step()
            }
            for index in graph.parameters.indices {
                try run.session.setParameter(index, to: values(index, round: 2).map { $0 / 16 })
            }
            try plan.run()
            return logits + [Array(plan.logits)]
        }
        for (oneDNN, reference) in zip(logits[0], logits[1]) { #expect(relativeError(oneDNN, reference) < 1e-5) }
        #expect(Set(logits[0]).count == 3)
    }

    @Test func wrongNumberOfValuesIsRefused() throws {
        let session = try OneDNNEngine(threads: 1).makeSession(for: graph)
        let error = EngineError.wrongValueCount(parameter: "0.bias", expected: 17, received: 16)
        #expect(throws: error) { try session.setParameter(1, to: [Float](repeating: 1, count: 16)) }
        #expect(throws: error) {
            try session.setOptimizerState("momentum", of: 1, to: [Float](repeating: 1, count: 16))
        }
    }

    private func values(_ index: Int, round: UInt32) -> [Float] {
        RandomStream(seed: 9, purpose: .synthesis, first: UInt32(index), second: round)
            .uniform(graph.parameters[index].count, low: -1, high: 1)
    }
}
#endif
