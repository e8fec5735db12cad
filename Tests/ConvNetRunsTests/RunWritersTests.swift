import ConvNetRuns
import Foundation
import Synchronization
import TestSupport
import Testing

/// At which events of a run the model file and the checkpoint are written.
@Suite struct RunWritersTests {
    private let scratch: ScratchDirectory
    private let url: URL

    init() throws {
        scratch = try ScratchDirectory()
        url = scratch.file("file.safetensors")
    }

    /// Notes the events at which the listener before it has written, moving each file to where the next can be told.
    private final class FileWatcher: TrainingListener, Sendable {
        private let url: URL
        private let kept: URL
        private let noted = Mutex<[String]>([])
        var writes: [String] { noted.withLock { $0 } }

        init(_ url: URL, keepingAt kept: URL) {
            self.url = url
            self.kept = kept
        }

        func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
            guard let data = try? Data(contentsOf: url) else { return .continue }
            try data.write(to: kept)
            try FileManager.default.removeItem(at: url)
            noted.withLock { $0.append(event.outline) }
            return .continue
        }
    }

    private var kept: URL { scratch.file("kept.safetensors") }

    /// Trains three epochs of three steps and returns the events at which `writer` wrote.
    private func writes(
        of writer: sending any TrainingListener, validation: Bool = true, stoppingAt outline: String? = nil,
        resuming checkpoint: TrainingCheckpoint? = nil, observer: TrainingObserver = TrainingObserver()
    ) async throws -> [String] {
        let watcher = FileWatcher(url, keepingAt: kept)
        let stopper = TrainingObserver { event, _ in event.outline == outline ? .stop : .continue }
        _ = try await Trainer(epochs: 3, batchSize: 4, learningRate: 0.5).train(
            Corners.model(), on: Corners.dataset(count: 10),
            validation: validation ? Corners.dataset(count: 6, seed: 1) : nil, resuming: checkpoint,
            listeners: [writer, watcher, observer, stopper])
        return watcher.writes
    }

    // MARK: The best model

    @Test func bestModelAfterEveryBestEpoch() async throws {
        let observer = TrainingObserver()
        let found = try await writes(of: BestModelWriter(url), observer: observer)
        #expect(found == observer.epochs.filter(\.isBest).map { "epoch \($0.epoch) done" })
        #expect(found.first == "epoch 1 done")
    }

    @Test func bestModelHoldsTheWeightsOfThatEpoch() async throws {
        let best = Mutex<[String: [Float]]?>(nil)
        let observer = TrainingObserver { event, run in
            if event.isEnd { best.withLock { $0 = run.bestWeights() } }
            return .continue
        }
        _ = try await writes(of: BestModelWriter(url), observer: observer)
        let file = try ModelFile(contentsOf: kept)
        let expected = try #require(best.withLock { $0 })
        #expect(file.weights.bits == expected.bits)
        #expect(file.classes == Corners.classes)
        #expect(file.producer == "swift-convnet \(ConvNetVersion.current), reference 1")
        // The logits in the file are those of its own weights.
        let verification = try #require(file.verification)
        let result = try await verification.check(Model.load(file, engine: ReferenceEngine()))
        #expect(result.largestDifference == 0)
    }

    @Test func withoutValidationTheLastWeightsAreTheBest() async throws {
        #expect(try await writes(of: BestModelWriter(url), validation: false) == ["completed"])
        #expect(
            try await writes(of: BestModelWriter(url), validation: false, stoppingAt: "step 2.1") == ["stopped"])
    }

    /// A model file of a run that did not finish an epoch would look like one that is trained.
    @Test func nothingBeforeTheFirstEpochIsDone() async throws {
        #expect(try await writes(of: BestModelWriter(url), validation: false, stoppingAt: "step 1.1") == [])
        #expect(try await writes(of: BestModelWriter(url), stoppingAt: "step 1.1") == [])
    }

    @Test func modelFileOfATrainedModelIsThatOfTheRun() async throws {
        let model = try Corners.model()
        _ = try await Trainer(epochs: 3, batchSize: 4, learningRate: 0.5).train(
            model, on: Corners.dataset(count: 10), validation: Corners.dataset(count: 6, seed: 1),
            listeners: [BestModelWriter(url)])
        let saved = scratch.file("saved.safetensors")
        try await model.save(to: saved)
        #expect(try Data(contentsOf: saved) == Data(contentsOf: url))
    }

    // MARK: Checkpoints

    @Test func checkpointAfterEveryEpoch() async throws {
        #expect(
            try await writes(of: CheckpointWriter(url)) == ["epoch 1 done", "epoch 2 done", "epoch 3 done"])
    }

    @Test func checkpointWhereARunIsStopped() async throws {
        #expect(
            try await writes(of: CheckpointWriter(url), stoppingAt: "step 2.1") == ["epoch 1 done", "stopped"])
        let checkpoint = try TrainingCheckpoint(contentsOf: kept)
        #expect(checkpoint.finishedEpochs == 1)
        #expect(checkpoint.stepsInEpoch == 1)
        // At the end of an epoch there is one already.
        #expect(
            try await writes(of: CheckpointWriter(url), stoppingAt: "epoch 2 done")
                == ["epoch 1 done", "epoch 2 done"])
    }

    @Test func checkpointAfterEveryStepWhereTheIntervalIsShort() async throws {
        #expect(
            try await writes(of: CheckpointWriter(url, interval: .zero), stoppingAt: "epoch 1 done")
                == ["step 1.1", "step 1.2", "step 1.3", "epoch 1 done"])
    }

    @Test func checkpointOfAResumedRun() async throws {
        _ = try await writes(of: CheckpointWriter(url), stoppingAt: "step 2.1")
        #expect(
            try await writes(of: CheckpointWriter(url), resuming: TrainingCheckpoint(contentsOf: kept))
                == ["epoch 2 done", "epoch 3 done"])
    }
}
