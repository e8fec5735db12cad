import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct DatasetCheckTests {
    private typealias Kind = DatasetCheck.Kind

    // MARK: Nothing is wrong

    @Test func findsNothingInASoundFolder() throws {
        let folder = try PictureFolder([])
        for label in 0..<2 {
            for number in 0..<20 {
                try folder.write(.scene(100 * label + number), to: "train/\(label)/\(number).png")
            }
            try folder.write(.scene(100 * label + 50), to: "val/\(label)/a.png")
            try folder.write(.scene(100 * label + 51, size: Size(40, 50)), to: "val/\(label)/b.png")
        }
        let check = try folder.check()
        #expect(check.findings.map(\.headline) == [])
        #expect(check.classes == ["0", "1"])
        #expect(check.parts.map(\.part) == [.train, .validation])
        #expect(check.parts.map(\.pictures) == [40, 4] && check.parts.map(\.readable) == [40, 4])
        #expect(check.parts.map(\.classCounts) == [[20, 20], [2, 2]])
        let sizes = try check.parts.map { try #require($0.sizes) }
        #expect(sizes.map(\.smallest) == [Size(60, 80), Size(40, 50)])
        #expect(sizes.map(\.median) == [Size(60, 80), Size(60, 80)])
        #expect(sizes.map(\.largest) == [Size(60, 80), Size(60, 80)])
        #expect(sizes.map(\.different) == [1, 2])
    }

    /// By the definition, pixel by pixel; pictures of other parts do not count, and grey ones count in each channel.
    @Test func measuresTheChannelsOfTheTrainingPart() throws {
        let folder = try PictureFolder([])
        let pictures: [Image] = [.scene(1), .scene(2, size: Size(33, 21)), Image.scene(3).inGrey]
        for (number, picture) in pictures.enumerated() { try folder.write(picture, to: "train/a/\(number).png") }
        try folder.write(.scene(4), to: "test/a/0.png")
        let channels = try #require(try folder.check().channels)
        var all: [[Double]] = []
        for picture in pictures {
            for first in stride(from: 0, to: picture.pixels.count, by: picture.channels) {
                let pixel = picture.pixels[first..<first + picture.channels].map { Double($0) / 255 }
                all.append(pixel.count == 1 ? [pixel[0], pixel[0], pixel[0]] : pixel)
            }
        }
        for channel in 0..<3 {
            let mean = all.reduce(0) { $0 + $1[channel] } / Double(all.count)
            let variance = all.reduce(0) { $0 + ($1[channel] - mean) * ($1[channel] - mean) } / Double(all.count)
            #expect(abs(channels.mean[channel] - mean) < 1e-12)
            #expect(abs(channels.standardDeviation[channel] - variance.squareRoot()) < 1e-12)
        }
        try folder.remove("train/a/0.png")
        try folder.remove("train/a/1.png")
        #expect(try folder.check().channels?.mean.count == 1)
    }

    // MARK: Files

    @Test func namesBrokenFiles() throws {
        let folder = try PictureFolder.sound()
        let whole = try PNG.encode(.scene(970))
        try folder.write(whole.prefix(whole.count / 2), to: "train/0/half.png")
        try folder.write(Data(), to: "train/1/nothing.jpg")
        try folder.write(Data("GIF89a".utf8), to: "test/1/moving.gif")
        for label in 0..<2 { try folder.write(.scene(980 + label), to: "test/\(label)/new.png") }
        try folder.write(Data(), to: "train/hollow/notes.txt")
        let findings = try folder.findings()
        #expect(findings.map(\.kind) == [.brokenFiles])
        #expect(findings[0].count == 4 && findings[0].severity == .error)
        #expect(findings[0].parts == [.train, .test])
        #expect(
            findings[0].examples.map(\.note) == [
                "'train/0/half.png' is truncated: it ends before its PNG image does. Download or copy it again.",
                "'train/1/nothing.jpg' is empty. Download or copy it again.",
                "'test/1/moving.gif' is a GIF image, which cannot be decoded. Convert it to JPEG or PNG, for instance by "
                    + "'convert in.gif[0] out.png' (package imagemagick).",
                "'train/hollow' is a class with no pictures. Add some, or remove the directory.",
            ])
        #expect(
            findings[0].examples.map(\.path) == [
                "train/0/half.png", "train/1/nothing.jpg", "test/1/moving.gif", "train/hollow",
            ])
        let check = try folder.check()
        #expect(check.parts.map(\.pictures) == [42, 3] && check.parts.map(\.readable) == [40, 2])
    }

    @Test func aFolderOfBrokenFilesOnly() throws {
        let folder = try PictureFolder([])
        for label in 0..<2 { try folder.write(Data("text".utf8), to: "\(label)/a.png") }
        let check = try folder.check()
        #expect(check.findings.map(\.kind) == [.brokenFiles, .smallClasses])
        #expect(check.channels == nil && check.parts[0].sizes == nil)
    }

    @Test func tellsWhatFilesAre() throws {
        let fixtures = try Fixtures.tensors("images")
        let folder = try PictureFolder.sound()
        try folder.write(try fixtures.bytes(named: "file/cmyk.jpg"), to: "train/0/inks.jpg")
        try folder.write(try fixtures.bytes(named: "file/orientation-6.jpg"), to: "train/1/turned.jpg")
        let deep = try #require(PNGFixture.all.first { $0.kind.hasPrefix("16-bit grey") })
        try folder.write(try deep.data, to: "train/1/deep.png")
        try folder.write(try PNGFixture.all[3].data, to: "train/1/clear.png")
        let findings = try folder.findings(besides: [.mixedColors])
        #expect(findings.map(\.kind) == [.cmyk, .sixteenBit, .transparent, .turned])
        #expect(findings.allSatisfy { $0.severity == .note && $0.count == 1 && $0.parts == [.train] })
        #expect(
            findings.map { $0.examples[0].pictures[0].name } == [
                "train/0/inks.jpg", "train/1/deep.png", "train/1/clear.png", "train/1/turned.jpg",
            ])
    }

    @Test func findsTinyPictures() throws {
        let folder = try PictureFolder([])
        for number in 0..<20 {
            for label in 0..<2 {
                try folder.write(.scene(100 * label + number, size: Size(65, 70)), to: "\(label)/\(number).png")
            }
        }
        try folder.write(.scene(300, size: Size(31, 90)), to: "0/narrow.png")
        try folder.write(.scene(301, size: Size(32, 32)), to: "0/small.png")
        let findings = try folder.findings()
        #expect(findings.map(\.kind) == [.tiny])
        #expect(findings[0].count == 1 && findings[0].examples[0].note == "31×90")
        #expect(findings[0].headline == "1 picture has a side below 32 pixels")
    }

    /// Small pictures are not tiny where most are small.
    @Test func smallPicturesAmongSmallOnes() throws {
        let folder = try PictureFolder.sound()
        try folder.write(.scene(300, size: Size(20, 20)), to: "train/0/small.png")
        #expect(try folder.findings().isEmpty)
    }

    @Test func findsGreyAmongColours() throws {
        let folder = try PictureFolder.sound()
        try folder.write(Image.scene(300).inGrey, to: "train/0/grey.png")
        // Stored in colours, and grey.
        try folder.write(try #require(Image.scene(301).inGrey.withChannels(3)), to: "train/1/grey.png")
        let findings = try folder.findings()
        #expect(findings.map(\.kind) == [.mixedColors])
        #expect(findings[0].headline == "2 pictures are grey among others with colours")
    }

    @Test func findsColoursAmongGrey() throws {
        let folder = try PictureFolder([])
        for label in 0..<2 {
            for number in 0..<20 {
                try folder.write(Image.scene(100 * label + number).inGrey, to: "\(label)/\(number).png")
            }
        }
        #expect(try folder.findings().isEmpty)
        try folder.write(.scene(300), to: "1/colours.png")
        let findings = try folder.findings()
        #expect(findings.map(\.headline) == ["1 picture has colours among others that are grey"])
        #expect(findings[0].examples[0].pictures[0].name == "1/colours.png")
    }

    @Test func findsBlankPictures() throws {
        let folder = try PictureFolder.sound()
        let white = Image(channels: 3, height: 60, width: 80, pixels: [UInt8](repeating: 255, count: 14400))
        try folder.write(white, to: "train/0/white.png")
        let findings = try folder.findings()
        #expect(findings.map(\.kind) == [.blank])
        #expect(findings[0].headline == "1 picture is all of one colour")
    }

    // MARK: Classes

    @Test func countsTheClasses() throws {
        let folder = try PictureFolder([])
        for number in 0..<40 { try folder.write(.scene(number), to: "train/many/\(number).png") }
        for number in 0..<20 { try folder.write(.scene(100 + number), to: "train/enough/\(number).png") }
        for number in 0..<4 { try folder.write(.scene(200 + number), to: "train/few/\(number).png") }
        try folder.write(.scene(300), to: "test/many/a.png")
        try folder.write(.scene(301), to: "test/few/a.png")
        var findings = try folder.findings()
        #expect(findings.map(\.kind) == [.missingClasses, .smallClasses])
        #expect(findings[0].parts == [.test] && findings[0].examples.map(\.note) == ["'enough': 0 pictures"])
        #expect(findings[1].examples.map(\.note) == ["'few': 4 pictures"])
        // 40 is ten times four; only more is a warning.
        try folder.write(.scene(400), to: "train/many/one more.png")
        findings = try folder.findings()
        #expect(findings.map(\.kind) == [.missingClasses, .smallClasses, .imbalance])
        #expect(findings[2].examples.map(\.note) == ["'many': 41 pictures", "'few': 4 pictures"])
    }

    @Test func asksForASecondClass() throws {
        let folder = try PictureFolder([])
        for number in 0..<20 { try folder.write(.scene(number), to: "all/\(number).png") }
        let findings = try folder.findings()
        #expect(findings.map(\.headline) == ["There is only one class, 'all'"])
    }

    // MARK: The result

    /// Also those of which there are two.
    @Test func everyPictureIsReadOnce() throws {
        let folder = try PictureFolder.sound()
        try folder.write(.scene(952), to: "train/0/one.png")
        try folder.write(.scene(952), to: "train/1/the same.png")
        var images = try folder.open()
        let counted = CountedImages(images.train)
        images.train = counted
        let check = try DatasetCheck(images, threads: 3)
        #expect(check.findings.contains { $0.kind == .conflictingLabels })
        #expect(counted.reads.allSatisfy { $0 == 1 })
        #expect(counted.looks.allSatisfy { $0 == 0 })
    }

    @Test func listsAtMostSoManyExamples() throws {
        let folder = try PictureFolder.sound()
        for number in 0..<9 {
            try folder.write(.scene(number), to: "train/0/again\(number).png")
            try folder.write(Data(), to: "train/1/empty\(number).png")
        }
        let check = try folder.check(examples: 3)
        #expect(check.findings.map(\.kind) == [.brokenFiles, .duplicates])
        #expect(check.findings.map(\.count) == [9, 9])
        #expect(check.findings.map(\.examples.count) == [3, 3])
    }

    @Test func threadsDoNotShow() throws {
        let folder = try PictureFolder.sound()
        try folder.write(.scene(3), to: "test/1/wrong.png")
        try folder.write(Image.scene(5).noisy(6), to: "train/0/noisy.png")
        try folder.write(Data(), to: "train/1/empty.png")
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let one = try encoder.encode(folder.check(threads: 1))
        #expect(try encoder.encode(folder.check(threads: 5)) == one)
    }

    @Test func reportsProgressAndStops() throws {
        struct Enough: Error {}
        let folder = try PictureFolder.sound()
        let images = try folder.open()
        var last = 0
        _ = try DatasetCheck(images) { name, read, all in
            #expect(name == images.train.name && all == 40 && read > last)
            last = read
        }
        #expect(last == 40)
        #expect(throws: Enough.self) { try DatasetCheck(images) { _, _, _ in throw Enough() } }
    }

    /// Pictures in memory have no files, and are checked all the same.
    @Test func checksWhatIsInMemory() throws {
        let directory = try TemporaryDirectory()
        try directory.writeDataset()
        let check = try DatasetCheck(DatasetCatalog.open(directory.path))
        #expect(check.parts.map(\.readable) == [3, 2])
        #expect(check.channels?.mean.count == 1)
        #expect(check.findings.map(\.kind) == [.missingClasses, .smallClasses])
    }
}
