import ConvNetRuns
import Foundation
import TestSupport
import Testing

@Suite struct RunDirectoryTests {
    private let scratch: ScratchDirectory
    private let root: String

    init() throws {
        scratch = try ScratchDirectory()
        root = scratch.url.path
    }

    private func isDirectory(_ url: URL) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    @Test func files() throws {
        let run = try RunDirectory.create("\(root)/run")
        #expect(run.modelFile.path == "\(root)/run/model.safetensors")
        #expect(run.metricsFile.path == "\(root)/run/metrics.jsonl")
        #expect(run.configurationFile.path == "\(root)/run/config.yaml")
        #expect(run.checkpointFile.path == "\(root)/run/checkpoint/training.safetensors")
        #expect(run.bestModelFile(ofEpoch: 7).path == "\(root)/run/checkpoint/best-7.safetensors")
        #expect(run.path == "\(root)/run")
        #expect(isDirectory(run.checkpointFile.deletingLastPathComponent()))
    }

    @Test func makesTheDirectoriesAround() throws {
        let run = try RunDirectory.create("\(root)/a/b/c")
        #expect(isDirectory(run.url))
    }

    @Test func takesADirectoryWithoutARun() throws {
        _ = try RunDirectory.create("\(root)/run")
        try Data().write(to: scratch.file("run/notes.txt"))
        _ = try RunDirectory.create("\(root)/run")
    }

    @Test(arguments: ["config.yaml", "model.safetensors", "metrics.jsonl", "checkpoint/training.safetensors"])
    func refusesADirectoryWithARun(file: String) throws {
        _ = try RunDirectory.create("\(root)/run")
        try Data().write(to: scratch.file("run/\(file)"))
        let error = try #require(throws: RunDirectoryError.self) { try RunDirectory.create("\(root)/run") }
        #expect(error == .holdsRun("\(root)/run"))
        #expect(
            "\(error)" == "\(root)/run already holds a run; go on with it "
                + "(convnet train --resume --out \(root)/run) or choose another --out")
        #expect(throws: error) { try RunDirectory.checkFree("\(root)/run") }
    }

    @Test func aRefusedDirectoryStaysAsItWas() throws {
        try FileManager.default.createDirectory(at: scratch.file("run"), withIntermediateDirectories: false)
        for name in ["config.yaml", ".atomic-99999999-ab"] { try Data().write(to: scratch.file("run/\(name)")) }
        #expect(throws: RunDirectoryError.holdsRun("\(root)/run")) { try RunDirectory.create("\(root)/run") }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(root)/run").sorted() == [
                ".atomic-99999999-ab", "config.yaml",
            ])
    }

    @Test func checkingMakesNothing() throws {
        try RunDirectory.checkFree("\(root)/run")
        #expect(!isDirectory(scratch.file("run")))
    }

    // MARK: Numbers

    @Test func numbersFollowOneAnother() throws {
        let paths = try (0..<3).map { _ in try RunDirectory.createNext(for: "lenet5", in: "\(root)/runs").path }
        #expect(paths == ["\(root)/runs/lenet5-1", "\(root)/runs/lenet5-2", "\(root)/runs/lenet5-3"])
        #expect(try RunDirectory.createNext(for: "convnet4", in: "\(root)/runs").path == "\(root)/runs/convnet4-1")
    }

    /// Also a number that something else has taken, and one that has become free.
    @Test func firstFreeNumber() throws {
        for name in ["runs/m-1", "runs/m-2", "runs/m-4"] { _ = try RunDirectory.create("\(root)/\(name)") }
        try FileManager.default.removeItem(at: scratch.file("runs/m-2"))
        try Data().write(to: scratch.file("runs/m-3"))
        let paths = try (0..<2).map { _ in try RunDirectory.createNext(for: "m", in: "\(root)/runs").path }
        #expect(paths == ["\(root)/runs/m-2", "\(root)/runs/m-5"])
    }

    @Test func manyAtOnceGetNumbersOfTheirOwn() async throws {
        let paths = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask { [root] in try RunDirectory.createNext(for: "m", in: "\(root)/runs").path }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(paths == Set((1...20).map { "\(root)/runs/m-\($0)" }))
    }

    // MARK: Errors

    @Test func fileInTheWay() throws {
        try Data().write(to: scratch.file("file"))
        let below = try #require(throws: RunDirectoryError.self) { try RunDirectory.create("\(root)/file/run") }
        #expect("\(below)" == "cannot make the directory \(root)/file/run: Not a directory")
        let next = try #require(throws: RunDirectoryError.self) {
            try RunDirectory.createNext(for: "m", in: "\(root)/file")
        }
        guard case .cannotCreate(let path, _) = next else {
            Issue.record("\(next)")
            return
        }
        #expect(path == "\(root)/file")
    }

    @Test func opensWhatWasStarted() throws {
        let run = try RunDirectory.create("\(root)/run")
        let error = try #require(throws: RunDirectoryError.self) { try RunDirectory.open("\(root)/run") }
        #expect(error == .holdsNoRun("\(root)/run"))
        #expect("\(error)" == "\(root)/run holds no run (it has no config.yaml)")
        try Data().write(to: run.configurationFile)
        #expect(try RunDirectory.open("\(root)/run") == run)
    }

    @Test func opensNoDirectoryThatIsNotThere() {
        #expect(throws: RunDirectoryError.holdsNoRun("\(root)/none")) { try RunDirectory.open("\(root)/none") }
    }
}
