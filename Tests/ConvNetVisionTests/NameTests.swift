import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

/// Names of files are bytes; names of classes are text.
@Suite struct NameTests {
    /// Pairs of names that Swift takes for equal, and no file system of Linux's does.
    static let alike = [
        ("caf\u{E9}", "cafe\u{301}"), ("\u{D55C}\u{AE00}", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}"),
        ("\u{212B}", "\u{C5}"), ("q\u{323}\u{307}", "q\u{307}\u{323}"),
    ]

    @Test func textIsComparedByBytes() {
        for (one, other) in Self.alike {
            #expect(one == other && ExactText(one) != ExactText(other))
            #expect(Set([one, other].map(ExactText.init)).count == 2)
            #expect([one, other].firstReadingAlike.map { [$0, $1] } == [0, 1])
        }
        #expect(
            ["b", "a", "\u{1F408}", "\u{E9}", "e\u{301}", "B"].sortedByBytes() == [
                "B", "a", "b", "e\u{301}", "\u{E9}", "\u{1F408}",
            ])
        #expect(["a", "A", "\u{1F408}", "\u{1F408}\u{200D}\u{2B1B}"].firstReadingAlike == nil)
        #expect(ExactText("caf\u{E9}\n").escaped == #"caf\u{e9}\u{a}"#)
    }

    @Test func bytesAreEscaped() {
        #expect(bytesEscaped([0x63, 0xE9, 0x2E, 0x70]) == #"c\xE9.p"#)
        #expect(bytesEscaped([0xB5, 0xE1]) == #"\xB5\xE1"#)
        #expect(bytesEscaped(Array("é🐈".utf8) + [0xF0, 0x9F, 0x08]) == #"é🐈\xF0\x9F"# + "\u{8}")
    }

    @Test func pathsAreSplitAtBytes() {
        #expect(pathComponents("/a//b/\u{301}c/") == ["a", "b", "\u{301}c"])
        #expect(isAbsolute("/\u{301}a") && !isAbsolute("a/"))
        #expect(DirectoryWalk.join("a/", "\u{301}b") == "a/\u{301}b")
    }

    #if os(Linux)
    @Test(arguments: alike)
    func classesThatReadAlikeAreRefused(one: String, other: String) throws {
        for (prefix, rest) in [("", ["tea/1.png"]), ("train/", ["val/tea/1.png"]), ("test/", ["train/tea/1.png"])] {
            let folder = try PictureFolder(["\(prefix)\(one)/1.png", "\(prefix)\(other)/2.png"] + rest)
            let names = [one, other].sortedByBytes()
            #expect(
                throws: DatasetError.classesReadAlike(directory: folder.url.path, one: names[0], other: names[1])
            ) { try folder.open() }
        }
    }

    /// A folder that another system has written names its classes with other bytes.
    @Test func partsMaySpellAClassDifferently() throws {
        let images = try PictureFolder(["train/cafe\u{301}/1.png", "train/tea/1.png", "val/caf\u{E9}/2.png"]).open()
        #expect(images.train.classes == ["cafe\u{301}", "tea"] && images.badFiles.isEmpty)
        #expect(images.validation?.listing == ["val/caf\u{E9}/2.png cafe\u{301}"])
    }

    /// Every picture once, and the run's own split can be read again.
    @Test func picturesThatReadAlikeAreTwo() throws {
        let names = Self.alike.flatMap { one, other in ["a/\(one).png", "a/\(other).png", "b/\(one)/\(other)/1.png"] }
        let folder = try PictureFolder(names + ["b/1.png", "b/2.png"])
        let images = try folder.open()
        #expect(
            (0..<images.train.count).map { ExactText(images.train.imageName(at: $0)) }
                == (names.filter { $0.hasPrefix("a") }.sortedByBytes() + ["b/1.png", "b/2.png"]
                + names.filter { $0.hasPrefix("b") }.sortedByBytes()).map(ExactText.init))
        var preparation = DataPreparation()
        preparation.validationFraction = 0.4
        let first = try preparation.prepare(images, networkInput: [3, 8, 8])
        let file = folder.url.appending(path: "split.json")
        try #require(first.split).write(to: file)
        preparation.split = try SplitFile(contentsOf: file)
        let again = try preparation.prepare(images, networkInput: [3, 8, 8])
        func exact(_ dataset: (any Dataset)?) -> [ExactText] {
            (0..<(dataset?.count ?? 0)).compactMap { dataset?.imageName(at: $0) }.map(ExactText.init)
        }
        #expect(exact(again.training) == exact(first.training) && exact(again.validation) == exact(first.validation))
        #expect(Set(exact(first.training) + exact(first.validation)).count == names.count + 2)
        #expect(first.split?.trainedOn(images.train, of: images.name) == first.training.count)
    }
    #endif

    /// Where a class is called like the dataset with more to it, its files are not another's.
    @Test func aDatasetsNameIsNoPartOfAFiles() throws {
        let folder = try PictureFolder(["cat/cat food/1.png", "cat/cat food/2.png", "cat/food/1.png", "cat/food/2.png"])
        let images = try DatasetCatalog.open(folder.url.appending(path: "cat").path)
        var preparation = DataPreparation()
        preparation.validationFraction = 0.5
        let data = try preparation.prepare(images, networkInput: [3, 8, 8])
        let split = try #require(data.split)
        #expect(Set(split.train + split.validation).count == 4)
        preparation.split = split
        #expect(try preparation.prepare(images, networkInput: [3, 8, 8]).split == split)
        // As earlier versions wrote such names, where they were not those of other files.
        try FileManager.default.removeItem(at: folder.url.appending(path: "cat/food"))
        let old = #"{"dataset": "cat", "train": ["food/1.png"], "validation": ["food/2.png"]}"#
        try folder.write(Data(old.utf8), to: "old.json")
        preparation.split = try SplitFile(contentsOf: folder.url.appending(path: "old.json"))
        let rest = try DatasetCatalog.open(folder.url.appending(path: "cat").path)
        #expect(try preparation.prepare(rest, networkInput: [3, 8, 8]).training.imageName(at: 0) == "cat food/1.png")
    }

    @Test func listedClassesAreDifferent() throws {
        let directory = try TemporaryDirectory()
        try directory.writeDataset()
        for (names, line, earlier) in [("a\nb\na\n", 3, 1), ("caf\u{E9}\ncafe\u{301}\nx\n", 2, 1)] {
            let file = try directory.write(Data(names.utf8), to: "classes.txt")
            let name = names.split(separator: "\n")[line - 1]
            #expect(
                throws: DatasetError.repeatedClassName(
                    file: file.path, line: line, earlier: earlier, name: String(name))
            ) { try DatasetCatalog.open(directory.path) }
        }
    }

    /// A folder with a table, say, that the system does not show is not a folder without one.
    @Test(arguments: [
        "labels.csv", "train-images-idx3-ubyte", "t10k-labels.idx1-ubyte.gz", "data_batch_1.bin", "test.bin",
    ])
    func whatCannotBeLookedAtIsNotTakenForAbsent(name: String) throws {
        let folder = try PictureFolder(["crow/1.png", "gull/1.png"])
        let link = folder.url.appending(path: name)
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: name)
        #expect(throws: DatasetError.unreadable(file: link.path, reason: "Too many levels of symbolic links")) {
            try DatasetCatalog.open(folder.url.path)
        }
    }

    #if os(Linux)
    @Test func whatCannotBeReadIsListedAtEveryLevel() throws {
        let folder = try PictureFolder(["crow/1.png", "gull/1.png"])
        for name in [[0xB5, 0xE1], Array("caf".utf8) + [0xE9]] as [[UInt8]] {
            let path = Array(folder.url.path.utf8) + Array("/".utf8) + name + [0]
            #expect(path.withUnsafeBytes { mkdir($0.bindMemory(to: CChar.self).baseAddress!, 0o700) } == 0)
        }
        for (link, target) in [
            ("owl", "/nowhere/owl"), ("circle", "."), ("under", "crow/1.png/x"),
            ("long", String(repeating: "x", count: 300)),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.url.appending(path: link).path, withDestinationPath: target)
        }
        mkfifo(folder.url.appending(path: "pipe").path, 0o600)
        let images = try folder.open()
        #expect(images.train.classes == ["crow", "gull"])
        #expect(
            images.badFiles.map(\.problem).sortedByBytes() == [
                "'\\xB5\\xE1' has a name that is not UTF-8. Rename it.",
                "'caf\\xE9' has a name that is not UTF-8. Rename it.",
                "'circle' is a symbolic link to a directory that it is in. Remove the link.",
                "'long' cannot be read: File name too long.",
                "'owl' is a symbolic link to nothing. Remove the link.",
                "'pipe' is neither a file nor a directory. Remove it.",
                "'under' is a symbolic link to nothing. Remove the link.",
            ])
    }
    #endif
}
