import CommandTestSupport
import ConvNetRuns
import ConvNetVision
import Foundation
import Testing

@Suite struct OutputDirectoryTests {
    @Test func aRunIsNotOverwritten() async throws {
        let place = try await Workplace.withModel()
        try await place.expect(
            Workplace.training(epochs: 1),
            failsWith:
                "run already holds a run; go on with it (convnet train --resume --out run) or choose another --out")
    }

    @Test func aDirectoryWithOtherFilesIsUsed() async throws {
        let place = try Workplace.withDataset()
        try place.write("mine", to: "run/notes.txt")
        #expect(try await place.run(Workplace.training(epochs: 1)).ending == .exit(0))
        #expect(try place.text("run/notes.txt") == "mine")
        #expect(place.exists(Workplace.model))
    }

    @Test(arguments: [
        ("file", "cannot make the directory file: Not a directory"),
        ("file/run", "cannot make the directory file/run: Not a directory"),
        ("file/runs/deep", "cannot make the directory file/runs/deep: Not a directory"),
        ("/dev/null/run", "cannot make the directory /dev/null/run: Not a directory"),
    ])
    func aFileInItsPlaceIsNamed(path: String, sentence: String) async throws {
        let place = try Workplace.withDataset()
        try place.write("text", to: "file")
        try await place.expect(Workplace.training(epochs: 1, out: path), failsWith: sentence)
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func anUnwritablePlaceIsNamed() async throws {
        let place = try Workplace.withDataset()
        let directory = place.file("locked")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o500])
        try await place.expect(
            Workplace.training(epochs: 1, out: "locked/run"),
            failsWith: "cannot make the directory locked/run: Permission denied")
    }

    #if os(Linux)
    /// The kernel's directory is one in which even root cannot make another.
    @Test func aPlaceThatNobodyCanWriteToIsNamed() async throws {
        try await Workplace.withDataset().expect(
            Workplace.training(epochs: 1, out: "/proc/run"),
            failsWith: "cannot make the directory /proc/run: No such file or directory")
    }
    #endif

    @Test func aDirectoryWithoutARunCannotBeResumed() async throws {
        let place = try Workplace.withDataset()
        for path in ["data", "nowhere"] {
            try await place.expect(
                ["train", "--resume", "--out", path], failsWith: "\(path) holds no run (it has no config.yaml)")
        }
    }

    @Test(arguments: [
        (["--learning-rate", "0.1"], "learning_rate was 0.02, not 0.1"),
        (["--batch-size", "8", "--seed", "2"], "batch_size was 16, not 8"),
        (["--nesterov"], "nesterov was false, not true"),
        (["--schedule", "constant"], "schedule was one-cycle, not constant"),
        (["--threads", "2"], "threads was 1, not 2"),
        (["--test", "0.1"], "test was 0.0, not 0.1"),
    ])
    func aResumedRunKeepsItsSettings(options: [String], change: String) async throws {
        let place = try await Workplace.withModel()
        try await place.expect(
            ["train", "--resume", "--out", "run"] + options, failsWith: "a resumed run keeps its settings: \(change)")
    }

    @Test func aResumedRunKeepsItsDataset() async throws {
        let place = try await Workplace.withModel()
        try place.write(SyntheticDataset(), to: "other")
        let data = place.file("data").path
        for (given, other) in [("other", place.file("other").path), ("nowhere", "nowhere")] {
            try await place.expect(
                ["train", "--resume", "--out", "run", "--dataset", given],
                failsWith: "a resumed run keeps its settings: dataset was \(data), not \(other)")
        }
        // However it is written, it is the same.
        try FileManager.default.createSymbolicLink(atPath: place.file("link").path, withDestinationPath: "data")
        for same in ["data", "./data/", data, "run/../data", "link"] {
            let outcome = try await place.run("train", "--resume", "--out", "run", "--dataset", same)
            #expect(outcome.ending == .exit(0), "\(same): \(outcome.errors)")
        }
    }

    @Test func aFinishedRunGoesOnForMoreEpochs() async throws {
        let place = try await Workplace.withModel()
        let outcome = try await place.run("train", "--resume", "--out", "run", "--epochs", "2")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(
            outcome.errors.contains(
                "the run had ended after 1 epoch and goes on to 2; its schedule now spans all of\n  them: the learning rate goes "
            ), "\(outcome.errors)")
        #expect(outcome.errors.contains("\nepoch 2/2 ") && !outcome.errors.contains("\nepoch 1/2 "))
        // Fewer than are done would be another run.
        try await place.expect(
            ["train", "--resume", "--out", "run", "--epochs", "1"],
            failsWith:
                "a resumed run keeps its settings: epochs was 2, not 1, and the learning rate of every step depends on "
                + "it until the run is finished; for more epochs, start another run: "
                + "convnet train run/config.yaml --epochs 1")
        try await place.expect(
            ["train", "--resume", "--out", "run", "--epochs", "3", "--threads", "2"],
            failsWith: "a resumed run keeps its settings: threads was 1, not 2")
    }

    /// From any directory, and also where the file of settings is of old and has a relative path.
    @Test func aRunGoesOnFromElsewhere() async throws {
        let place = try Workplace.withDataset()
        _ = try await place.run(Workplace.training(epochs: 2))
        let elsewhere = try Workplace()
        let outcome = try await elsewhere.run("train", "--resume", "--out", place.file("run").path)
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        let text = try place.text("run/config.yaml")
        try place.write(text.replacing(place.file("data").path, with: "data"), to: "run/config.yaml")
        let old = try await place.run("train", "--resume", "--out", "run")
        #expect(old.ending == .exit(0), "\(old.errors)")
        let again = try await place.run("train", "run/config.yaml", "--out", "again")
        #expect(again.ending == .exit(0), "\(again.errors)")
        #expect(try place.text("again/config.yaml") == text)
    }

    @Test func aRunIsNoDataset() async throws {
        let place = try await Workplace.withModel()
        try await place.expect(
            ["train", "run"],
            failsWith:
                "run is the directory of a run, not a dataset; go on with it (convnet train --resume --out run) or "
                + "start another one with its settings (convnet train run/config.yaml)")
        try await place.expect(
            ["train", "--resume", "run"],
            failsWith: "--resume needs --out, the directory of the run: convnet train --resume --out run")
    }

    /// Settings that are said again are no change; a run that has ended only says again how.
    @Test func aFinishedRunCanBeResumed() async throws {
        let place = try Workplace.withDataset()
        let first = try await place.run(Workplace.training(epochs: 2))
        let before = try place.snapshot()
        let again = try await place.run(Workplace.training(epochs: 2, ["--resume"]))
        #expect(again.ending == .exit(0))
        #expect(again.output == first.output)
        #expect(again.errors.hasSuffix("\nthe run had ended before, after epoch 2 of 2: nothing was trained\n"))
        #expect(!first.errors.contains("ended"))
        #expect(try place.snapshot() == before)
    }

    @Test func aCorruptCheckpointIsNamed() async throws {
        let place = try await Workplace.withModel()
        let file = "run/checkpoint/training.safetensors"
        try place.write(try place.data(file).prefix(5), to: file)
        try await place.expect(
            ["train", "--resume", "--out", "run"],
            failsWith: "\(place.file(file).path): has 5 bytes, but a safetensors file has at least 8; "
                + "fetch or export it again")
    }

    @Test func aMissingBestModelIsNamed() async throws {
        let place = try await Workplace.withModel()
        let file = place.file("run/checkpoint/best-1.safetensors")
        try FileManager.default.removeItem(at: file)
        try await place.expect(
            ["train", "--resume", "--out", "run"],
            failsWith:
                "\(file.path), which has the best weights of the run that is to go on, is missing; put it back as it "
                + "was (the run's model.safetensors is the same file, unless a later epoch was better), or start a new run"
        )
        // As it says.
        try FileManager.default.copyItem(at: place.file(Workplace.model), to: file)
        #expect(try await place.run("train", "--resume", "--out", "run").ending == .exit(0))
    }

    /// A run's files that are gone, or that the system will not show, are not taken for a run's beginning: nothing is trained,
    /// and nothing is written.
    @Test(arguments: [
        ("run/checkpoint/training.safetensors", false), ("run/checkpoint/training.safetensors", true),
        ("run/split.json", false),
        ("run/split.json", true), ("run/metrics.jsonl", true), ("run/config.yaml", true), ("run/checkpoint", true),
    ])
    func aRunThatLacksAFileIsLeftAlone(file: String, isThere: Bool) async throws {
        let place = try await Workplace.withModel(epochs: 2)
        try FileManager.default.removeItem(at: place.file(file))
        if isThere {
            // A link to itself, which nobody can follow, root neither.
            let name = place.file(file).lastPathComponent
            try FileManager.default.createSymbolicLink(atPath: place.file(file).path, withDestinationPath: name)
        }
        let model = try place.data(Workplace.model)
        let outcome = try await place.run("train", "--resume", "--out", "run")
        #expect(outcome.ending == .exit(1))
        #expect(
            isThere
                ? outcome.errors.hasSuffix(": cannot be looked at: Too many levels of symbolic links\n")
                : outcome.errors.hasSuffix(
                    "Error: run has no \(file.dropFirst("run/".count)), without which its run cannot go on; bring the file back or "
                        + "start again with another --out\n"))
        #expect(try place.data(Workplace.model) == model)
        if file != "run/metrics.jsonl" {
            #expect(try place.text("run/metrics.jsonl").split(separator: "\n").count == 2)
        }
        #expect(try await place.run(Workplace.training(epochs: 1)).ending != .exit(0))
    }

    /// Of two that start together one gets the directory, and all files are that one's.
    @Test func twoRunsDoNotShareADirectory() async throws {
        let place = try Workplace.withDataset()
        for number in 1...4 {
            let running = try ["1", "2"].map { seed in
                try place.start(Workplace.training(epochs: 2, out: "run\(number)", ["--no-autotune", "--seed", seed]))
            }
            var outcomes: [Workplace.Outcome] = []
            for process in running { outcomes.append(try await process.outcome()) }
            let winner = try #require(outcomes.firstIndex { $0.ending == .exit(0) })
            let loser = outcomes[1 - winner]
            #expect(loser.ending == .exit(1))
            #expect(
                loser.errors.contains(
                    "Error: another process is training in run\(number); wait for its end or choose another --out")
                    || loser.errors.contains("Error: run\(number) already holds a run; "))
            #expect(try place.text("run\(number)/config.yaml").contains("\nseed: \(winner + 1)\n"))
            _ = try await place.run(
                Workplace.training(epochs: 2, out: "alone\(number)", ["--no-autotune", "--seed", "\(winner + 1)"]))
            #expect(try RunResult("run\(number)", in: place) == RunResult("alone\(number)", in: place))
        }
    }

    @Test func aRunIsGoneOnWithOnce() async throws {
        let place = try await Workplace.withModel()
        let claim = try RunDirectory.open(place.file("run").path).claimed()
        try await place.expect(
            ["train", "--resume", "--out", "run"],
            failsWith: "another process is training in run; wait for its end or choose another --out")
        withExtendedLifetime(claim) {}
        #expect(claim.isExclusive)
    }

    /// What a killed process has left half written goes when its run goes on; what is written by somebody else stays.
    @Test func leftoversAreRemoved() async throws {
        let place = try await Workplace.withModel()
        // No process has that number: it is larger than the system's largest.
        for file in ["run/.atomic-99999999-ab", "run/checkpoint/.atomic-99999999-cd"] {
            try place.write("half", to: file)
        }
        for file in ["run/.atomic-\(getpid())-ab", "run/.atomic-notes"] { try place.write("kept", to: file) }
        #expect(try await place.run("train", "--resume", "--out", "run").ending == .exit(0))
        let files = try FileManager.default.subpathsOfDirectory(atPath: place.file("run").path)
        #expect(files.filter { $0.contains(".atomic") }.sorted() == [".atomic-\(getpid())-ab", ".atomic-notes"])
    }

    @Test(arguments: ["a", "b/", "c//d", "./e", "f/é/", "../\(UUID().uuidString)"])
    func directoriesOfAnyName(path: String) async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(Workplace.training(epochs: 1, out: path))
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(place.exists("\(path)/model.safetensors"))
        if path.hasPrefix("..") { try FileManager.default.removeItem(at: place.file(path)) }
    }

    /// Run and dataset have been moved together; or one copy of the dataset was changed where the run is.
    @Test func aRunFindsItsDataset() async throws {
        let place = try await Workplace.withModel(epochs: 2)
        let manager = FileManager.default
        try manager.createDirectory(at: place.file("new"), withIntermediateDirectories: false)
        for name in ["data", "run"] { try manager.moveItem(at: place.file(name), to: place.file("new/\(name)")) }
        let moved = try await place.run("train", "--resume", "--out", "new/run")
        #expect(moved.ending == .exit(0), "\(moved.errors)")
        #expect(try await place.run("check", "new/run").ending == .exit(0))

        // Another dataset has come to the old place, the run's own is beside it.
        var other = SyntheticDataset()
        other.trainingImages = 236
        try place.write(other)
        let beside = try await place.run("train", "--resume", "--out", "new/run")
        #expect(beside.ending == .exit(0), "\(beside.errors)")

        let (old, new) = (place.file("data").path, place.file("new/data").path)
        try manager.removeItem(at: place.file("new/data"))
        try place.write(other, to: "new/data")
        try await place.expect(
            ["train", "--resume", "--out", "new/run"],
            failsWith: "new/run/config.yaml: neither '\(old)' nor '\(new)' is the dataset that the run was begun with")
        for path in [old, new] { try manager.removeItem(atPath: path) }
        try await place.expect(
            ["train", "--resume", "--out", "new/run"],
            failsWith: "new/run/config.yaml: the dataset is neither at '\(old)' nor, as seen from the run, at '\(new)'")
    }

    /// Lines of epochs that are gone are missed.
    @Test func lostMetricsAreSaid() async throws {
        let place = try await Workplace.withModel(epochs: 2)
        try FileManager.default.removeItem(at: place.file("run/metrics.jsonl"))
        let outcome = try await place.run("train", "--resume", "--out", "run")
        #expect(outcome.ending == .exit(0))
        #expect(
            outcome.errors.contains(
                "run/metrics.jsonl tells of 0 of the 2 epochs that are done: what the others\n  came to is lost\n"),
            "\(outcome.errors)")
    }

    /// A run that was cut off in its first epoch begins again.
    @Test func aRunWithoutACheckpointYetBeginsAgain() async throws {
        let place = try Workplace.withDataset()
        // Processes that time algorithms may come to different choices.
        _ = try await place.run(Workplace.training(epochs: 1, ["--no-autotune"]))
        let model = try place.data(Workplace.model)
        try FileManager.default.removeItem(at: place.file("run/checkpoint"))
        try FileManager.default.createDirectory(at: place.file("run/checkpoint"), withIntermediateDirectories: false)
        #expect(try await place.run("train", "--resume", "--out", "run").ending == .exit(0))
        #expect(try place.data(Workplace.model) == model)
    }
}
