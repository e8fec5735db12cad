import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// Runs that are stopped from outside, and come to the same end as if they had not been.
@Suite struct InterruptionTests {
    private static let epochs = 12

    /// Dropout draws its numbers anew in each step, which must go on where they stopped. The reference engine would take
    /// minutes.
    ///
    /// Several processes that time the same algorithms at once may come to different choices.
    private static let network =
        Engines.names.contains("onednn") ? ["--model", "convnet4", "--no-autotune"] : ["--model", "lenet5"]

    private static func training(out: String) -> [String] {
        Workplace.training(epochs: epochs, out: out, network)
    }

    /// The uninterrupted run, to compare with.
    private static func expected(in place: Workplace) async throws -> RunResult {
        let outcome = try await place.run(training(out: "whole"))
        try #require(outcome.ending == .exit(0), "\(outcome.errors)")
        return try RunResult("whole", in: place)
    }

    /// The path needs quotes in the shell.
    @Test(arguments: [(SIGINT, "run"), (SIGTERM, "a friend's run"), (SIGHUP, "run")])
    func aSignalSavesAndSaysHowToGoOn(signal: Int32, directory: String) async throws {
        let place = try Workplace.withDataset()
        let expected = try await Self.expected(in: place)
        let running = try place.start(Self.training(out: directory))
        await running.receives(signal, after: "epoch 2/\(Self.epochs)")
        let stopped = try await running.outcome()
        #expect(stopped.ending == .exit(130))
        #expect(stopped.output == "")
        let message = try #require(
            stopped.errors.firstMatch(
                of: try Regex(
                    #"\nstopped after step ([0-9,]+), epochs finished: ([0-9]+); go on with\n  (convnet .*)\n$"#)))
        let command = try #require(message.output[3].substring)
        try place.expectWholeFiles(in: directory)

        let resumed = try await place.shell(String(command))
        #expect(resumed.ending == .exit(0))
        #expect(resumed.output.hasPrefix("test accuracy "))
        #expect(try RunResult(directory, in: place) == expected)
        #expect(try place.contents(of: directory) == (try place.contents(of: "whole")))
    }

    /// A shell and what it runs may both pass on the same Ctrl-C.
    @Test func twoSignalsAtOnceAreOne() async throws {
        let place = try Workplace.withDataset()
        let running = try place.start(Self.training(out: "run"))
        await running.receives(SIGINT, after: "epoch 2/\(Self.epochs)")
        running.process.send(SIGINT)
        let stopped = try await running.outcome()
        #expect(stopped.ending == .exit(130))
        #expect(stopped.errors.contains("\nstopped after step "))
        try place.expectWholeFiles(in: "run")
    }

    /// What `nohup` does.
    @Test func aRunThatIsToOutliveItsTerminalDoes() async throws {
        let place = try Workplace.withDataset()
        let words = Self.training(out: "run").joined(separator: " ")
        let line = "trap '' HUP; exec '\(Workplace.executable.path)' \(words)"
        let running = try place.start(["-c", line], of: URL(filePath: "/bin/sh"))
        await running.receives(SIGHUP, after: "epoch 2/\(Self.epochs)")
        #expect(try await running.outcome().ending == .exit(0))
    }

    /// Pictures that are gone for a while cost nothing that was computed.
    @Test(arguments: [[], ["--accumulate", "2"]])
    func aRunThatFailsSavesAndSaysHowToGoOn(more: [String]) async throws {
        let place = try Workplace.withDataset()
        _ = try await place.run("datasets", "export", "data", "--out", "pictures")
        func training(out: String) -> [String] {
            Self.training(out: out).map { $0 == "data" ? "pictures" : $0 } + more
        }
        let whole = try await place.run(training(out: "whole"))
        try #require(whole.ending == .exit(0), "\(whole.errors)")
        let running = try place.start(training(out: "run"))
        let (pictures, elsewhere) = (place.file("pictures"), place.file("elsewhere"))
        await running.does(after: "epoch 2/\(Self.epochs)") {
            try? FileManager.default.moveItem(at: pictures, to: elsewhere)
        }
        let failed = try await running.outcome()
        #expect(failed.ending == .exit(1))
        let message = try #require(
            failed.errors.firstMatch(
                of:
                    /the run has ended with an error; once its cause is mended, go on with\n  (convnet .*)\nError: .*\n$/
            ))
        try place.expectWholeFiles(in: "run")
        try FileManager.default.moveItem(at: elsewhere, to: pictures)
        let resumed = try await place.shell(String(message.output.1))
        #expect(resumed.ending == .exit(0), "\(resumed.errors)")
        #expect(try RunResult(in: place) == RunResult("whole", in: place))
    }

    /// Killing leaves no time to save: the run goes on from the last epoch that was. `Scripts/kill.py` does it hundreds of times.
    @Test func killingAtAnyMomentLosesNoFile() async throws {
        let place = try Workplace.withDataset()
        _ = try await place.run("datasets", "export", "data", "--out", "pictures")
        func training(out: String) -> [String] { Self.training(out: out).map { $0 == "data" ? "pictures" : $0 } }
        let whole = try await place.run(training(out: "whole"))
        try #require(whole.ending == .exit(0), "\(whole.errors)")
        let expected = try RunResult("whole", in: place)
        var arguments = training(out: "run")
        for milliseconds in [0, 30, 7, 60, 15, 1, 3, 45, 22, 90, 0, 12, 75, 5, 38, 18, 52, 9, 27, 110] {
            let running = try place.start(arguments)
            await running.receives(SIGKILL, after: "run in run\n", and: .milliseconds(milliseconds))
            _ = try await running.outcome()
            try place.expectWholeFiles(in: "run")
            arguments = ["train", "--resume", "--out", "run"]
        }
        let last = try await place.run(arguments)
        #expect(last.ending == .exit(0))
        #expect(try RunResult(in: place) == expected)
    }

    /// A limit to the size of files does what a full disk does, to one process alone.
    @Test func aFullDiskLosesNoFile() async throws {
        let place = try Workplace.withDataset()
        let expected = try await Self.expected(in: place)
        let running = try place.start(Self.training(out: "run"))
        await running.receives(SIGINT, after: "epoch 2/\(Self.epochs)")
        _ = try await running.outcome()

        let before = try place.snapshot()
        let full = try await place.shell("ulimit -f 64; convnet train --resume --out run")
        #expect(full.ending == .exit(1))
        let last = try #require(full.errors.split(separator: "\n").last)
        #expect(last.hasPrefix("Error: \(place.file("run").path)/"))
        #expect(last.hasSuffix(".safetensors: not written: cannot write its data: File too large"))
        var after = try place.snapshot()
        // The metrics are small enough to be written, and are cut back when the run goes on; so is how the run stands.
        for name in ["run/metrics.jsonl", "run/results.csv", "run/run.json"] { after[name] = before[name] }
        #expect(after == before)

        #expect(try await place.run("train", "--resume", "--out", "run").ending == .exit(0))
        #expect(try RunResult(in: place) == expected)
    }
}
