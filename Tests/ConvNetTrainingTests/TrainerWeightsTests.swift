import Synchronization
import TestSupport
import Testing

@testable import ConvNetTraining

/// Which weights a run ends with.
@Suite struct TrainerWeightsTests {
    private let trainer = Trainer(epochs: 10, batchSize: 4, learningRate: 0.05, seed: 1)

    private func weights(
        of trainer: Trainer, initial seed: UInt64 = 0, listeners: sending [any TrainingListener] = []
    ) async throws -> [String: [UInt32]] {
        let model = try Corners.model(seed: seed)
        _ = try await trainer.train(model, on: Corners.dataset(count: 21), listeners: listeners)
        return try await model.weights().bits
    }

    @Test func learns() async throws {
        let model = try Corners.model()
        let test = try Corners.dataset(count: 60, seed: 9)
        let before = try await model.evaluate(test)
        _ = try await trainer.train(model, on: Corners.dataset(count: 60))
        let after = try await model.evaluate(test)
        #expect(after.accuracy > 0.95)
        #expect(after.loss < before.loss / 2)
    }

    @Test func sameSeedSameBits() async throws {
        #expect(try await weights(of: trainer) == weights(of: trainer))
    }

    @Test func everySeedHasItsOwnBits() async throws {
        var other = trainer
        other.seed = 2
        let found = try await weights(of: trainer)
        #expect(try await found != weights(of: other))
        #expect(try await found != weights(of: trainer, initial: 1))
    }

    /// Nothing is left in a model of the runs before but its weights: no momentum, above all none that is not finite.
    @Test func aRunDoesNotFeelTheOnesBefore() async throws {
        let fresh = try Corners.model()
        let used = try Corners.model()
        let initial = try await used.weights()
        let images = try Corners.dataset(count: 21)
        var diverging = trainer
        diverging.learningRate = 1e30
        await #expect(throws: TrainingError.self) { try await diverging.train(used, on: images) }
        try await used.setWeights(initial)

        _ = try await trainer.train(fresh, on: images)
        _ = try await trainer.train(used, on: images)
        #expect(try await used.weights().bits == fresh.weights().bits)
    }

    // MARK: The best epoch

    /// Trains and returns the epochs, the weights after each, and those that the model ends with.
    private func run(
        restoresBestWeights: Bool
    ) async throws -> (epochs: [EpochReport], weights: [[String: [UInt32]]], last: [String: [UInt32]], end: RunEnd) {
        let weights = Mutex<[[String: [UInt32]]]>([])
        let observer = TrainingObserver { event, run in
            if event.epoch != nil { try weights.withLock { $0.append(try run.weights().bits) } }
            return .continue
        }
        // At this rate the accuracy goes up and down.
        let trainer = Trainer(
            epochs: 8, batchSize: 4, learningRate: 1.5, seed: 3, restoresBestWeights: restoresBestWeights)
        let model = try Corners.model()
        let end = try await trainer.train(
            model, on: Corners.dataset(count: 20), validation: Corners.dataset(count: 12, seed: 5),
            listeners: [observer])
        return (observer.epochs, weights.withLock { $0 }, try await model.weights().bits, end)
    }

    /// Higher accuracy first, then lower loss, then the earlier epoch.
    @Test func bestEpochByAccuracyThenLoss() async throws {
        let (epochs, weights, last, end) = try await run(restoresBestWeights: true)
        var best: (epoch: Int, evaluation: Evaluation)?
        for report in epochs {
            let found = try #require(report.validation)
            let isBest =
                best.map { best in
                    found.accuracy > best.evaluation.accuracy
                        || (found.accuracy == best.evaluation.accuracy && found.loss < best.evaluation.loss)
                } ?? true
            #expect(report.isBest == isBest)
            if isBest { best = (report.epoch, found) }
        }
        let winner = try #require(best)
        #expect(winner.epoch < 8, "a run whose last epoch is the best cannot tell best from last")
        #expect(end.best == BestEpoch(epoch: winner.epoch, validation: winner.evaluation))
        #expect(last == weights[winner.epoch - 1])
        #expect(last != weights[7])
    }

    @Test func lastWeightsStayWhereAskedFor() async throws {
        let (_, weights, last, end) = try await run(restoresBestWeights: false)
        #expect(last == weights[7])
        #expect(try #require(end.best).epoch < 8)
    }
}
