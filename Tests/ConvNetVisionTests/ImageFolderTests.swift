import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

extension Dataset {
    /// Name and class of every picture.
    var listing: [String] { (0..<count).map { "\(imageName(at: $0)) \(classes[label(at: $0)])" } }
}

@Suite struct ImageFolderTests {
    @Test func subdirectoriesAreClasses() throws {
        let folder = try PictureFolder([
            "b/2.png", "b/10.PNG", "a/deep/x.png", "C/1.png", "b/notes.txt", "b/.hidden.png",
        ])
        let images = try folder.open()
        #expect(images.train.classes == ["C", "a", "b"])
        #expect(images.train.listing == ["C/1.png C", "a/deep/x.png a", "b/10.PNG b", "b/2.png b"])
        #expect(images.validation == nil && images.test == nil && images.badFiles.isEmpty)
    }

    @Test(arguments: [("val", "test"), ("validation", "Test"), ("valid", "test")])
    func partsAreKnownByTheirNames(validation: String, test: String) throws {
        let images = try PictureFolder([
            "train/a/1.png", "train/b/1.png", "\(validation)/b/2.png", "\(test)/a/3.png", "\(test)/b/4.png",
        ]).open()
        #expect(images.train.listing == ["train/a/1.png a", "train/b/1.png b"])
        // Labels are those of the training classes, also where a part has not all of them.
        #expect(images.validation?.listing == ["\(validation)/b/2.png b"])
        #expect(images.validation?.label(at: 0) == 1)
        #expect(images.test?.listing == ["\(test)/a/3.png a", "\(test)/b/4.png b"])
    }

    @Test func aClassThatTrainingLacksIsBad() throws {
        let images = try PictureFolder(["train/a/1.png", "val/a/1.png", "val/z/2.png"]).open()
        #expect(images.badFiles.map(\.path) == ["val/z"])
        #expect(images.validation?.listing == ["val/a/1.png a"])
    }

    @Test func whatCannotBeReadIsListed() throws {
        let folder = try PictureFolder(["a/1.png", "b/1.png"])
        try folder.makeDirectory("empty")
        for (link, target) in [("a/loop", ".."), ("b/dangling.png", "nowhere"), ("b/round", "round")] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.url.appending(path: link).path, withDestinationPath: target)
        }
        let name = [UInt8](folder.url.path.utf8) + [UInt8]("/a/".utf8) + [0xFF, 0xFE] + [UInt8](".png".utf8) + [0]
        let descriptor = name.withUnsafeBytes { bytes in
            Foundation.open(bytes.bindMemory(to: CChar.self).baseAddress!, O_CREAT | O_WRONLY, 0o600)
        }
        close(descriptor)
        let images = try folder.open()
        #expect(images.train.listing == ["a/1.png a", "b/1.png b"])
        let problems = images.badFiles.map(\.problem).joined(separator: "\n")
        #expect(problems.contains("is a symbolic link to a directory that it is in"))
        #expect(problems.contains("'b/dangling.png' is a symbolic link to nothing"))
        #expect(problems.contains("'b/round' is a symbolic link to nothing"))
        #expect(problems.contains("has a name that is not UTF-8. Rename it."))
        #expect(problems.contains("'empty' is a class with no pictures. Add some, or remove the directory."))
    }

    @Test func aFolderWithoutPicturesIsRefused() throws {
        let folder = try PictureFolder([])
        try folder.makeDirectory("a")
        #expect(throws: DatasetError.noPictures(directory: folder.url.path)) { try folder.open() }
        // What could not be looked at says more.
        try FileManager.default.createSymbolicLink(
            atPath: folder.url.appending(path: "a/x.png").path, withDestinationPath: "nowhere")
        #expect(
            try #require(throws: DatasetError.self) { try folder.open() }.description
                == "'\(folder.url.path)' is not a dataset: no picture is found in its sub-directories: 'a/x.png' is a "
                + "symbolic link to nothing. Remove the link.")
        // Nor is there a class to pictures that lie about.
        let flat = try PictureFolder(["1.png", "2.png"])
        #expect(throws: DatasetError.noPictures(directory: flat.url.path)) { try flat.open() }
    }
}
