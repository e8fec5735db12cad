#if CONVNET_ONEDNN
import ConvNet
import OneDNNEngine
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

    /// Running statistics go on from where they were, beside averages, accumulated gradients and moments.
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

    /// Training and validation go on with the algorithms that they began with, whatever the engine would choose itself.
    @Test(arguments: [AlgorithmChoice.exact, .estimated], [AlgorithmChoice.exact, .estimated, .measured])
    func withTheAlgorithmsOfTheStart(first: AlgorithmChoice, second: AlgorithmChoice) async throws {
        func run(_ algorithms: AlgorithmChoice) throws -> ResumableRun {
            var run = try ResumableRun(engine: OneDNNEngine(threads: 2, algorithms: algorithms))
            run.network = Self.wideNetwork
            run.trainer.learningRate = 0.01
            return run
        }
        let whole = try await run(first).run()
        for step in [1, 5] {
            let checkpoint = try await run(first).checkpoint(stoppedAfterStep: step)
            let resumed = try await run(second).run(resuming: checkpoint)
            #expect(resumed.checkpoint == whole.checkpoint, "after step \(step)")
            #expect(resumed.parameters == whole.parameters, "after step \(step)")
            #expect(resumed.epochs == whole.epochs.suffix(resumed.epochs.count), "after step \(step)")
        }
        // Where processors leave a choice, it shows.
        let estimated = try await run(.estimated).checkpoint(stoppedAfterStep: 1)
        if first == .exact, estimated.algorithms.values.contains("winograd") {
            #expect(try await run(.estimated).run().parameters != whole.parameters)
        }
    }

    /// Convolutions of enough channels for other algorithms than the direct one.
    @Sendable private static func wideNetwork() throws -> Network {
        try Network(input: Corners.shape) {
            Conv2D(32, kernel: 3, padding: 1)
            ReLU()
            Conv2D(32, kernel: 3, padding: 1)
            ReLU()
            MaxPool2D(2)
            Conv2D(48, kernel: 3, padding: 1)
            Flatten()
            Dropout(0.25)
            Dense(Corners.classes.count)
        }
    }

    @Test(.enabled(if: (try? OneDNNEngine(precision: .bf16)) != nil))
    func inBfloat16() async throws {
        var run = try ResumableRun(engine: OneDNNEngine(threads: 2, precision: .bf16))
        run.network = Self.wideNetwork
        run.trainer.learningRate = 0.01
        let whole = try await run.run()
        let checkpoint = try await run.checkpoint(stoppedAfterStep: 5)
        #expect(checkpoint.precision == .bf16)
        let resumed = try await run.run(resuming: checkpoint)
        #expect(resumed.checkpoint == whole.checkpoint)
        #expect(resumed.parameters == whole.parameters)
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
