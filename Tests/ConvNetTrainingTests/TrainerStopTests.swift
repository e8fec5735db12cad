import Synchronization
import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

/// The ways in which a run ends before its last epoch.
@Suite struct TrainerStopTests {
    private let trainer = Trainer(epochs: 3, batchSize: 4, learningRate: 0.1)

    @Test func allListenersSeeEveryEventWhenTheFirstStops() async throws {
        let observers = [TrainingObserver.stopping(afterStep: 2), TrainingObserver(), TrainingObserver()]
        let end = try await trainer.train(Corners.model(), on: Corners.dataset(count: 10), listeners: observers)
        for observer in observers {
            #expect(observer.outline == ["start", "epoch 1", "step 1.1", "step 1.2", "stopped"])
        }
        #expect(end == RunEnd(reason: .stopped, epochs: 0, steps: 2, best: nil))
    }

    /// The epoch's work is done: what is left is to say how it went.
    @Test func stopAtTheLastStepFinishesTheEpoch() async throws {
        let observer = TrainingObserver.stopping(afterStep: 3)
        let end = try await trainer.train(
            Corners.model(), on: Corners.dataset(count: 10), validation: Corners.dataset(count: 4),
            listeners: [observer])
        #expect(
            observer.outline == ["start", "epoch 1", "step 1.1", "step 1.2", "step 1.3", "epoch 1 done", "stopped"])
        #expect(end.epochs == 1)
        #expect(end.best?.epoch == 1)
    }

    @Test(arguments: ["start", "epoch 2", "step 2.1", "epoch 2 done"])
    func stopAtAnyEvent(event: String) async throws {
        let observer = TrainingObserver { found, _ in found.outline == event ? .stop : .continue }
        let end = try await trainer.train(Corners.model(), on: Corners.dataset(count: 10), listeners: [observer])
        #expect(observer.outline.suffix(2) == [event, "stopped"])
        #expect(end.reason == .stopped)
    }

    @Test func stoppedRunGivesACheckpoint() async throws {
        let checkpoint = Mutex<TrainingCheckpoint?>(nil)
        let writer = TrainingObserver { event, run in
            if event.isEnd { try checkpoint.withLock { $0 = try run.checkpoint() } }
            return event.outline == "step 2.2" ? .stop : .continue
        }
        _ = try await trainer.train(Corners.model(), on: Corners.dataset(count: 10), listeners: [writer])
        let found = try #require(checkpoint.withLock { $0 })
        #expect(found.finishedEpochs == 1)
        #expect(found.stepsInEpoch == 2)
        #expect(found.engine == "reference 1")
        #expect(found.threads == 1)
    }

    // MARK: Errors

    private struct Refusal: Error, Equatable {}

    @Test func listenersErrorEndsTheRunWithTheBestWeights() async throws {
        let best = Mutex<[String: [Float]]?>(nil)
        let observer = TrainingObserver { event, run in
            if event.outline == "epoch 2 done" { best.withLock { $0 = run.bestWeights() } }
            if event.outline == "step 3.2" { throw Refusal() }
            return .continue
        }
        let model = try Corners.model()
        await #expect(throws: Refusal()) {
            try await trainer.train(
                model, on: Corners.dataset(count: 10), validation: Corners.dataset(count: 4), listeners: [observer])
        }
        #expect(observer.outline.last == "step 3.2")
        let expected = try #require(best.withLock { $0 })
        #expect(try await model.weights().bits == expected.bits)
    }

    @Test func divergenceIsReportedAndTheModelKeepsItsBestWeights() async throws {
        // The rate is 0.1 in the first epoch and 10²⁹ afterwards.
        let trainer = Trainer(
            epochs: 3, batchSize: 4, learningRate: 0.1, schedule: Schedule(.step(every: 1, factor: 1e30)))
        let model = try Corners.model()
        let error = try await #require(throws: TrainingError.self) {
            try await trainer.train(model, on: Corners.dataset(count: 10), validation: Corners.dataset(count: 4))
        }
        guard case .lossNotFinite(let loss, let epoch, let step, let rate) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!loss.isFinite)
        // The first step of the second epoch still has good weights, and ruins them.
        #expect(epoch == 2)
        #expect(step == 2)
        #expect(rate == Float(Double(Float(0.1)) * 1e30))
        #expect(try await model.weights().isFinite)
    }

    @Test func lossNotFiniteInWords() {
        #expect(
            TrainingError.lossNotFinite(loss: .nan, epoch: 2, step: 7, learningRate: 1e30).description
                == "the loss became nan in epoch 2, step 7, at learning rate 1e+30; "
                + "try a smaller learning rate or a warm-up")
    }

    /// A checkpoint with such weights would take the place of a good one.
    @Test func noCheckpointOfWeightsThatAreNotFinite() async throws {
        let trainer = Trainer(epochs: 1, batchSize: 10, learningRate: 1e38, optimizer: SGD(momentum: 0.9))
        let writer = TrainingObserver { event, run in
            if event.outline == "step 1.1" { _ = try run.checkpoint() }
            return .continue
        }
        // One step can take the weights beyond Float only when the images are large.
        let images = try ArrayDataset(
            images: [Float](repeating: 1e10, count: 10 * 64), shape: Corners.shape, labels: (0..<10).map { $0 % 3 },
            classes: Corners.classes)
        let model = try Model(Corners.linearNetwork(), classes: Corners.classes, engine: ReferenceEngine())
        let error = try await #require(throws: TrainingError.self) {
            try await trainer.train(model, on: images, listeners: [writer])
        }
        #expect(error == .weightsNotFinite(parameter: "1.weight", epoch: 0))
        #expect(
            "\(error)"
                == "1.weight holds values that are not finite after epoch 0; try a smaller learning rate")
    }

    // MARK: Cancellation

    @Test func cancellationStopsAfterTheCurrentStep() async throws {
        let observer = TrainingObserver { event, _ in
            if event.outline == "step 1.2" { withUnsafeCurrentTask { $0?.cancel() } }
            return .continue
        }
        let run = Task { [trainer] in
            try await trainer.train(Corners.model(), on: Corners.dataset(count: 10), listeners: [observer])
        }
        #expect(try await run.value == RunEnd(reason: .stopped, epochs: 0, steps: 2, best: nil))
        #expect(observer.outline == ["start", "epoch 1", "step 1.1", "step 1.2", "stopped"])
    }
}
