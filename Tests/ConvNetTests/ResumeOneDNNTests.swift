#if CONVNET_ONEDNN
import ConvNet
import TestSupport
import Testing

/// As in the reference engine, a run that goes on comes to the same bits, whatever layouts the weights lie in.
@Suite struct ResumeOneDNNTests {
    @Test func afterEveryStop() async throws {
        let run = try ResumableRun(engine: OneDNNEngine(threads: 2))
        let whole = try await run.run()
        for step in 1...9 {
            let resumed = try await run.run(resuming: try await run.checkpoint(stoppedAfterStep: step))
            #expect(resumed.checkpoint == whole.checkpoint, "after step \(step)")
            #expect(resumed.parameters == whole.parameters, "after step \(step)")
            #expect(resumed.epochs == whole.epochs.suffix(resumed.epochs.count), "after step \(step)")
        }
    }

    /// Running statistics go on from where they were, beside averages, gathered gradients and moments.
    @Test func withBatchNormAndEverythingElse() async throws {
        let run = try ResumableRun.withEverything(engine: OneDNNEngine(threads: 2))
        let whole = try await run.run()
        for step in 1...9 {
            let resumed = try await run.run(resuming: try await run.checkpoint(stoppedAfterStep: step))
            #expect(resumed.checkpoint == whole.checkpoint, "after step \(step)")
            #expect(resumed.parameters == whole.parameters, "after step \(step)")
        }
        #expect(whole.parameters["1.running_mean"] != [Float](repeating: 0, count: 4).map(\.bitPattern))
    }

    @Test func fromEveryEvent() async throws {
        let run = try ResumableRun(engine: OneDNNEngine(threads: 2))
        let whole = try await run.run()
        for (event, checkpoint) in try await run.checkpoints() {
            let resumed = try await run.run(resuming: checkpoint)
            #expect(resumed.checkpoint == whole.checkpoint, "from \(event)")
            #expect(resumed.parameters == whole.parameters, "from \(event)")
        }
    }
}
#endif
