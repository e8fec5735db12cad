import TestSupport
import Testing

@testable import ConvNetEngine

/// A run that goes on from a checkpoint comes to the same end as one that was never interrupted, bit for bit.
@Suite struct ResumeTests {
    @Test func afterEveryStop() async throws {
        let run = try ResumableRun(engine: ReferenceEngine())
        let whole = try await run.run()
        for step in 1...9 {
            let resumed = try await run.run(resuming: try await run.checkpoint(stoppedAfterStep: step))
            #expect(resumed.checkpoint == whole.checkpoint, "after step \(step)")
            #expect(resumed.parameters == whole.parameters, "after step \(step)")
            #expect(resumed.epochs == whole.epochs.suffix(resumed.epochs.count), "after step \(step)")
            #expect(resumed.epochs.count == 3 - step / 3)
            #expect(resumed.end == whole.end)
        }
    }

    /// Running statistics go on from where they were, beside averages, accumulated gradients and moments.
    @Test func withBatchNormAndEverythingElse() async throws {
        let run = try ResumableRun.withEverything(engine: ReferenceEngine())
        let whole = try await run.run()
        for step in 1...9 {
            let resumed = try await run.run(resuming: try await run.checkpoint(stoppedAfterStep: step))
            #expect(resumed.checkpoint == whole.checkpoint, "after step \(step)")
            #expect(resumed.parameters == whole.parameters, "after step \(step)")
        }
        #expect(whole.parameters["1.running_mean"] != [Float](repeating: 0, count: 4).map(\.bitPattern))
    }

    /// A listener may ask for a checkpoint at any event, and the process may end right after it.
    @Test func fromEveryEvent() async throws {
        let run = try ResumableRun(engine: ReferenceEngine())
        let whole = try await run.run()
        let checkpoints = try await run.checkpoints()
        #expect(checkpoints.map(\.event).contains("step 2.3"))
        for (event, checkpoint) in checkpoints {
            let resumed = try await run.run(resuming: checkpoint)
            #expect(resumed.checkpoint == whole.checkpoint, "from \(event)")
            #expect(resumed.parameters == whole.parameters, "from \(event)")
            #expect(resumed.epochs == whole.epochs.suffix(resumed.epochs.count), "from \(event)")
        }
    }

    @Test func resumedRunTellsWhereItStands() async throws {
        let run = try ResumableRun(engine: ReferenceEngine())
        let checkpoint = try await run.checkpoint(stoppedAfterStep: 4)
        let observer = TrainingObserver()
        _ = try await run.run(resuming: checkpoint, observer: observer)
        guard case .runStarted(let start) = observer.events[0] else {
            Issue.record("the first event is \(observer.outline[0])")
            return
        }
        #expect(start.completedSteps == 4)
        // The epoch that was interrupted is not started again.
        #expect(observer.outline.prefix(4) == ["start", "step 2.2", "step 2.3", "epoch 2 done"])
    }

    @Test func finishedRunHasNothingLeft() async throws {
        let run = try ResumableRun(engine: ReferenceEngine())
        let finished = try #require(try await run.checkpoints().last)
        let observer = TrainingObserver()
        _ = try await run.run(resuming: finished.checkpoint, observer: observer)
        #expect(observer.outline == ["start", "completed"])
    }

    @Test func aSequenceResumesToo() async throws {
        let run = try ResumableRun(engine: ReferenceEngine())
        let whole = try await run.run()
        let model = try Corners.model(seed: 99)
        let events = run.trainer.events(
            model, on: try Corners.dataset(count: 10), validation: try Corners.dataset(count: 7, seed: 2),
            resuming: try await run.checkpoint(stoppedAfterStep: 5))
        for try await _ in events {}
        #expect(try await model.weights().bits == whole.parameters)
    }
}
