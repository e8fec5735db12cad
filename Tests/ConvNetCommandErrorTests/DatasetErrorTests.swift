import CommandTestSupport
import ConvNet
import Foundation
import Testing

@Suite struct DatasetErrorTests {
    private static func train(_ dataset: String) -> [String] {
        ["train", "--dataset", dataset, "--model", "convnet4", "--threads", "1", "--out", "run"]
    }

    @Test(arguments: [
        ("fasion-mnist", "Unknown dataset 'fasion-mnist'. Did you mean 'fashion-mnist'?"),
        ("imagenet", "Unknown dataset 'imagenet'. Known: fashion-mnist; the path of a directory works too."),
        ("", "Unknown dataset ''. Known: fashion-mnist; the path of a directory works too."),
        ("./nowhere", "There is no directory './nowhere'. Check the path."),
        (
            "file",
            "'file' is not a directory. Give the path of the directory that holds the dataset's files."
        ),
    ])
    func placesWithoutADatasetAreNamed(dataset: String, sentence: String) async throws {
        let place = try Workplace()
        try place.write("text", to: "file")
        try await place.expect(Self.train(dataset), failsWith: sentence)
        try await place.expect(["datasets", dataset], failsWith: sentence)
    }

    /// The files of MNIST are named where one of them is there, and nowhere else.
    @Test func directoriesWithoutADatasetSayWhatTheyHold() async throws {
        let place = try Workplace()
        let advice = "a dataset has a sub-directory of JPEG or PNG files for each class."
        let rules = "Put JPEG or PNG files into a sub-directory for each class, at its top or under 'train' and 'val'."
        try FileManager.default.createDirectory(at: place.file("empty"), withIntermediateDirectories: false)
        for file in ["one/x.txt", "two/x.txt", "two/y.txt", "flat/x.png", "deep/a/x.txt"] {
            try place.write("x", to: file)
        }
        let image = try PNG.encode(Image(channels: 1, height: 12, width: 12, pixels: [UInt8](repeating: 9, count: 144)))
        try place.write(image, to: "flat/x.png")
        for (name, sentence) in [
            ("empty", " is not a dataset: it is empty; \(advice)"),
            ("one", " is not a dataset: there is only a file in it, 'x.txt', which is no picture; \(advice)"),
            (
                "two",
                " is not a dataset: there are 2 files in it, none of them a picture, and no sub-directories; \(advice)"
            ),
            ("flat", " has no pictures in sub-directories. \(rules)"),
            ("deep", " has no pictures in sub-directories. \(rules)"),
        ] {
            for command in [Self.train(name), ["train", name], ["datasets", name]] {
                try await place.expect(command, failsWith: "'\(place.file(name).path)'\(sentence)")
            }
        }
    }

    #if os(Linux)
    /// As an archive from another system leaves them.
    @Test func namesThatAreNotUTF8AreSaidToBe() async throws {
        let place = try Workplace()
        let made = try await place.shell(
            #"mkdir photos && mkdir "photos/$(printf '\377a')" "photos/$(printf '\377b')""#)
        try #require(made.ending == .exit(0), "\(made.errors)")
        try await place.expect(
            ["train", "photos"],
            failsWith:
                "'\(place.file("photos").path)' is not a dataset: the names of the 2 entries in it are not UTF-8; "
                + "rename them.")
    }
    #endif

    @Test(arguments: [
        ("path,label\n", "no row follows the names of the columns."),
        ("path,label,part\na.png,a,test\nb.png,b,test\n", "no row is of the part train, only of test (2)."),
    ])
    func tablesWithoutARowToTrainOnAreNamed(table: String, sentence: String) async throws {
        let place = try Workplace()
        try place.write(table, to: "t.csv")
        try place.write(table, to: "folder/labels.csv")
        for (dataset, file) in [("t.csv", "t.csv"), ("folder", "folder/labels.csv")] {
            try await place.expect(["train", dataset], failsWith: "'\(place.file(file).path)', line 1: \(sentence)")
        }
    }

    /// It is known by its name alone, so that it is always looked for in the place where a package puts it.
    @Test(.enabled(if: DatasetCatalog.all.contains { $0.directory == nil }, "every dataset is installed"))
    func aDatasetThatIsNotInstalledSaysHowToInstallIt() async throws {
        try await Workplace().expect(
            Self.train("fashion-mnist"),
            failsWith: "The dataset 'fashion-mnist' is not installed in '/usr/share/datasets/fashion-mnist'. Install "
                + "Debian's package dataset-fashion-mnist (sudo apt-get install dataset-fashion-mnist), or give the path "
                + "of a directory with its four files.")
    }

    /// A file of the dataset, what happens to it, and what is said of it after its path.
    struct Damage: Sendable, CustomTestStringConvertible {
        var file = "train-images-idx3-ubyte"
        var isCompressed = false
        var change: @Sendable (Data) -> Data
        var sentence: String

        var testDescription: String { sentence }
    }

    @Test(arguments: [
        Damage(
            change: { $0.prefix(1000) },
            sentence: "is truncated: its header promises 34560 bytes of data, it holds 984. Download or copy it again."),
        Damage(
            change: { $0 + [0] },
            sentence: "is corrupt: its header promises 34560 bytes of data, it holds 34561. Download or copy it again."),
        Damage(
            change: { $0.prefix(7) },
            sentence: "is truncated: it holds 7 bytes, its header takes 16. Download or copy it again."),
        Damage(
            change: { Data([0, 0, 0x0D]) + $0.dropFirst(3) },
            sentence: "is not an IDX file of unsigned bytes: it starts with 0x00000D03 instead of 0x00000803. "
                + "Check that it is the right file."),
        Damage(
            change: { $0.prefix(4) + Data(repeating: 0xFF, count: 12) + $0.dropFirst(16) },
            sentence: "is corrupt: its header gives the impossible sizes 4294967295×4294967295×4294967295. "
                + "Download or copy it again."),
        Damage(
            change: { $0.prefix(4) + Data(repeating: 0, count: 4) + $0.dropFirst(8) },
            sentence: "is empty: its header gives the sizes 0×12×12. Use a file that holds data."),
        Damage(
            file: "train-images-idx3-ubyte.gz", isCompressed: true, change: { $0.prefix(600) },
            sentence: "is truncated: its gzip data ends early. Download or copy it again."),
        Damage(
            file: "t10k-labels-idx1-ubyte.gz", isCompressed: true, change: { $0.prefix(2) + [9] + $0.dropFirst(3) },
            sentence: "is corrupt: its gzip data is invalid (unknown compression method). Download or copy it again."),
    ])
    func damagedFilesAreNamed(damage: Damage) async throws {
        let place = try Workplace.withDataset(SyntheticDataset(isCompressed: damage.isCompressed))
        try place.write(damage.change(try place.data("data/\(damage.file)")), to: "data/\(damage.file)")
        try await place.expect(
            Self.train("data"), failsWith: "'\(place.file("data/\(damage.file)").path)' \(damage.sentence)")
    }

    @Test func countsThatDifferAreNamed() async throws {
        let place = try Workplace.withDataset()
        try place.write(SyntheticDataset.idx([3], [0, 1, 2]), to: "data/train-labels-idx1-ubyte")
        try await place.expect(
            Self.train("data"),
            failsWith: "'\(place.file("data/train-images-idx3-ubyte").path)' holds 240 images, but "
                + "'\(place.file("data/train-labels-idx1-ubyte").path)' holds 3 labels. Use files that belong together."
        )
    }

    @Test func aLabelOutsideTheClassesIsNamed() async throws {
        let place = try Workplace.withDataset()
        try place.write("a\nb\nc\n", to: "data/classes.txt")
        try await place.expect(
            Self.train("data"),
            failsWith:
                "'\(place.file("data/train-labels-idx1-ubyte").path)' has the label 3 at position 3, but there are "
                + "only 3 classes (labels count from 0). Correct the label or the list of classes.")
    }

    @Test func aMissingFileIsNamed() async throws {
        let place = try Workplace.withDataset()
        try FileManager.default.removeItem(at: place.file("data/t10k-images-idx3-ubyte"))
        let outcome = try await place.run(Self.train("data"))
        #expect(
            outcome.errors.hasSuffix(
                "/data' holds no 't10k-images-idx3-ubyte', with or without '.gz'. A dataset "
                    + "consists of four such files: training and test ('t10k'), images and labels.\n"))
        #expect(!place.exists("run"))
    }

    @Test func imagesThatDoNotFitTheNetworkAreRefused() async throws {
        let place = try Workplace.withDataset(SyntheticDataset(size: 8))
        try await place.expect(
            ["train", "--dataset", "data", "--model", "lenet5", "--out", "run"],
            failsWith: "lenet5 cannot be built for images of 1×8×8 in 4 classes: "
                + "layer 3: a 5×5 kernel does not fit a 4×4 input with padding 0")
    }

    @Test func otherDataThanTheModelsAreRefused() async throws {
        let place = try await Workplace.withModel()
        func expect(_ dataset: SyntheticDataset, classes: String? = nil, failsWith sentence: String) async throws {
            try place.write(dataset, to: "other")
            if let classes { try place.write(classes, to: "other/classes.txt") }
            try await place.expect(["evaluate", Workplace.model, "--dataset", "other"], failsWith: sentence)
        }
        try await expect(
            SyntheticDataset(classes: 3),
            failsWith: "the model has 4 classes, other (test) has 3: only the model has \"3\"")
        try await expect(
            SyntheticDataset(), classes: "0\none\n2\n3\n",
            failsWith: #"the model's class "1" is "one" in other (test)"#)
    }
}
