import ConvNetEngine
import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct DataPreparationTests {
    private func prepare(
        _ images: DatasetParts, _ change: (inout DataPreparation) -> Void = { _ in }
    ) throws -> PreparedData {
        var preparation = DataPreparation()
        change(&preparation)
        return try preparation.prepare(images, networkInput: [3, 96, 96])
    }

    private static let names = (0..<20).map { "a/\($0).png" } + (0..<20).map { "b/\($0).png" }

    @Test func smallPicturesOfOneSizeAreTakenAsTheyAre() throws {
        for channels in [1, 3] {
            let folder = try PictureFolder(Self.names, channels: channels)
            #expect(try prepare(folder.open()).imageShape == [channels, 6, 5])
        }
    }

    @Test func othersComeToTheNetworksSize() throws {
        let folder = try PictureFolder(Self.names)
        try folder.write(PictureFolder.picture(1, size: Size(7, 5)), to: "a/other.png")
        #expect(try prepare(folder.open()).imageShape == [3, 96, 96])
        let large = try PictureFolder(Self.names, size: Size(70, 70))
        #expect(try prepare(large.open()).imageShape == [3, 96, 96])
        #expect(try prepare(folder.open()) { $0.size = Size(8, 12) }.imageShape == [3, 8, 12])
    }

    @Test func brokenFilesAreListedOrSkipped() throws {
        let folder = try PictureFolder(Self.names)
        let whole = try PNG.encode(PictureFolder.picture(1))
        try folder.write(whole.dropLast(30), to: "a/3.png")
        try folder.write(Data(), to: "b/4.png")
        try folder.write(Data("GIF89a....".utf8), to: "b/5.png")
        do {
            _ = try prepare(folder.open())
            Issue.record("broken files went unnoticed")
        } catch let error as DatasetError {
            guard case .badFiles(_, let problems, 3) = error else { throw error }
            #expect(problems[0].hasPrefix("'a/3.png' is truncated"))
            #expect(problems[1] == "'b/4.png' is empty. Download or copy it again.")
            #expect(
                problems[2]
                    == "'b/5.png' is a GIF image, which cannot be decoded. Convert it to JPEG or PNG, for instance by "
                    + "'convert in.gif[0] out.png' (package imagemagick).")
        }
        let data = try prepare(folder.open()) { $0.skipsBadImages = true }
        #expect(data.skipped.map(\.path) == ["a/3.png", "b/4.png", "b/5.png"])
        #expect(data.training.count + (data.validation?.count ?? 0) == 37)
    }

    @Test func onlySoManyFilesAreListed() throws {
        let folder = try PictureFolder(["a/x.png", "b/x.png"])
        for number in 0..<30 { try folder.write(Data("no".utf8), to: "a/\(100 + number).png") }
        do {
            _ = try prepare(folder.open())
        } catch let error as DatasetError {
            let lines = "\(error)".split(separator: "\n")
            #expect(lines.count == 23)
            #expect(lines[0].hasPrefix("30 files of "))
            #expect(lines[21] == "  and 10 more.")
            #expect(lines[22] == "Mend or remove them, or go on without them with --skip-bad-images.")
        }
    }

    private static func names(_ dataset: (any Dataset)?) -> [String] {
        (0..<(dataset?.count ?? 0)).compactMap { dataset?.imageName(at: $0) }
    }

    /// The same share of each class, drawn by the seed; what is left is divided as ever.
    @Test func aTestPartIsDrawnFirst() throws {
        let folder = try PictureFolder(Self.names)
        func prepare(_ validation: Double, seed: UInt64 = 4) throws -> PreparedData {
            try self.prepare(folder.open()) {
                ($0.testFraction, $0.validationFraction, $0.seed) = (0.3, validation, seed)
            }
        }
        let data = try prepare(0.2)
        let (train, validation, test) = (
            Self.names(data.training), Self.names(data.validation), Self.names(data.test)
        )
        // Shares of the whole: 6 and 4 of each 20.
        for letter in ["a", "b"] {
            #expect([train, validation, test].map { $0.count { $0.hasPrefix(letter) } } == [10, 4, 6])
        }
        #expect(Set(train + validation + test) == Set(Self.names))
        #expect(data.split?.train == train && data.split?.validation == validation && data.split?.test == test)
        #expect(data.split?.dataset == data.name && data.unused == 0)
        // The test part is the same, whatever is validated with; another seed draws another.
        let without = try prepare(0)
        #expect(Self.names(without.test) == test && without.validation == nil)
        let other = try prepare(0.2, seed: 5)
        #expect(Self.names(other.test) != test)
        // Mean and deviation are those of what is learnt from.
        let again = try self.prepare(folder.open()) { $0.split = data.split }
        let whole = try self.prepare(folder.open()) { $0.validationFraction = 0 }
        #expect(data.preprocessing == again.preprocessing && data.preprocessing != whole.preprocessing)
    }

    @Test func brokenFilesDoNotShiftTheTestPart() throws {
        let folder = try PictureFolder(Self.names)
        try folder.write(Data("no".utf8), to: "a/0.png")
        let data = try prepare(folder.open()) {
            ($0.testFraction, $0.validationFraction, $0.skipsBadImages) = (0.25, 0.25, true)
        }
        let all = [data.training, data.validation, data.test].flatMap(Self.names)
        #expect(all.count == 39 && Set(all) == Set(Self.names).subtracting(["a/0.png"]))
    }

    @Test func groupsStayTogetherInTheTestPart() throws {
        let names = (0..<10).flatMap { patient in ["a", "b"].map { "\($0)/p\(patient)-\($0).png" } }
        let folder = try PictureFolder(names)
        let data = try prepare(folder.open()) {
            ($0.testFraction, $0.validationFraction, $0.grouping) = (0.3, 0.2, "p([0-9])")
        }
        let parts = [data.training, data.validation, data.test].map {
            Set(Self.names($0).map { $0.dropFirst(3).prefix(1) })
        }
        #expect(parts.map(\.count) == [5, 2, 3])
        #expect(parts[0].isDisjoint(with: parts[1]) && parts[0].isDisjoint(with: parts[2]))
        #expect(parts[1].isDisjoint(with: parts[2]))
    }

    /// A part that the dataset has is nothing to draw, and stays what it is in a run that goes on.
    @Test func partsOfTheDatasetsOwnStay() throws {
        let train = (0..<10).map { "train/a/\($0).png" }
        let folder = try PictureFolder(train + ["val/a/x.png"])
        let data = try prepare(folder.open()) { $0.testFraction = 0.2 }
        #expect(Self.names(data.validation) == ["val/a/x.png"])
        #expect(data.training.count == 8 && data.test?.count == 2 && data.split?.validation == [])
        let again = try prepare(folder.open()) { $0.split = data.split }
        #expect(Self.names(again.validation) == ["val/a/x.png"] && again.unused == 0)
        #expect(
            Self.names(again.test) == Self.names(data.test) && Self.names(again.training) == Self.names(data.training))

        let divided = try PictureFolder(train + ["test/a/x.png"])
        let name = divided.url.lastPathComponent
        #expect(throws: SettingError("\(name) has a test part of its own; leave out the test share")) {
            try prepare(divided.open()) { $0.testFraction = 0.2 }
        }
    }

    @Test(arguments: [
        (-0.1, 0.1, "the test share must be at least 0 and below 1, received -0.1"),
        (1, 0, "the test share must be at least 0 and below 1, received 1.0"),
        (.nan, 0, "the test share must be at least 0 and below 1, received nan"),
        (0.5, 0.5, "the shares for validation and test, 0.5 and 0.5, must leave some images to train on"),
    ])
    func sharesThatCannotBeAreNamed(test: Double, validation: Double, sentence: String) throws {
        let folder = try PictureFolder(Self.names)
        #expect(throws: SettingError(sentence)) {
            try prepare(folder.open()) { ($0.testFraction, $0.validationFraction) = (test, validation) }
        }
    }

    @Test func theShapeWithoutANetwork() throws {
        func own(_ folder: PictureFolder, _ size: Size? = nil) throws -> [Int?] {
            var preparation = DataPreparation()
            preparation.size = size
            let shape = try preparation.ownShape(of: try folder.open().train)
            return [shape.channels, shape.size?.height, shape.size?.width]
        }
        #expect(try own(PictureFolder(Self.names)) == [3, 6, 5])
        #expect(try own(PictureFolder(Self.names, channels: 1)) == [1, 6, 5])
        #expect(try own(PictureFolder(Self.names, size: Size(70, 70))) == [3, nil, nil])
        #expect(try own(PictureFolder(Self.names, size: Size(70, 70)), Size(32)) == [3, 32, 32])
    }

    /// Training looks at headers and then reads each picture once; what is to be seen of a few is made of a few.
    @Test(arguments: [1, 3])
    func everyPictureIsReadOnce(channels: Int) throws {
        let folder = try PictureFolder(Self.names, channels: channels)
        var images = try folder.open()
        let counted = CountedImages(images.train)
        images.train = counted
        let prepared = try prepare(images) { $0.validationFraction = 0.25 }
        #expect(prepared.preprocessing.mean.count == channels)
        #expect(counted.reads.allSatisfy { $0 == 1 })
        #expect(counted.looks.allSatisfy { $0 == 1 })
        var preparation = DataPreparation()
        preparation.augmentation = .imagenet
        let other = CountedImages(images.train)
        let (dataset, shape) = try preparation.dataset(other, networkInput: [3, 32, 32])
        #expect(shape.channels == channels)
        #expect(other.looks.reduce(0, +) == 8)
        #expect(other.reads.reduce(0, +) == 0)
        let sheet = try ContactSheet(previewing: dataset, shape: shape, preset: .imagenet, rows: 3, columns: 4)
        #expect(sheet.rows.count == 3)
        #expect(other.reads.reduce(0, +) == 3)
    }

    /// Of photographs the first one says that neither grey nor a size of their own comes into question.
    @Test func photographsAreNotAllLookedAt() throws {
        let folder = try PictureFolder(Self.names, size: Size(90, 70))
        let counted = CountedImages(try folder.open().train)
        let shape = try DataPreparation().ownShape(of: counted)
        #expect(shape.channels == 3 && shape.size == nil)
        #expect(counted.looks.reduce(0, +) == 1)
    }

    /// One picture with colours, or of another size, may be anywhere.
    @Test(arguments: [0, 1, 17, 39])
    func theOddOneIsFound(position: Int) throws {
        let names = (0..<40).map { "a/\($0 < 10 ? "0" : "")\($0).png" }
        let coloured = try PictureFolder(names, channels: 1)
        try coloured.write(PictureFolder.picture(1), to: names[position])
        let shape = try DataPreparation().ownShape(of: try coloured.open().train)
        #expect(shape.channels == 3 && shape.size == Size(6, 5))
        let larger = try PictureFolder(names, channels: 1)
        try larger.write(PictureFolder.picture(1, size: Size(7, 5), channels: 1), to: names[position])
        let other = try DataPreparation().ownShape(of: try larger.open().train)
        #expect(other.channels == 1 && other.size == nil)
        try larger.write(Data("no picture".utf8), to: names[position])
        #expect(try DataPreparation().ownShape(of: try larger.open().train).size == Size(6, 5))
    }

    @Test func aSplitKnowsItsImages() throws {
        let folder = try PictureFolder(Self.names)
        let images = try folder.open()
        let split = try #require(try prepare(images) { $0.validationFraction = 0.25 }.split)
        #expect(split.trainedOn(images.train, of: images.name) == 30)
        let some = DatasetSubset(of: images.train, indices: [0, 1, 2], name: "some")
        #expect(
            split.trainedOn(some, of: images.name)
                == split.train.count { ["a/0.png", "a/1.png", "a/10.png"].contains($0) })
        #expect(split.trainedOn(images.train, of: "others") == nil)
    }

    @Test func aSplitIsUsedAgain() throws {
        let folder = try PictureFolder(Self.names)
        let first = try prepare(folder.open()) { ($0.validationFraction, $0.seed) = (0.25, 4) }
        let split = try #require(first.split)
        #expect(split.validation.count == 10 && split.train.count == 30)
        let file = folder.url.appending(path: "split.json")
        try split.write(to: file)
        let read = try SplitFile(contentsOf: file)
        let again = try prepare(folder.open()) { ($0.split, $0.seed) = (read, 99) }
        func names(_ dataset: (any Dataset)?) -> [String] {
            (0..<(dataset?.count ?? 0)).compactMap { dataset?.imageName(at: $0) }
        }
        #expect(names(again.validation) == names(first.validation))
        #expect(names(again.training) == names(first.training))
        #expect(again.preprocessing == first.preprocessing)
        // What has come since is in no part.
        try folder.write(PictureFolder.picture(77), to: "a/new.png")
        #expect(try prepare(folder.open()) { $0.split = read }.unused == 1)
        try FileManager.default.removeItem(at: folder.url.appending(path: "a/0.png"))
        #expect(throws: DatasetError.self) { try prepare(folder.open()) { $0.split = read } }
    }

    @Test func groupsAreMatchedByTheFirstGroup() throws {
        let folder = try PictureFolder(
            (0..<30).map { "a/patient\($0 / 3)-\($0).png" } + (0..<30).map { "b/patient\(20 + $0 / 3)-\($0).png" })
        let data = try prepare(folder.open()) {
            ($0.validationFraction, $0.grouping) = (0.3, "patient([0-9]+)-")
        }
        func patients(_ names: [String]) -> Set<Substring> { Set(names.map { $0.split(separator: "-")[0] }) }
        let split = try #require(data.split)
        #expect(split.validation.count == 18)
        #expect(patients(split.train).isDisjoint(with: patients(split.validation)))
        #expect(throws: SettingError.self) { try prepare(folder.open()) { $0.grouping = "(" } }
    }

    /// A part that has been made by somebody is not divided again.
    @Test func partsThatThereAreAreUsed() throws {
        let folder = try PictureFolder(["train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/4.png"])
        let data = try prepare(folder.open())
        #expect(data.training.count == 2 && data.validation?.count == 1 && data.test?.count == 1)
        #expect(data.split == nil)
    }

    @Test func anExportIsTheSameDataset() throws {
        let folder = try PictureFolder(["train/a b/1.png", "train/ü/2.png", "train/ü/3.png", "test/ü/4.png"])
        let original = try folder.open()
        let copy = folder.url.appending(path: "copy")
        try DatasetExport.write(original, to: copy)
        let read = try DatasetCatalog.open(copy.path)
        #expect(read.train.classes == original.train.classes)
        for (own, others) in zip(read.parts, original.parts) {
            #expect(own.part == others.part && own.images.count == others.images.count)
            for index in 0..<own.images.count {
                #expect(own.images.label(at: index) == others.images.label(at: index))
                let pictures = try [own.images, others.images].map {
                    try $0.picture(at: index).decode(Decoding(channels: 3))
                }
                #expect(pictures[0] == pictures[1])
            }
        }
        #expect(throws: DatasetError.directoryInUse(path: copy.relativePath)) {
            try DatasetExport.write(original, to: copy)
        }
    }

    @Test(arguments: [
        (["T-shirt/top", "T-shirt top", "..", "", "a", "A"], ["T-shirt_top", "T-shirt top", "_..", "_", "a", "A_2"]),
        (["x:y", "x?y", "x\u{0}y"], ["x_y", "x_y_2", "x_y_3"]),
    ])
    func directoryNamesAreSafe(classes: [String], names: [String]) {
        #expect(DatasetExport.directoryNames(for: classes) == names)
    }
}
