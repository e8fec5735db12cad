import ConvNetGraph
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct LayoutFindingsTests {
    /// By their content; what has another name and another content is nobody's business.
    @Test func namesPicturesThatAreCalledOtherwise() throws {
        let folder = try PictureFolder.sound()
        for name in ["IMG_0", "1.jpg_large", "2.apng", "sub/3"] { try folder.write(.scene(990), to: "train/1/\(name)") }
        try folder.write(Data("BM is for bitmap".utf8), to: "train/1/notes.txt")
        try folder.write(.scene(991), to: "train/cover")
        mkfifo(folder.url.appending(path: "train/1/pipe").path, 0o600)
        let findings = try folder.findings()
        #expect(findings.map(\.kind) == [.brokenFiles, .unrecognizedFiles])
        #expect(findings[1].headline == "4 files are not looked at, though by content they are pictures")
        #expect(
            findings[1].examples.map(\.path) == [
                "train/1/1.jpg_large", "train/1/2.apng", "train/1/IMG_0", "train/1/sub/3",
            ])
    }

    @Test func saysWhatIsLeftAside() throws {
        let folder = try PictureFolder.sound()
        try folder.write(.scene(992), to: "Testing/0/a.png")
        try folder.write(.scene(993), to: "Testing/1/a.png")
        try folder.write(.scene(994), to: "holdout/1/a.png")
        let check = try folder.check()
        #expect(check.findings.map(\.kind) == [.leftAside])
        #expect(check.findings[0].headline == "beside the parts, 'holdout' (1 picture) is not used")
        #expect(check.parts.map(\.directory) == [nil, "Testing"])
    }

    @Test func namesPicturesThatTheTableLeavesOut() throws {
        let folder = try PictureFolder(["a/1.png", "a/2.png", "b/3.png", "b/4.png", "notes.txt"])
        let root = folder.url.path
        try folder.write(Data("path,label\n./a/1.png,a\n\(root)/b/3.png,b\n".utf8), to: "labels.csv")
        let finding = try #require(try folder.check().findings.first { $0.kind == .unlistedFiles })
        #expect(finding.examples.map(\.path) == ["a/2.png", "b/4.png"] && finding.severity == .warning)
        // A table that is named itself may be one of many.
        let table = try DatasetCheck(DatasetCatalog.open("\(root)/labels.csv"))
        #expect(!table.findings.contains { $0.kind == .unlistedFiles })
    }

    /// Tables may name pictures anywhere, and it is said where they do.
    @Test func namesPicturesThatAreElsewhere() throws {
        let folder = try PictureFolder(["data/a.png", "data/b/c.png", "d.png", "e.png", "database/f.png"])
        let root = folder.url.path
        let paths = [
            "a.png", "./b/../a.png/../b/c.png", "\(root)/data/b.png", "../d.png", "\(root)/e.png",
            "b/../../database/f.png",
        ]
        try folder.write(Data(("path,label\n" + paths.map { "\($0),x\n" }.joined()).utf8), to: "data/labels.csv")
        let check = try DatasetCheck(DatasetCatalog.open(root + "/data"))
        let finding = try #require(check.findings.first { $0.kind == .outsideFiles })
        #expect(finding.severity == .note && finding.examples.map(\.path) == Array(paths.dropFirst(3)))
        #expect(finding.headline == "3 files are outside the table's own directory")
    }
}
