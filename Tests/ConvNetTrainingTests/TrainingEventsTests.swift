import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

/// A run read as an asynchronous sequence.
@Suite struct TrainingEventsTests {
    private let trainer = Trainer(epochs: 2, batchSize: 4, learningRate: 0.1)

    /// Steps are told ten times a second; the last of an epoch always is.
    @Test func endsWithTheRunsEnd() async throws {
        var outline: [String] = []
        var end: RunEnd?
        for try await event in trainer.events(try Corners.model(), on: try Corners.dataset(count: 10)) {
            outline.append(event.outline)
            if case .runEnded(let found) = event { end = found }
        }
        let seldom = outline.filter { !["step 1.1", "step 1.2", "step 2.1", "step 2.2"].contains($0) }
        #expect(
            seldom == [
                "start", "epoch 1", "step 1.3", "epoch 1 done", "epoch 2", "step 2.3", "epoch 2 done", "completed",
            ])
        #expect(end == RunEnd(reason: .completed, epochs: 2, steps: 6, best: nil))
    }

    @Test func trainsAsWithoutASequence() async throws {
        let (one, other) = (try Corners.model(), try Corners.model())
        let (images, validation) = (try Corners.dataset(count: 10), try Corners.dataset(count: 4, seed: 2))
        _ = try await trainer.train(one, on: images, validation: validation)
        for try await _ in trainer.events(other, on: images, validation: validation) {}
        #expect(try await one.weights().bits == other.weights().bits)
    }

    /// The run advances only as it is read.
    @Test func nothingHappensBetweenPulls() async throws {
        let model = try Corners.model()
        let initial = try await model.weights().bits
        var events = trainer.events(model, on: try Corners.dataset(count: 10)).makeAsyncIterator()
        #expect(try await events.next()?.outline == "start")
        #expect(try await events.next()?.outline == "epoch 1")
        #expect(try await model.weights().bits == initial)
        _ = try await events.next()
        let trained = try await model.weights().bits
        #expect(trained != initial)
        #expect(try await model.weights().bits == trained)
    }

    @Test func breakingOffEndsTheRun() async throws {
        let model = try Corners.model()
        let images = try Corners.dataset(count: 10)
        for try await event in trainer.events(model, on: images) where event.outline == "epoch 1 done" { break }
        // The model is free for another run.
        let end = try await trainer.train(model, on: images)
        #expect(end.steps == 6)
    }

    @Test func nothingFollowsTheEnd() async throws {
        var events = trainer.events(try Corners.model(), on: try Corners.dataset(count: 10)).makeAsyncIterator()
        while let event = try await events.next(), !event.isEnd {}
        #expect(try await events.next() == nil)
        #expect(try await events.next() == nil)
    }

    @Test func everyReadingIsARunOfItsOwn() async throws {
        let events = trainer.events(try Corners.model(), on: try Corners.dataset(count: 10))
        for _ in 0..<2 {
            var first: String?
            for try await event in events {
                first = event.outline
                break
            }
            #expect(first == "start")
        }
    }

    // MARK: Errors

    @Test func settingsAreCheckedWithTheFirstPull() async throws {
        let trainer = Trainer(epochs: 0, learningRate: 0.1)
        var events = trainer.events(try Corners.model(), on: try Corners.dataset(count: 10)).makeAsyncIterator()
        await #expect(throws: SettingError("epochs must be at least 1, received 0")) {
            try await events.next()
        }
    }

    @Test func divergenceThrowsAndLeavesTheBestWeights() async throws {
        let trainer = Trainer(
            epochs: 3, batchSize: 4, learningRate: 0.1, schedule: Schedule(.step(every: 1, factor: 1e30)))
        let model = try Corners.model()
        let images = try Corners.dataset(count: 10)
        let events = trainer.events(model, on: images, validation: images)
        await #expect(throws: TrainingError.self) {
            for try await _ in events {}
        }
        #expect(try await model.weights().isFinite)
    }

    @Test func cancellationThrows() async throws {
        let run = Task { [trainer] in
            for try await event in trainer.events(try Corners.model(), on: try Corners.dataset(count: 10))
            where event.outline == "epoch 1" {
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        await #expect(throws: CancellationError.self) { try await run.value }
    }
}
