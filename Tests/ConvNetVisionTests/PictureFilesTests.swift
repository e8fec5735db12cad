import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct PictureFilesTests {
    /// Paths without that of the folder.
    private func open(_ folder: PictureFolder, _ arguments: String...) throws -> (files: PictureFiles, names: [String])
    {
        let root = folder.url.path + "/"
        let files = try PictureFiles(arguments.map { root + $0 })
        return (files, files.paths.map { $0.replacing(root, with: "") })
    }

    @Test func patternsAreWhatTheyMatch() throws {
        let folder = try PictureFolder(["new/IMG_0", "new/IMG_1", "new/x.png", "new/sub/y.png", "new/a.png/z.png"])
        try folder.write(Data("notes".utf8), to: "new/IMG_notes.txt")
        try folder.write(Data("BM on paper".utf8), to: "new/IMG_paper")
        try folder.write(Data("P1 and P2".utf8), to: "new/list.txt")
        try folder.write(Data(), to: "new/void")
        #expect(try open(folder, "new/IMG_[01]").names == ["new/IMG_0", "new/IMG_1"])
        let some = try open(folder, "new/IMG_*")
        #expect(some.names == ["new/IMG_0", "new/IMG_1"])
        #expect(some.files.notices.count == 1 && some.files.notices[0].headline.hasPrefix("2 of the 4 files that '"))
        #expect(some.files.notices[0].headline.hasSuffix("/new/IMG_*' matches are left out, no pictures"))
        #expect(
            try open(folder, "new/*").names == [
                "new/IMG_0", "new/IMG_1", "new/a.png/z.png", "new/sub/y.png", "new/x.png",
            ])
        for (pattern, count, first) in [("new/*.txt", 2, "new/IMG_notes.txt"), ("new/v*", 1, "new/void")] {
            let pattern = "\(folder.url.path)/\(pattern)"
            #expect(
                throws: DatasetError.noPictureMatches(
                    pattern: pattern, count: count, first: "\(folder.url.path)/\(first)")
            ) { try PictureFiles([pattern]) }
        }
        #expect(throws: DatasetError.self) { try open(folder, "new/*.jpeg") }
        // A file stands for itself, whatever it is called.
        #expect(try open(folder, "new/list.txt", "new/IMG_1").names == ["new/list.txt", "new/IMG_1"])
    }

    @Test func foldersHoldPicturesOfAnyName() throws {
        let folder = try PictureFolder(["new/b", "new/a.png", "new/c/IMG_0", "new/d.jpg_large", "other/x"])
        try folder.write(Data("notes".utf8), to: "new/notes.txt")
        try folder.write(Data("notes".utf8), to: "none/notes.txt")
        #expect(
            try open(folder, "new", "other").names == [
                "new/a.png", "new/b", "new/c/IMG_0", "new/d.jpg_large", "other/x",
            ])
        #expect(throws: DatasetError.emptyFolder(directory: "\(folder.url.path)/none")) {
            try PictureFiles(["\(folder.url.path)/none"])
        }
    }

    @Test func foldersNameWhatTheyHoldByWholePaths() throws {
        let folder = try PictureFolder(["new/1.png", "new/sub/2.png"])
        try FileManager.default.createSymbolicLink(
            atPath: folder.url.appending(path: "new/gone.png").path, withDestinationPath: "nowhere")
        let found = try open(folder, "new")
        #expect(found.names == ["new/1.png", "new/sub/2.png"])
        #expect(found.files.badFiles.map(\.path) == ["\(folder.url.path)/new/gone.png"])
    }

    #if os(Linux)
    @Test func namesThatAreNotUTF8AreBadFiles() throws {
        let folder = try PictureFolder(["new/x.png"])
        let path = Array("\(folder.url.path)/new/".utf8) + [0xFF] + Array(".png".utf8) + [0]
        let descriptor = path.withUnsafeBytes {
            Foundation.open($0.bindMemory(to: CChar.self).baseAddress!, O_CREAT | O_WRONLY, 0o600)
        }
        close(descriptor)
        mkfifo("\(folder.url.path)/new/pipe", 0o600)
        for argument in ["new/*", "new/*.png", "new"] {
            let found = try open(folder, argument)
            #expect(found.names == ["new/x.png"])
            #expect(
                found.files.badFiles[0].problem.hasSuffix("/new/\\xFF.png' has a name that is not UTF-8. Rename it."))
        }
    }
    #endif
}
