import ConvNetRuns
import Foundation
import TestSupport
import Testing

/// What `metrics.jsonl` holds after a run, a resumed run, and one that was cut off.
@Suite struct MetricsFileTests {
    private let scratch: ScratchDirectory
    private let url: URL
    private let trainer = Trainer(epochs: 3, batchSize: 4, learningRate: 0.1)

    init() throws {
        scratch = try ScratchDirectory()
        url = scratch.file("metrics.jsonl")
    }

    private func train(
        validation: Bool = true, resuming checkpoint: TrainingCheckpoint? = nil,
        with observer: TrainingObserver = TrainingObserver()
    ) async throws {
        _ = try await trainer.train(
            Corners.model(), on: Corners.dataset(count: 10), validation: validation ? Corners.dataset(count: 4) : nil,
            resuming: checkpoint, listeners: [MetricsFile(url), observer])
    }

    private func lines() throws -> [MetricsFile.Line] {
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode(MetricsFile.Line.self, from: Data($0.utf8))
        }
    }

    @Test func aLineAnEpoch() async throws {
        let observer = TrainingObserver()
        try await train(with: observer)
        for (line, report) in zip(try lines(), observer.epochs) {
            #expect(line.epoch == report.epoch)
            #expect(line.trainLoss == report.trainingLoss)
            #expect(line.trainAccuracy == report.trainingAccuracy)
            #expect(line.validationLoss == report.validation?.loss)
            #expect(line.validationAccuracy == report.validation?.accuracy)
            #expect(line.learningRate == report.learningRate)
            #expect(line.seconds == report.seconds)
            #expect(line.imagesPerSecond == report.imagesPerSecond)
        }
        #expect(try lines().map(\.epoch) == [1, 2, 3])
    }

    @Test func keys() async throws {
        func keys() throws -> [String] {
            let line = try #require(try String(contentsOf: url, encoding: .utf8).split(separator: "\n").first)
            return line.matches(of: /"(\w+)":/).map { String($0.1) }
        }
        let common = ["epoch", "images_per_second", "learning_rate", "seconds", "train_accuracy", "train_loss"]
        try await train()
        #expect(try keys() == common + ["validation_accuracy", "validation_loss"])
        try await train(validation: false)
        #expect(try keys() == common)
    }

    @Test func aNewRunStartsANewFile() async throws {
        try Data("{}\n{}\n{}\n{}\n".utf8).write(to: url)
        try await train()
        #expect(try lines().map(\.epoch) == [1, 2, 3])
    }

    /// Written after every epoch, so that one can look on.
    @Test func growsDuringTheRun() async throws {
        let counts = TrainingObserver { [url] event, _ in
            guard let epoch = event.epoch?.epoch else { return .continue }
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(text.split(separator: "\n").count == epoch)
            return .continue
        }
        try await train(with: counts)
        #expect(counts.epochs.count == 3)
    }

    // MARK: Resuming

    /// Trains to the end, and returns the checkpoint made at one event.
    private func checkpoint(at outline: String) async throws -> TrainingCheckpoint {
        let file = scratch.file("checkpoint.safetensors")
        try await train(
            with: TrainingObserver { event, run in
                if event.outline == outline { try run.checkpoint().write(to: file) }
                return .continue
            })
        return try TrainingCheckpoint(contentsOf: file)
    }

    /// The run had gone on after its last checkpoint: those epochs are done again, and stand in the file once.
    @Test(arguments: ["start", "step 1.1", "step 1.3", "epoch 1 done", "step 2.2", "step 2.3", "step 3.3", "completed"])
    func everyEpochStandsThereOnce(event: String) async throws {
        let checkpoint = try await checkpoint(at: event)
        let before = try lines()
        try await train(resuming: checkpoint)
        let after = try lines()
        #expect(after.map(\.epoch) == [1, 2, 3])
        #expect(after.map(\.trainLoss) == before.map(\.trainLoss))
        // What the checkpoint knew of is the same to the last digit of the time it took.
        let kept = checkpoint.finishedEpochs
        #expect(after.prefix(kept) == before.prefix(kept))
    }

    @Test func missingLinesAreNotMadeUp() async throws {
        let checkpoint = try await checkpoint(at: "epoch 2 done")
        try FileManager.default.removeItem(at: url)
        try await train(resuming: checkpoint)
        #expect(try lines().map(\.epoch) == [3])
    }

    @Test func directoryThatIsNotThere() async throws {
        await #expect(throws: FileWriteError.self) {
            _ = try await trainer.train(
                Corners.model(), on: Corners.dataset(count: 10),
                listeners: [MetricsFile(scratch.file("none/metrics.jsonl"))])
        }
    }
}
