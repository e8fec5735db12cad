import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

/// What a run tells its listeners, and in which order.
@Suite struct TrainerEventsTests {
    /// Ten images in batches of four: the third step of an epoch has two.
    private let trainer = Trainer(epochs: 2, batchSize: 4, learningRate: 0.1)

    @Test func everyEventInOrder() async throws {
        let observer = TrainingObserver()
        let end = try await trainer.train(
            Corners.model(), on: Corners.dataset(count: 10), validation: Corners.dataset(count: 5, seed: 1),
            listeners: [observer])
        #expect(
            observer.outline == [
                "start", "epoch 1", "step 1.1", "step 1.2", "step 1.3", "epoch 1 done", "epoch 2", "step 2.1",
                "step 2.2", "step 2.3", "epoch 2 done", "completed",
            ])
        #expect(end.reason == .completed)
        #expect(end.epochs == 2)
        #expect(end.steps == 6)
        #expect(end.best != nil)
    }

    @Test func startTellsTheCounts() async throws {
        let observer = TrainingObserver()
        _ = try await trainer.train(
            Corners.model(), on: Corners.dataset(count: 10), validation: Corners.dataset(count: 5),
            listeners: [observer])
        guard case .runStarted(let start) = observer.events[0] else {
            Issue.record("the first event is \(observer.outline[0])")
            return
        }
        #expect(
            start
                == RunStart(
                    epochs: 2, stepsPerEpoch: 3, batchSize: 4, trainingImages: 10, validationImages: 5,
                    completedSteps: 0))
    }

    @Test func stepsAndEpochsAgree() async throws {
        let observer = TrainingObserver()
        _ = try await trainer.train(Corners.model(), on: Corners.dataset(count: 10), listeners: [observer])
        #expect(observer.steps.map(\.imageCount) == [4, 8, 10, 4, 8, 10])
        #expect(observer.steps.allSatisfy { $0.stepsPerEpoch == 3 && $0.learningRate == 0.1 })
        #expect(observer.epochs.map(\.epoch) == [1, 2])
        for (epoch, steps) in zip(observer.epochs, [observer.steps.prefix(3), observer.steps.suffix(3)]) {
            // The short batch counts by its images.
            let sizes = [4.0, 4, 2]
            let mean = zip(steps, sizes).map { $0.loss * $1 }.reduce(0, +) / 10
            #expect(abs(epoch.trainingLoss - mean) < 1e-12)
            #expect(epoch.trainingLoss == steps.last?.epochLoss)
            #expect(epoch.trainingAccuracy == steps.last?.epochAccuracy)
            #expect(epoch.learningRate == 0.1)
        }
    }

    @Test func withoutValidationNoEpochIsBest() async throws {
        let observer = TrainingObserver()
        let end = try await trainer.train(Corners.model(), on: Corners.dataset(count: 10), listeners: [observer])
        #expect(observer.epochs.allSatisfy { $0.validation == nil && !$0.isBest })
        #expect(end == RunEnd(reason: .completed, epochs: 2, steps: 6, best: nil))
    }

    @Test func stepsFollowTheSchedule() async throws {
        var trainer = trainer
        trainer.schedule = .oneCycle
        let observer = TrainingObserver()
        _ = try await trainer.train(Corners.model(), on: Corners.dataset(count: 10), listeners: [observer])
        let expected = (0..<6).map {
            Float(Double(Float(0.1)) * Schedule.oneCycle.factor(step: $0, stepsPerEpoch: 3, totalSteps: 6))
        }
        #expect(observer.steps.map(\.learningRate) == expected)
        #expect(observer.epochs.map(\.learningRate) == [expected[2], expected[5]])
    }

    @Test(arguments: [10, 11, .max])
    func batchMayBeLargerThanTheDataset(batchSize: Int) async throws {
        let trainer = Trainer(epochs: 1, batchSize: batchSize, learningRate: 0.1)
        let observer = TrainingObserver()
        _ = try await trainer.train(Corners.model(), on: Corners.dataset(count: 10), listeners: [observer])
        #expect(observer.steps.map(\.imageCount) == [10])
    }

    /// `Trainer(epochs: .max)` trains until something stops it.
    @Test func epochsMayBeUnlimited() async throws {
        let trainer = Trainer(epochs: .max, batchSize: 4, learningRate: 0.1, schedule: Schedule(.cosine()))
        let end = try await trainer.train(
            Corners.model(), on: Corners.dataset(count: 10), listeners: [TrainingObserver.stopping(afterStep: 7)])
        #expect(end.steps == 7)
    }
}
