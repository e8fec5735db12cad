#if CONVNET_ONEDNN
import Foundation
import TestSupport
import Testing

@testable import OneDNNEngine

/// The choices that outlive a process.
@Suite struct AlgorithmTableTests {
    private let directory: ScratchDirectory
    private let file: URL

    init() throws {
        directory = try ScratchDirectory()
        // The directory is made when there is something to write.
        file = directory.file("convnet/algorithms.json")
    }

    @Test func choicesAreRead() throws {
        let table = AlgorithmTable(file: file)
        #expect(table["a"] == nil)
        table.remember(["a": .winograd, "b": .direct])
        #expect(table["a"] == .winograd)
        let other = AlgorithmTable(file: file)
        #expect(other["a"] == .winograd)
        #expect(other["b"] == .direct)
        #expect(other["c"] == nil)
        other.remember(["a": .direct])
        #expect(AlgorithmTable(file: file)["a"] == .direct)
    }

    @Test func aLinkIsFollowed() throws {
        let real = directory.file("real.json")
        AlgorithmTable(file: real).remember(["a": .winograd])
        let link = directory.file("link.json")
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "real.json")
        let table = AlgorithmTable(file: link)
        #expect(table["a"] == .winograd)
        table.remember(["b": .direct])
        #expect(AlgorithmTable(file: real)["b"] == .direct)
    }

    @Test func nothingToRememberWritesNothing() {
        AlgorithmTable(file: file).remember([:])
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }

    /// Two processes that began with the same file.
    @Test func tablesOnOneFileMerge() {
        let tables = (1...2).map { _ in AlgorithmTable(file: file) }
        tables[0].remember(["a": .winograd, "both": .direct])
        tables[1].remember(["b": .direct, "both": .winograd])
        // Each keeps to what it found itself, and learns of the rest when it writes.
        #expect(tables[0]["both"] == .direct)
        #expect(tables[1]["a"] == .winograd)
        tables[0].remember(["c": .direct])
        #expect(tables[0]["b"] == .direct)
        #expect(tables[0]["both"] == .direct)
        let both = AlgorithmTable(file: file)
        #expect(["a", "b", "c", "both"].map { both[$0] } == [.winograd, .direct, .direct, .direct])
    }

    @Test(arguments: ["", "{", "[1, 2]", #"{"a": 1}"#, #"{"a": "winograd""#, "\0\u{FF}"])
    func brokenFileIsReplaced(text: String) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        let table = AlgorithmTable(file: file)
        #expect(table["a"] == nil)
        table.remember(["b": .winograd])
        #expect(table["b"] == .winograd)
        #expect(AlgorithmTable(file: file)["b"] == .winograd)
    }

    /// As a later version may write them.
    @Test func unknownAlgorithmIsNoChoice() throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(#"{"a": "fourier", "b": "winograd"}"#.utf8).write(to: file)
        let table = AlgorithmTable(file: file)
        #expect(table["a"] == nil)
        #expect(table["b"] == .winograd)
        table.remember(["c": .direct])
        #expect(try String(contentsOf: file, encoding: .utf8).contains("fourier"))
    }

    /// What stands in the place of its directory is a file: nobody, not even root, can write below it.
    @Test func directoryThatCannotBeWrittenIsNoError() throws {
        try Data("in the way".utf8).write(to: directory.file("convnet"))
        let table = AlgorithmTable(file: file)
        table.remember(["a": .winograd])
        #expect(table["a"] == .winograd)
        #expect(AlgorithmTable(file: file)["a"] == nil)
        #expect(try String(contentsOf: directory.file("convnet"), encoding: .utf8) == "in the way")
    }

    @Test func withoutAFileItRemembersAllTheSame() {
        let table = AlgorithmTable(file: nil)
        table.remember(["a": .winograd])
        #expect(table["a"] == .winograd)
    }
}
#endif
