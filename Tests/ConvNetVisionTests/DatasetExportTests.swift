import ConvNetGraph
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct DatasetExportTests {
    private struct Stop: Error {}

    /// Wherever it is cut off, it is no dataset.
    @Test func anExportThatWasCutOffIsNoDataset() throws {
        let folder = try PictureFolder([
            "photos/train/a/1.png", "photos/train/b/2.png", "photos/test/a/3.png", "photos/test/b/4.png",
        ])
        let images = try DatasetCatalog.open(folder.url.appending(path: "photos").path)
        for last in 1...4 {
            let copy = folder.url.appending(path: "copy\(last)")
            #expect(throws: Stop.self) {
                try DatasetExport.write(images, to: copy) { written, _ in if written == last { throw Stop() } }
            }
            #expect(
                throws: DatasetError.noDataset(
                    directory: copy.path, problem: "its export has not come to its end. Remove it, and export again")
            ) { try DatasetCatalog.open(copy.path) }
            #expect(throws: DatasetError.self) {
                try DatasetCatalog.open(copy.path, parts: [.test], needsTraining: false)
            }
            // Nor is it mended by another on top of it.
            #expect(throws: DatasetError.directoryInUse(path: copy.relativePath)) {
                try DatasetExport.write(images, to: copy)
            }
        }
        let whole = folder.url.appending(path: "whole")
        try FileManager.default.createDirectory(at: whole, withIntermediateDirectories: false)
        try DatasetExport.write(images, to: whole)
        #expect(try DatasetCatalog.open(whole.path).parts.map(\.images.count) == [2, 2])
    }

    @Test func saysWhyItCannotBeWritten() throws {
        let folder = try PictureFolder(["photos/train/a/1.png", "photos/train/b/2.png"])
        let images = try DatasetCatalog.open(folder.url.appending(path: "photos").path)
        try folder.write(Data(), to: "file")
        let error = try #require(throws: DatasetError.self) {
            try DatasetExport.write(images, to: folder.url.appending(path: "file/copy"))
        }
        guard case .notWritten(_, "Not a directory") = error else {
            Issue.record("\(error)")
            return
        }
    }

    /// File systems take 255 bytes.
    @Test(arguments: ["日", "é", "\u{1112}\u{1161}", "👩‍👩‍👧‍👦", "x", "𝔘"])
    func longNamesOfClassesAreCut(letter: String) throws {
        let names = (0..<3).map { String(repeating: letter, count: 300) + "\($0)" }
        let directories = DatasetExport.directoryNames(for: names)
        #expect(Set(directories).count == 3 && directories.allSatisfy { $0.utf8.count < 143 })
        let folder = try PictureFolder(["1.png", "2.png", "3.png"])
        let rows = names.enumerated().map { "\($0.offset + 1).png,\($0.element)\n" }
        try folder.write(Data(("path,label\n" + rows.joined()).utf8), to: "t.csv")
        let copy = folder.url.appending(path: "copy")
        try DatasetExport.write(DatasetCatalog.open(folder.url.appending(path: "t.csv").path), to: copy)
        let read = try DatasetCatalog.open(copy.path)
        #expect(read.train.classes.map(ExactText.init) == names.sortedByBytes().map(ExactText.init))
        #expect(read.train.count == 3)
    }

    /// The table has them as they are.
    @Test func namesOfClassesStayAsTheyAre() throws {
        let names = ["a,b", "x\"y", ",\u{301}", "cafe\u{301}", "line\nbreak", " blank ", "🐈‍⬛", "0", "A", "a"]
            .sortedByBytes()
        let folder = try PictureFolder(names.indices.map { "\($0).png" })
        let rows = names.enumerated().map { "\($0.offset).png,\(CSVFile.quoted($0.element))\n" }
        try folder.write(Data(("path,label\n" + rows.joined()).utf8), to: "t.csv")
        let copy = folder.url.appending(path: "copy")
        try DatasetExport.write(DatasetCatalog.open(folder.url.appending(path: "t.csv").path), to: copy)
        #expect(try DatasetCatalog.open(copy.path).train.classes.map(ExactText.init) == names.map(ExactText.init))
    }
}
