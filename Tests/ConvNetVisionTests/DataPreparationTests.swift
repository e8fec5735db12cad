import ConvNetCore
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct DataPreparationTests {
    private func prepare(
        _ images: ImageDatasets, _ change: (inout DataPreparation) -> Void = { _ in }
    ) throws -> PreparedData {
        var preparation = DataPreparation()
        change(&preparation)
        return try preparation.prepare(images, networkInput: [3, 96, 96])
    }

    private static let names = (0..<20).map { "a/\($0).png" } + (0..<20).map { "b/\($0).png" }

    @Test func smallPicturesOfOneSizeAreTakenAsTheyAre() throws {
        for channels in [1, 3] {
            let folder = try PictureFolder(Self.names, channels: channels)
            #expect(try prepare(folder.open()).training.imageShape == [channels, 6, 5])
        }
    }

    @Test func othersComeToTheNetworksSize() throws {
        let folder = try PictureFolder(Self.names)
        try folder.write(PictureFolder.picture(1, size: Size(7, 5)), to: "a/other.png")
        #expect(try prepare(folder.open()).training.imageShape == [3, 96, 96])
        let large = try PictureFolder(Self.names, size: Size(70, 70))
        #expect(try prepare(large.open()).training.imageShape == [3, 96, 96])
        #expect(try prepare(folder.open()) { $0.size = Size(8, 12) }.training.imageShape == [3, 8, 12])
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
            #expect(problems[2] == "'b/5.png' is a GIF image, which cannot be decoded. Convert it to JPEG or PNG.")
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
        #expect(throws: TrainingError.self) { try prepare(folder.open()) { $0.grouping = "(" } }
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
        let read = try DatasetCatalog.openImages(copy.path)
        #expect(read.train.classes == original.train.classes)
        for (own, others) in zip(read.parts, original.parts) {
            #expect(own.part == others.part && own.images.count == others.images.count)
            for index in 0..<own.images.count {
                #expect(own.images.label(at: index) == others.images.label(at: index))
                let pictures = try [own.images, others.images].map {
                    try $0.source(at: index).decode(channels: 3, obeysOrientation: true)
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
