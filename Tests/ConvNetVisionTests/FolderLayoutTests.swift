import ConvNetGraph
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

/// Which directories are parts and which are classes.
@Suite struct FolderLayoutTests {
    private func open(_ files: [String], empty: [String] = []) throws -> DatasetParts {
        let folder = try PictureFolder(files)
        for directory in empty { try folder.makeDirectory(directory) }
        return try folder.open()
    }

    private static func parts(_ images: DatasetParts) -> [String] {
        images.parts.map { "\($0.part) \($0.images.count)" }
    }

    // MARK: Classes

    @Test(arguments: [
        ["bus/1.png", "car/1.png", "train/1.png"],
        ["bus/1.png", "car/1.png", "train/diesel/1.png", "train/steam/1.png"],
        ["bus/city/1.png", "car/sport/1.png", "train/steam/1.png"],
        ["bus/1.png", "car/1.png", "Test/1.png"],
        ["ops/1.png", "dev/1.png", "qa/1.png"],
        ["car/1.png", "train/1.png", "train/old/2.png"],
    ])
    func partsNamesMayBeClasses(files: [String]) throws {
        let images = try open(files)
        #expect(images.train.classes == Set(files.map { String($0.prefix { $0 != "/" }) }).sortedByBytes())
        #expect(images.train.count == files.count && images.validation == nil && images.test == nil)
        #expect(images.badFiles.isEmpty)
        // It is said, for they are parts to others.
        let name = try #require(images.train.classes.first { FolderLayout.part(named: $0) != nil })
        #expect(
            images.notices.map(\.headline) == ["'\(name)' is taken for a class, as the directories beside it are"])
    }

    @Test func aFolderWithinAFolderIsNamed() throws {
        let images = try open(["photos/a/1.png", "photos/b/2.png"])
        #expect(images.train.classes == ["photos"])
        #expect(
            images.notices.map(\.headline) == [
                "'photos' is the only class: the 2 directories in it are not taken for classes"
            ])
        #expect(try open(["photos/a/1.png", "photos/2.png"]).notices.isEmpty)
        #expect(try open(["photos/a/1.png"]).notices.isEmpty)
    }

    // MARK: Parts

    @Test(arguments: [
        (["Training", "Testing"], ["train 2", "test 2"]),
        (["train", "dev", "eval"], ["train 2", "validation 2", "test 2"]),
        (["TRAIN", "Val"], ["train 2", "validation 2"]),
        (["training", "valid", "test"], ["train 2", "validation 2", "test 2"]),
        (["train"], ["train 2"]),
    ])
    func partsAreKnownByTheirNames(directories: [String], parts: [String]) throws {
        let images = try open(directories.flatMap { ["\($0)/a/1.png", "\($0)/b/1.png"] })
        #expect(Self.parts(images) == parts && images.train.classes == ["a", "b"])
        #expect(images.notices.isEmpty && images.badFiles.isEmpty)
    }

    @Test func whatLiesBesidePartsIsNamed() throws {
        let parts = ["train/a/1.png", "train/b/1.png"]
        for (others, beside) in [
            (["holdout/a/2.png", "holdout/b/2.png"], "'holdout' (2 pictures) is"),
            (["test1/2.png"], "'test1' (1 picture) is"),
            (["val/a/2.png", "extra/2.png", "more/x/y/3.png"], "'extra' (1 picture), 'more' (1 picture) are"),
            (
                ["val/a/2.png"] + (0..<7).map { "x\($0)/1.png" },
                (0..<5).map { "'x\($0)' (1 picture)" }.joined(separator: ", ") + " and 2 more are"
            ),
        ] {
            let images = try open(parts + others)
            #expect(images.train.classes == ["a", "b"])
            #expect(images.notices.map(\.headline) == ["beside the parts, \(beside) not used"])
        }
        let images = try open(parts + [".hidden/a/1.png"], empty: ["docs"])
        #expect(images.notices.map(\.headline) == ["beside the parts, 'docs' (no pictures) is not used"])
        #expect(images.badFiles.isEmpty)
    }

    @Test func aPartOfTwoDirectoriesIsTheFirst() throws {
        let images = try open(["train/a/1.png", "val/a/2.png", "valid/a/3.png", "valid/a/4.png"])
        #expect(images.validation?.listing == ["val/a/2.png a"])
        #expect(images.notices.map(\.headline) == ["'valid' (2 pictures) is not used: 'val' is the validation part"])
        // An empty one is none.
        let other = try open(["train/a/1.png", "valid/a/3.png"], empty: ["val"])
        #expect(other.validation?.listing == ["valid/a/3.png a"])
        #expect(other.notices.map(\.headline) == ["'val' has no pictures: not used"])
    }

    @Test func aPartWithoutClassesIsNone() throws {
        let images = try open(
            ["train/a/1.png", "train/b/1.png", "test/1.png", "test/2.png", "test/3.png"], empty: ["val", "val2"])
        #expect(Self.parts(images) == ["train 2"] && images.badFiles.isEmpty)
        #expect(
            images.notices.map(\.headline) == [
                "'test' has 3 pictures and no classes: not used", "'val' has no pictures: not used",
                "beside the parts, 'val2' (no pictures) is not used",
            ])
        let hollow = try open(["train/a/1.png", "test/a/deep.png/x"], empty: ["val/a", "val/z"])
        #expect(Self.parts(hollow) == ["train 1"] && hollow.badFiles.isEmpty)
        #expect(
            hollow.notices.map(\.headline) == [
                "'test' has no pictures: not used", "'val' has no pictures: not used",
            ])
        // One class without pictures beside others is a bad file, as it is in training.
        #expect(try open(["train/a/1.png", "val/a/1.png"], empty: ["val/z"]).badFiles.map(\.path) == ["val/z"])
    }

    @Test func partsWithPicturesButNoClassesAreRefused() throws {
        for files in [["train/1.png", "train/2.png"], ["train/1.png", "train/2.png", "test/3.png"]] {
            let folder = try PictureFolder(files)
            let name = files.contains { $0.hasPrefix("test") } ? "test' has 1 picture" : "train' has 2 pictures"
            #expect(
                throws: DatasetError.noDataset(
                    directory: folder.url.path,
                    problem: "'\(name) and no sub-directories that would tell their classes")
            ) { try folder.open() }
        }
    }

    @Test func looseAndLinkedThingsAreNamed() throws {
        let folder = try PictureFolder(["train/a/1.png", "train/b/1.png", "train/x.png", "train/y.png", "top.png"])
        for (link, target) in [("val", "gone"), ("others", "gone"), ("train/c", "gone"), ("test", "train")] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.url.appending(path: link).path, withDestinationPath: target)
        }
        let images = try folder.open()
        #expect(images.badFiles.map(\.path) == ["val", "train/c", "test/c"])
        #expect(images.badFiles.map(\.part) == [.validation, .train, .test])
        #expect(images.test?.listing == ["test/a/1.png a", "test/b/1.png b"])
        #expect(
            images.notices.map(\.headline) == [
                "beside the parts, 'others' is not used",
                "1 picture beside the sub-directories, as 'top.png', is not used",
                "2 pictures beside the sub-directories, as 'train/x.png', are not used",
                "2 pictures beside the sub-directories, as 'test/x.png', are not used",
            ])
    }

    @Test func whatCannotBeLookedAtIsNoClassBesideParts() throws {
        for files in [
            ["train/a/1.png", "train/b/1.png"], ["train/a/1.png", "val/a/1.png"], ["train/1.png", "car/2.png"],
        ] {
            let folder = try PictureFolder(files)
            try folder.makeDirectory("lost+found")
            try FileManager.default.createSymbolicLink(
                atPath: folder.url.appending(path: "lost+found/x").path, withDestinationPath: "gone")
            let images = try folder.open()
            let areParts = !files.contains("car/2.png")
            #expect(images.train.classes.count == (files[1].hasPrefix("val") ? 1 : 2))
            #expect(images.badFiles.map(\.path) == (areParts ? [] : ["lost+found/x"]))
        }
    }

    // MARK: In doubt

    @Test(arguments: [
        (
            ["car/1.png", "train/a/1.png", "train/b/1.png"],
            "'train' may be a class, as 'car' beside it, or the train part with the classes 'a', 'b'"
        ),
        (
            ["car/x/1.png", "train/a/1.png"],
            "'train' may be a class, as 'car' beside it, or the train part with the class 'a'"
        ),
        (
            ["cat/1.png", "dog/1.png", "test/cat/2.png", "test/dog/2.png"],
            "'test' may be a class, as 'cat' beside it, or the test part with the classes 'cat', 'dog'"
        ),
        (
            ["cat/1.png", "dog/1.png", "train/cat/2.png", "train/fox/2.png"],
            "'train' may be a class, as 'cat' beside it, or the train part with the classes 'cat', 'fox'"
        ),
        (
            ["test_set/a/1.png", "test_set/b/1.png", "training_set/a/1.png"],
            "'test_set' and 'training_set' may be classes, or parts"
        ),
    ])
    func whatCouldBeEitherIsRefused(files: [String], reading: String) throws {
        let error = try #require(throws: DatasetError.self) { try open(files) }
        #expect(error.description.contains("' can be read in two ways: \(reading)"), "\(error)")
    }

    // MARK: Without training

    @Test func partsToMeasureWithAreEnough() throws {
        let folder = try PictureFolder(["test/b/1.png", "test/a/1.png", "val/a/2.png"])
        let error = try #require(throws: DatasetError.self) { try folder.open() }
        #expect(
            error.description
                == "'\(folder.url.path)' is not a dataset: it has no part to learn from, only 'val' (validation) "
                + "and 'test' (test); such a part is called 'train'.")
        let images = try DatasetCatalog.open(folder.url.path, needsTraining: false)
        #expect(images.train.count == 0 && images.train.classes == ["a", "b"])
        #expect(images.test?.listing == ["test/a/1.png a", "test/b/1.png b"])
        #expect(
            try DatasetCatalog.open(folder.url.path, parts: [.test], needsTraining: false).measured.images.count == 2)
        #expect(throws: DatasetError.noSuchPart(dataset: images.name, part: .train)) {
            try EvaluationData.choose(.train, of: images)
        }
    }
}
