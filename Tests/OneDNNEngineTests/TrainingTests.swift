#if CONVNET_ONEDNN
import ConvNetCore
import OneDNNEngine
import TestSupport
import Testing

/// What training leaves behind: the same bits in a second run, and plans that evaluate.
@Suite struct TrainingTests {
    private let graph: Graph

    init() throws {
        graph = try Graph(
            input: [3, 10, 10],
            operations: [
                Conv2D(17, kernel: 3, padding: 1), ReLU(), MaxPool2D(2), Dropout(0.25), Conv2D(8, kernel: 3), Tanh(),
                Flatten(), Dense(24), ReLU(), Dropout(0.5), Dense(10),
            ])
    }

    /// Every rule and what surrounds it, over batches of parts of 5, 5 and 2 images. Epsilons are so large that rounding
    /// does not decide which way an element goes whose gradient is nearly zero.
    @Test(
        arguments: [
            SGD(nesterov: true), Adam(epsilon: 0.1), AdamW(epsilon: 0.1), RMSProp(epsilon: 0.1, momentum: 0.5),
            AdaGrad(epsilon: 0.1),
        ] as [any Optimizer], [1, 2])
    func everyOptimizerWithEverythingElse(optimizer: any Optimizer, threads: Int) throws {
        let graph = try Graph(input: [301], operations: [Dense(257), Tanh(), Dense(10)])
        let agreement = try Agreement(graph, batchSize: 5, threads: threads, context: "\(optimizer)") {
            $0.addEverything()
            $0.optimizer = optimizer
            $0.parameters = graph.parameters.indices.map {
                ParameterSettings(learningRateFactor: [0.5, 0, 1, 2][$0], weightDecay: 0.01)
            }
        }
        for _ in 1...3 {
            try agreement.changeBatchSize(to: 5)
            try agreement.step(BatchPart(isFirst: true, isLast: false, weightBefore: 0))
            try agreement.step(BatchPart(isFirst: false, isLast: false, weightBefore: 5))
            try agreement.changeBatchSize(to: 2)
            try agreement.step(BatchPart(isFirst: false, isLast: true, weightBefore: 10))
        }
        try agreement.expectEqualParameters()
        let (found, expected) = (try agreement.oneDNN.states(), try agreement.reference.states())
        for (name, arrays) in expected {
            for (index, array) in arrays.enumerated() {
                #expect(relativeError(found[name]?[index] ?? [], array, floor: 1e-6) < 1e-3, "\(name) of \(index)")
            }
        }
    }

    @Test(arguments: [1, 2])
    func secondRunGivesTheSameBits(threads: Int) throws {
        let runs = try (1...2).map { _ in
            let run = try SeededTraining(try OneDNNEngine(threads: threads), graph, batchSize: 7)
            let losses = try (1...10).map { _ in try run.step().lossSum }
            return (losses, try run.parameters())
        }
        #expect(runs[0].0 == runs[1].0)
        #expect(runs[0].1 == runs[1].1)
    }

    /// Dropout does nothing in evaluation, also where the plan is one that trains.
    @Test func trainingPlanEvaluatesWithoutDropout() throws {
        let run = try SeededTraining(try OneDNNEngine(threads: 1), graph, batchSize: 4)
        try run.step()
        let inference = try run.session.makeInferencePlan(batchSize: 4)
        _ = inference.images.update(fromContentsOf: run.plan.images)
        try inference.run()
        try run.plan.run()
        #expect(relativeError(run.plan.logits, inference.logits) < 1e-5)
    }
}
#endif
