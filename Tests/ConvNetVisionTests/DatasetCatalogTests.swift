import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct DatasetCatalogTests {
    @Test(arguments: [("", "-"), (".gz", "-"), ("", "."), (".gz", ".")])
    func opensADirectory(suffix: String, separator: String) throws {
        let directory = try TemporaryDirectory()
        try directory.writeDataset(
            suffix: suffix, separator: separator, transform: suffix.isEmpty ? { $0 } : gzipped)
        let data = try DatasetCatalog.open(directory.path)
        #expect(data.name == directory.url.lastPathComponent)
        #expect(data.train.name == "\(data.name) (train)")
        let test = try #require(data.test)
        #expect(test.name == "\(data.name) (test)")
        #expect(data.train.count == 3)
        #expect(test.count == 2)
        #expect(data.train.imageShape == [1, 2, 2])
        #expect(data.train.classes == ["0", "1", "2"])
        #expect((0..<3).map(data.train.label) == [2, 0, 1])
        #expect((0..<2).map(test.label) == [1, 2])
    }

    @Test func readsClassNames() throws {
        let directory = try TemporaryDirectory()
        try directory.writeDataset()
        try directory.write(Data("zéro\r\n one \ntwo\n\n".utf8), to: "classes.txt")
        #expect(try DatasetCatalog.open(directory.path).train.classes == ["zéro", "one", "two"])
    }

    @Test func namesUnusableClassNames() throws {
        let directory = try TemporaryDirectory()
        try directory.writeDataset()
        let file = try directory.write(Data("a\n\nc\n".utf8), to: "classes.txt")
        #expect(throws: DatasetError.missingClassName(file: file.path, line: 2)) {
            try DatasetCatalog.open(directory.path)
        }
        try directory.write(Data(), to: "classes.txt")
        #expect(throws: DatasetError.missingClassName(file: file.path, line: 1)) {
            try DatasetCatalog.open(directory.path)
        }
        try directory.write(Data([0xFF, 0xFE, 0x61]), to: "classes.txt")
        #expect(throws: DatasetError.classNamesNotText(file: file.path)) {
            try DatasetCatalog.open(directory.path)
        }
        try directory.write(Data("a\nb".utf8), to: "classes.txt")
        let labels = directory.url.appendingPathComponent("train-labels-idx1-ubyte").path
        #expect(throws: DatasetError.labelOutOfRange(file: labels, position: 0, label: 2, classCount: 2)) {
            try DatasetCatalog.open(directory.path)
        }
        #expect(
            DatasetError.missingClassName(file: "classes.txt", line: 2).description
                == "'classes.txt' has no class name in line 2. Write one class name per line.")
        #expect(
            DatasetError.classNamesNotText(file: "classes.txt").description
                == "'classes.txt' is not UTF-8 text. Write one class name per line.")
    }

    @Test func namesATestLabelBeyondTheTrainingLabels() throws {
        let directory = try TemporaryDirectory()
        try directory.writeDataset()
        let labels = try directory.write(idx([2], [0, 3]), to: "t10k-labels-idx1-ubyte")
        #expect(throws: DatasetError.labelOutOfRange(file: labels.path, position: 1, label: 3, classCount: 3)) {
            try DatasetCatalog.open(directory.path)
        }
    }

    @Test func namesShapesThatDiffer() throws {
        let directory = try TemporaryDirectory()
        try directory.writeDataset()
        try directory.write(idx([2, 1, 2], [1, 2, 3, 4]), to: "t10k-images-idx3-ubyte")
        let error = try #require(throws: DatasetError.self) { try DatasetCatalog.open(directory.path) }
        #expect(
            error.description
                == "'\(directory.url.lastPathComponent)' has training images of 1×2×2 and test images of 1×1×2. "
                + "Use files that belong together.")
    }

    @Test func namesAnEmptyDataset() throws {
        let directory = try TemporaryDirectory()
        try directory.writeDataset()
        let images = try directory.write(idx([0, 2, 2], []), to: "train-images-idx3-ubyte")
        #expect(throws: DatasetError.noElements(file: images.path, sizes: [0, 2, 2])) {
            try DatasetCatalog.open(directory.path)
        }
    }

    @Test func namesWhatADirectoryLacks() throws {
        let directory = try TemporaryDirectory()
        try directory.writeDataset()
        try FileManager.default.removeItem(at: directory.url.appendingPathComponent("t10k-labels-idx1-ubyte"))
        let error = try #require(throws: DatasetError.self) { try DatasetCatalog.open(directory.path) }
        #expect(error == .missingFile(directory: directory.path, file: "t10k-labels-idx1-ubyte"))
        #expect(
            error.description
                == "'\(directory.path)' holds no 't10k-labels-idx1-ubyte', with or without '.gz'. "
                + "A dataset consists of four such files: training and test ('t10k'), images and labels.")
    }

    @Test func namesPathsThatAreNotDirectories() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Data(), to: "file")
        #expect(
            try #require(throws: DatasetError.self) { try DatasetCatalog.open("no/such/place") }.description
                == "There is no directory 'no/such/place'. Check the path.")
        #expect(
            try #require(throws: DatasetError.self) { try DatasetCatalog.open(file.path) }.description
                == "'\(file.path)' is not a directory. Give the path of the directory that holds the dataset's files.")
    }

    @Test func datasetsAreFoundFromEverywhere() throws {
        let folder = try PictureFolder(["photos/a/1.png"])
        let photos = folder.url.appending(path: "photos").path
        #expect(DatasetCatalog.location(of: "fashion-mnist") == "fashion-mnist")
        #expect(DatasetCatalog.location(of: "no/such/place") == "no/such/place")
        #expect(DatasetCatalog.location(of: photos + "/./") == photos)
        let here = FileManager.default.currentDirectoryPath
        #expect(DatasetCatalog.location(of: ".") == here && DatasetCatalog.location(of: "./.") == here)

        let link = folder.url.appending(path: "link").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "photos/a")
        // Where '..' leads to is no matter of the text.
        #expect(DatasetCatalog.location(of: link + "/..").hasSuffix("/photos"))
        #expect(DatasetCatalog.areSame(photos, link + "/.."))
        #expect(DatasetCatalog.areSame(photos, photos + "/"))
        #expect(!DatasetCatalog.areSame(photos, link) && !DatasetCatalog.areSame(photos, "nowhere"))
        #expect(!DatasetCatalog.areSame("nowhere", "nowhere else") && DatasetCatalog.areSame("nowhere", "nowhere"))
        #expect(!DatasetCatalog.areSame("fashion-mnist", "."))
    }

    /// Those for testing, or what comes nearest.
    @Test func opensWhatAModelIsMeasuredOn() throws {
        for (files, expected) in [
            (["train/a/1.png", "val/a/2.png", "test/a/3.png"], "test/a/3.png"),
            (["train/a/1.png", "val/a/2.png"], "val/a/2.png"), (["a/1.png"], "a/1.png"),
        ] {
            let folder = try PictureFolder(files)
            #expect(
                try DatasetCatalog.open(folder.url.path, parts: [.test], needsTraining: false).measured.images.listing
                    == ["\(expected) a"])
            try folder.write(Data("path,label\n\(expected),b\n".utf8), to: "t.csv")
            #expect(
                try DatasetCatalog.open(folder.url.appending(path: "t.csv").path, parts: [.test], needsTraining: false)
                    .measured.images.listing == ["\(expected) b"]
            )
        }
        let directory = try TemporaryDirectory()
        try directory.writeDataset()
        // The other part is not looked at.
        try FileManager.default.removeItem(at: directory.url.appending(path: "train-images-idx3-ubyte"))
        #expect(
            try DatasetCatalog.open(directory.path, parts: [.test], needsTraining: false).measured.images.count == 2)
    }

    @Test func picturesInFilesAreOfAnySize() throws {
        let folder = try PictureFolder(["a/1.png"])
        #expect(try DatasetCatalog.open(folder.url.path).train.imageShape == nil)
        try FileManager.default.removeItem(at: folder.url.appending(path: "a"))
        #expect(
            try #require(throws: DatasetError.self) { try DatasetCatalog.open(folder.url.path) }.description
                == "'\(folder.url.path)' is not a dataset: it is empty; a dataset has a sub-directory of JPEG or PNG files for "
                + "each class.")
    }

    @Test func suggestsTheNearestName() throws {
        #expect(
            try #require(throws: DatasetError.self) { try DatasetCatalog.open("fasion-mnist") }.description
                == "Unknown dataset 'fasion-mnist'. Did you mean 'fashion-mnist'?")
        #expect(
            try #require(throws: DatasetError.self) { try DatasetCatalog.open("imagenet") }.description
                == "Unknown dataset 'imagenet'. Known: fashion-mnist; the path of a directory works too.")
        #expect(throws: DatasetError.unknownDataset(name: "", suggestion: nil)) { try DatasetCatalog.open("") }
    }

    @Test func saysHowToInstallWhatIsMissing() throws {
        let directory = try TemporaryDirectory()
        let known = CatalogEntry.fashionMNIST
        let entry = CatalogEntry(
            name: known.name, summary: known.summary, classes: known.classes, installation: known.installation,
            expectedDirectory: directory.url.appendingPathComponent("none"))
        #expect(entry.directory == nil)
        let error = try #require(throws: DatasetError.self) { try entry.open() }
        #expect(
            error.description
                == "The dataset 'fashion-mnist' is not installed in '\(directory.path)/none'. Install Debian's package "
                + "dataset-fashion-mnist (sudo apt-get install dataset-fashion-mnist), or give the path of a "
                + "directory with its four files.")
        #expect(error.localizedDescription == error.description)
    }

    @Test func listsWhatIsKnown() {
        #expect(DatasetCatalog.all.map(\.name) == ["fashion-mnist"])
    }
}
