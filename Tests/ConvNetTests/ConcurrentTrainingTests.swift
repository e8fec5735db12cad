import ConvNet
import TestSupport
import Testing

/// Models of one process share nothing but the processors.
@Suite struct ConcurrentTrainingTests {
    private func weights(seed: UInt64, engine: String, threads: Int) async throws -> [String: [UInt32]] {
        let model = try Corners.model(engine: Engines.make(named: engine, threads: threads), seed: seed)
        let trainer = Trainer(epochs: 4, batchSize: 8, learningRate: 0.05, seed: seed)
        _ = try await trainer.train(model, on: Corners.dataset(count: 50, seed: seed))
        return try await model.weights().bits
    }

    @Test(arguments: Engines.names)
    func sameBitsAsOneAfterTheOther(engine: String) async throws {
        var alone: [[String: [UInt32]]] = []
        for seed in 0..<4 {
            alone.append(try await weights(seed: UInt64(seed), engine: engine, threads: 1 + seed % 2))
        }
        try await withThrowingTaskGroup(of: (Int, [String: [UInt32]]).self) { group in
            for seed in 0..<4 {
                group.addTask {
                    (seed, try await weights(seed: UInt64(seed), engine: engine, threads: 1 + seed % 2))
                }
            }
            for try await (seed, together) in group { #expect(together == alone[seed], "seed \(seed)") }
        }
    }

    /// Calls wait for the run and find the model trained.
    @Test func callsDuringARunWait() async throws {
        let model = try Corners.model()
        let images = try Corners.dataset(count: 50)
        let observer = TrainingObserver()
        async let end = Trainer(epochs: 4, learningRate: 0.05).train(model, on: images, listeners: [observer])
        async let first = model.evaluate(images)
        async let second = model.probabilities([Float](repeating: 0.5, count: 64))
        #expect(try await first.imageCount == 50)
        #expect(try await second.count == 3)
        #expect(try await end.reason == .completed)
        #expect(observer.epochs.count == 4)
    }
}
