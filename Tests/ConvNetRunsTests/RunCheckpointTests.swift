import ConvNetRuns
import Foundation
import TestSupport
import Testing

/// A run directory's checkpoint and the model file that it names: whatever a run is cut off by, it comes to the same end.
@Suite struct RunCheckpointTests {
    private static let epochs = 6
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private struct Kill: Error {}

    /// Trains in a directory, on from its checkpoint where it has one.
    ///
    /// - Parameters:
    ///   - between: hears of events when the model has been written and the checkpoint has not.
    ///   - after: hears of events last.
    private func train(
        in directory: RunDirectory, between: TrainingObserver = TrainingObserver(),
        after: TrainingObserver = TrainingObserver()
    ) async throws {
        let hasCheckpoint = FileManager.default.fileExists(atPath: directory.checkpointFile.path)
        let checkpoint = hasCheckpoint ? try TrainingCheckpoint(contentsOf: directory.checkpointFile) : nil
        let best = BestModelWriter(directory, resuming: checkpoint)
        _ = try await Trainer(
            epochs: Self.epochs, batchSize: 4, learningRate: 0.5, optimizer: SGD(momentum: 0.9), seed: 5
        ).train(
            Corners.model(), on: Corners.dataset(count: 10), validation: Corners.dataset(count: 7, seed: 2),
            resuming: checkpoint,
            listeners: [best, between, CheckpointWriter(directory, best: best, interval: .zero), after])
    }

    private func killing(at outline: String) -> TrainingObserver {
        TrainingObserver { event, _ in
            if event.outline == outline { throw Kill() }
            return .continue
        }
    }

    private func directory(_ name: String) throws -> RunDirectory {
        try RunDirectory.create(scratch.file(name).path)
    }

    /// Every file of a run, by its path.
    private func files(of directory: RunDirectory) throws -> [String: Data] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: directory.url.path)
        return try Dictionary(
            uniqueKeysWithValues: paths.filter { $0.hasSuffix("safetensors") }.map {
                ($0, try Data(contentsOf: directory.url.appending(path: $0)))
            })
    }

    private func number(of file: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: file.path)[.systemFileNumber] as? Int
    }

    /// A run that nothing befalls, and the epochs that were the best when they ended.
    private func wholeRun() async throws -> (files: [String: Data], best: [Int]) {
        let observer = TrainingObserver()
        let whole = try directory("whole")
        try await train(in: whole, after: observer)
        let best = observer.epochs.filter(\.isBest).map(\.epoch)
        // Of both kinds, or the tests would show less than they say.
        try #require(best.count >= 2 && best.count < Self.epochs - 1 && best.last != Self.epochs)
        return (try files(of: whole), best)
    }

    // MARK: What there is

    @Test func theBestModelIsOneFileWithTwoNames() async throws {
        let (files, best) = try await wholeRun()
        let name = "best-\(try #require(best.last)).safetensors"
        #expect(
            Set(files.keys) == ["model.safetensors", "checkpoint/training.safetensors", "checkpoint/\(name)"])
        let run = try RunDirectory.create(scratch.file("again").path)
        try await train(in: run)
        #expect(try number(of: run.modelFile) == number(of: run.bestModelFile(ofEpoch: #require(best.last))))
        let content = try SafetensorsFile(contentsOf: run.checkpointFile)
        #expect(!content.names.contains { $0.hasPrefix("best.") })
        #expect(try TrainingCheckpoint(contentsOf: run.checkpointFile).bestFile?.name == name)
        #expect(try ModelFile(contentsOf: run.modelFile).weights.count == 4)
    }

    /// The best model so far is there from the epoch that it is of, and goes when a checkpoint names a better one.
    @Test func olderModelsGoOnceNoCheckpointNamesThem() async throws {
        let run = try directory("run")
        @Sendable func models() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: run.url.path + "/checkpoint")
                .filter { $0.hasPrefix("best") }.sorted()
        }
        let between = TrainingObserver { event, _ in
            guard let report = event.epoch, report.isBest else { return .continue }
            let named = try? TrainingCheckpoint(contentsOf: run.checkpointFile).bestFile?.name
            let expected = Set([named, "best-\(report.epoch).safetensors"].compactMap { $0 }).sorted()
            let found = try models()
            #expect(found == expected)
            return .continue
        }
        let after = TrainingObserver { event, _ in
            guard event.epoch != nil || event.step != nil else { return .continue }
            let checkpoint = try TrainingCheckpoint(contentsOf: run.checkpointFile)
            #expect(try models() == [checkpoint.bestFile?.name].compactMap { $0 })
            #expect(checkpoint.bestFile?.name == checkpoint.best.map { "best-\($0.epoch).safetensors" })
            return .continue
        }
        try await train(in: run, between: between, after: after)
        #expect(after.epochs.count == Self.epochs)
    }

    /// While the checkpoint cannot be written, the one that is there needs its file.
    @Test func nothingGoesBeforeTheCheckpointIsWritten() async throws {
        let whole = try await wholeRun()
        let (first, next) = (whole.best[0], whole.best[1])
        let run = try directory("run")
        let obstacle = TrainingObserver { event, _ in
            if event.outline == "epoch \(next) done" {
                try FileManager.default.removeItem(at: run.checkpointFile)
                try FileManager.default.createDirectory(at: run.checkpointFile, withIntermediateDirectories: false)
            }
            return .continue
        }
        await #expect(throws: FileWriteError.self) { try await train(in: run, between: obstacle) }
        for epoch in [first, next] {
            #expect(FileManager.default.fileExists(atPath: run.bestModelFile(ofEpoch: epoch).path))
        }
    }

    // MARK: Runs that are cut off

    /// Between the two files, and behind both, at each epoch and at a step after it.
    @Test(arguments: 1...epochs, [true, false])
    func killedAroundTheWrites(epoch: Int, isBetween: Bool) async throws {
        let whole = try await wholeRun()
        for outline in ["epoch \(epoch) done", "step \(epoch).2"] {
            let run = try directory(outline)
            let kill = killing(at: outline)
            await #expect(throws: Kill.self) {
                try await train(
                    in: run, between: isBetween ? kill : TrainingObserver(),
                    after: isBetween ? TrainingObserver() : kill)
            }
            try await train(in: run)
            #expect(try files(of: run) == whole.files, "killed at \(outline)")
        }
    }

    /// As after a kill between the checkpoint and the removal of what it no longer names, with half a file beside them.
    @Test func filesThatNobodyNamesMakeNoDifference() async throws {
        let whole = try await wholeRun()
        let run = try directory("run")
        await #expect(throws: Kill.self) { try await train(in: run, after: killing(at: "epoch 3 done")) }
        for epoch in 0...Self.epochs {
            let file = run.bestModelFile(ofEpoch: epoch)
            if !FileManager.default.fileExists(atPath: file.path) { try Data("half".utf8).write(to: file) }
        }
        try await train(in: run)
        #expect(try files(of: run) == whole.files)
    }

    /// What other programs call so stays.
    @Test func removesNothingElse() async throws {
        let run = try directory("run")
        let names = ["best-.safetensors", "best-1.safetensors.bak", "my-best-1.safetensors", "best-1a.safetensors"]
        for name in names { try Data().write(to: run.url.appending(path: "checkpoint/\(name)")) }
        try await train(in: run)
        let left = try FileManager.default.contentsOfDirectory(atPath: run.url.path + "/checkpoint")
        #expect(Set(left).isSuperset(of: names) && left.count == names.count + 2)
    }

    // MARK: Other checkpoints

    /// Those with the best weights inside, which there were before, and which the library writes for itself.
    @Test(arguments: 1...epochs)
    func goesOnFromACompleteCheckpoint(epoch: Int) async throws {
        let whole = try await wholeRun()
        let run = try directory("run")
        let writer = TrainingObserver { event, training in
            guard event.outline == "epoch \(epoch) done" else { return .continue }
            try training.checkpoint().write(to: run.checkpointFile)
            throw Kill()
        }
        await #expect(throws: Kill.self) { try await train(in: run, after: writer) }
        let former = try #require(whole.best.last { $0 <= epoch })
        try FileManager.default.removeItem(at: run.bestModelFile(ofEpoch: former))
        try await train(in: run)
        #expect(try Data(contentsOf: run.modelFile) == whole.files["model.safetensors"])
        if former != whole.best.last {
            // The next best epoch has its file.
            #expect(try files(of: run) == whole.files)
        } else {
            #expect(try TrainingCheckpoint(contentsOf: run.checkpointFile).bestFile == nil)
            // Complete as it is, it says the same as the other with its file.
            let complete = scratch.file("complete.safetensors")
            let named = scratch.file("whole/checkpoint/training.safetensors")
            try TrainingCheckpoint(contentsOf: named).write(to: complete)
            #expect(try Data(contentsOf: run.checkpointFile) == Data(contentsOf: complete))
        }
    }

    /// A checkpoint must not name what is gone.
    @Test func aModelRemovedInTheMeantimeIsWrittenIntoTheCheckpoint() async throws {
        let whole = try await wholeRun()
        let last = try #require(whole.best.last)
        let run = try directory("run")
        let remover = TrainingObserver { event, _ in
            if event.outline == "epoch \(last) done" {
                try FileManager.default.removeItem(at: run.bestModelFile(ofEpoch: last))
            }
            return .continue
        }
        try await train(in: run, after: remover)
        let checkpoint = try TrainingCheckpoint(contentsOf: run.checkpointFile)
        #expect(checkpoint.bestFile == nil && checkpoint.best?.epoch == last)
    }

    // MARK: File systems

    /// A model file of its own permissions cannot share those of another name.
    @Test func aModelFileThatCannotBeALinkIsACopy() async throws {
        let whole = try await wholeRun()
        let run = try directory("run")
        try Data().write(to: run.modelFile)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: run.modelFile.path)
        try await train(in: run)
        #expect(try files(of: run) == whole.files)
        #expect(try number(of: run.modelFile) != number(of: run.bestModelFile(ofEpoch: #require(whole.best.last))))
    }
}
