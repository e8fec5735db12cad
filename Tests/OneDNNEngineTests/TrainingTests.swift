#if CONVNET_ONEDNN
import ConvNetGraph
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

    @Test(arguments: [1, 2])
    func secondRunGivesTheSameBits(threads: Int) throws {
        let runs = try (1...2).map { _ in
            let run = try SeededTraining(try OneDNNEngine(threads: threads), graph, batchSize: 7)
            let losses = try (1...10).map { _ in try run.step().lossSum }
            return (losses, try run.weights())
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
