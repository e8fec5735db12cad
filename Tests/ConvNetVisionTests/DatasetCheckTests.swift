import ConvNetCore
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
        let all = pictures.flatMap { picture in
            (0..<picture.height * picture.width).map { pixel in
                (0..<3).map { Double(picture.pixels[pixel * picture.channels + min($0, picture.channels - 1)]) / 255 }
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

    // MARK: The same pixels

    @Test func findsCopiesWithAnotherLabel() throws {
        let folder = try PictureFolder.sound()
        try folder.write(.scene(0), to: "train/1/wrong.png")
        let finding = try #require(try folder.findings(besides: []).first)
        #expect(finding.kind == .conflictingLabels && finding.severity == .error && finding.count == 2)
        #expect(finding.headline == "2 pictures have the same pixels as one with another label")
        #expect(finding.examples.count == 1)
        #expect(finding.examples[0].pictures.map(\.name) == ["train/0/0.png", "train/1/wrong.png"])
        #expect(finding.examples[0].pictures.map(\.label) == ["0", "1"])
        #expect(try folder.findings().map(\.kind) == [.conflictingLabels])
    }

    /// One of each label is named, however many have the first one's.
    @Test func namesEachLabelOfManyCopies() throws {
        let folder = try PictureFolder.sound()
        for number in 0..<6 { try folder.write(.scene(0), to: "train/0/again\(number).png") }
        try folder.write(.scene(0), to: "train/1/wrong.png")
        let finding = try #require(try folder.findings().first)
        #expect(finding.count == 8 && finding.examples[0].count == 8)
        #expect(finding.examples[0].pictures.count == DatasetCheck.Example.mostPictures)
        #expect(Set(finding.examples[0].pictures.map(\.label)) == ["0", "1"])
    }

    @Test func findsCopiesInAnotherPart() throws {
        let folder = try PictureFolder.sound()
        try folder.write(.scene(3), to: "val/0/seen.png")
        try folder.write(.scene(4), to: "test/0/seen.png")
        try folder.write(.scene(900), to: "test/1/new.png")
        try folder.write(.scene(901), to: "val/1/new.png")
        let findings = try folder.findings()
        #expect(findings.map(\.kind) == [.leak, .leak])
        #expect(findings.map(\.severity) == [.leak, .leak])
        #expect(findings.map(\.parts) == [[.train, .validation], [.train, .test]])
        #expect(
            findings.map(\.headline) == [
                "1 picture of validation is in train, too", "1 picture of test is in train, too",
            ])
        #expect(findings[1].examples[0].pictures.map(\.name) == ["test/0/seen.png", "train/0/4.png"])
    }

    /// A leak with another label is both.
    @Test func findsCopiesInAnotherPartWithAnotherLabel() throws {
        let folder = try PictureFolder.sound()
        try folder.write(.scene(3), to: "test/1/wrong.png")
        try folder.write(.scene(900), to: "test/0/new.png")
        #expect(try folder.findings().map(\.kind) == [.conflictingLabels, .leak])
    }

    @Test func findsCopiesInOnePart() throws {
        let folder = try PictureFolder.sound()
        for number in 0..<3 { try folder.write(.scene(7), to: "train/0/again\(number).png") }
        let findings = try folder.findings()
        #expect(findings.map(\.kind) == [.duplicates])
        #expect(findings[0].headline == "3 pictures of train are copies of an earlier one")
        #expect(findings[0].count == 3 && findings[0].examples[0].count == 4)
    }

    /// What is compared is what a network sees, not the file.
    @Test func comparesPixelsNotFiles() throws {
        let folder = try PictureFolder.sound()
        let grey = Image.scene(950).inGrey
        try folder.write(grey, to: "train/0/grey.png")
        try folder.write(try grey.withChannels(3, name: ""), to: "train/0/stored in colours.png")
        let findings = try folder.findings(besides: [.mixedColors])
        #expect(findings.map(\.kind) == [.duplicates])
    }

    @Test func equalDigestsAreGroups() {
        var pictures = [CheckedPicture](repeating: .made(hash: 0), count: 7)
        for (index, digest) in [5, 1, 5, 2, 1, 3, 5].enumerated() { pictures[index].digest = digest }
        let search = DuplicateSearch(pictures: pictures, thumbnails: [])
        #expect(search.equalGroups == [[0, 2, 6], [1, 4]])
    }

    /// A digest depends on every sample and on the shape.
    @Test func otherPixelsHaveOtherDigests() throws {
        func digest(_ image: Image) throws -> Int { try PictureFacts(image, summing: false).picture.digest }
        let image = Image.scene(951)
        let expected = try digest(image)
        #expect(try digest(image) == expected)
        for position in [0, 1, image.pixels.count / 2, image.pixels.count - 1] {
            var other = image
            other.pixels[position] ^= 1
            #expect(try digest(other) != expected)
        }
        let flat = [UInt8](repeating: 7, count: 24)
        let shapes = [(1, 24), (24, 1), (4, 6), (6, 4)]
        let digests = try shapes.map { try digest(Image(channels: 1, height: $0.0, width: $0.1, pixels: flat)) }
        #expect(Set(digests).count == 4)
    }

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

    // MARK: Nearly the same

    @Test func findsNoiseAndOtherSizes() throws {
        let folder = try PictureFolder.sound()
        try folder.write(Image.scene(5).noisy(6), to: "train/0/noisy.png")
        try folder.write(Image.scene(6).resized(to: Size(90, 120)), to: "test/0/large.png")
        try folder.write(Image.scene(25).noisy(3), to: "train/0/wrong.png")
        try folder.write(.scene(900), to: "test/1/new.png")
        let findings = try folder.findings()
        #expect(findings.map(\.kind) == [.nearLeak, .nearConflictingLabels, .nearDuplicates])
        #expect(findings.map(\.count) == [1, 1, 1])
        #expect(findings[0].examples[0].pictures.map(\.name) == ["test/0/large.png", "train/0/6.png"])
        #expect(findings[1].examples[0].pictures.map(\.name) == ["train/1/5.png", "train/0/wrong.png"])
        #expect(findings[2].examples[0].pictures.map(\.name) == ["train/0/noisy.png", "train/0/5.png"])
    }

    /// Files that Pillow compressed in different ways from the same picture.
    @Test func findsWhatWasCompressedInAnotherWay() throws {
        let folder = try PictureFolder.sound()
        let fixtures = try Fixtures.tensors("images")
        for name in ["444.jpg", "420.jpg", "progressive.jpg", "cmyk.jpg"] {
            try folder.write(try fixtures.bytes(named: "file/\(name)"), to: "train/0/\(name)")
        }
        let findings = try folder.findings(besides: [.cmyk])
        // Two of them have the same pixels, though their files differ.
        #expect(findings.map(\.kind) == [.duplicates, .nearDuplicates])
        #expect(
            findings.map { $0.examples.map { $0.pictures.map(\.name) } } == [
                [["train/0/420.jpg", "train/0/progressive.jpg"]],
                [["train/0/444.jpg", "train/0/420.jpg"], ["train/0/cmyk.jpg", "train/0/420.jpg"]],
            ])
    }

    @Test func tellsOtherPicturesApart() throws {
        let folder = try PictureFolder.sound()
        let scene = Image.scene(960)
        try folder.write(scene, to: "train/0/scene.png")
        try folder.write(scene.mirrored, to: "train/0/mirrored.png")
        try folder.write(scene.map { UInt8(clamping: Int($0) * 3 / 4) }, to: "train/0/dark.png")
        // The same brightness in other colours.
        try folder.write(.wedge(red: 255, green: 0, blue: 0), to: "train/0/red.png")
        try folder.write(.wedge(red: 0, green: 130, blue: 0), to: "train/0/green.png")
        #expect(try folder.findings().map(\.headline) == [])
    }

    /// Their hashes are the same, and they are not.
    @Test func tellsPicturesWithLittleInThemApart() throws {
        let folder = try PictureFolder.sound()
        for level in 0..<10 {
            let wall = Image(
                channels: 3, height: 60, width: 80, pixels: [UInt8](repeating: UInt8(100 + level), count: 14400))
            try folder.write(wall.noisy(5, seed: UInt64(level)), to: "train/0/wall\(level).png")
            // Brightness changes from row to row only, which the hash does not see.
            let sky = Image(
                channels: 3, height: 60, width: 80,
                pixels: (0..<14400).map { UInt8(60 + $0 / 240 * (10 + level) / 8) })
            try folder.write(sky, to: "train/1/sky\(level).png")
        }
        let findings = try folder.findings(besides: [.blank, .mixedColors])
        #expect(findings.map(\.headline) == [])
    }

    @Test func hashesSayWhichWayBrightnessGoes() {
        func ramp(_ level: (Int) -> Int) -> Image {
            Image(channels: 1, height: 8, width: 9, pixels: (0..<72).map { UInt8(level($0 % 9)) })
        }
        #expect(PerceptualHash(ramp { 200 - 10 * $0 }).bits == .max)
        #expect(PerceptualHash(ramp { 10 * $0 }).bits == 0)
        #expect(PerceptualHash(ramp { 200 - $0 }).bits == 0, "a step of 1 is noise")
        #expect(PerceptualHash(ramp { $0 == 0 ? 200 : 10 * $0 }).bits == 0x8080_8080_8080_8080)
        #expect(PerceptualHash(ramp { $0 == 8 ? 0 : 10 * $0 }).band(0) == 0x0101)
    }

    /// Four bands find every pair of hashes that differ in at most three bits.
    @Test func bandsMissNoPair() throws {
        var generator = SplitMix64(seed: 11)
        var pictures: [CheckedPicture] = []
        for _ in 0..<150 {
            let hash = UInt64.random(in: 0 ... .max, using: &generator)
            for flips in [0, 1, 2, 3, 4, 5] {
                var bits = hash
                for _ in 0..<flips { bits ^= 1 << UInt64.random(in: 0..<64, using: &generator) }
                pictures.append(.made(hash: bits, mean: .random(in: 100...103, using: &generator)))
            }
        }
        let search = DuplicateSearch(
            pictures: pictures, thumbnails: [UInt8](repeating: 9, count: pictures.count * Thumbnail.bytes))
        var found: [[Int]] = []
        search.nearPairs(among: Array(pictures.indices)) { found.append([$0, $1]) }
        var expected: Set<[Int]> = []
        for a in pictures.indices {
            for b in a + 1..<pictures.count
            where (pictures[a].hash.bits ^ pictures[b].hash.bits).nonzeroBitCount <= 3 { expected.insert([a, b]) }
        }
        #expect(expected.count > 500)
        #expect(Set(found) == expected)
        #expect(found.count == expected.count)
    }

    /// In a film each frame is nearly the same as thousands of others.
    @Test func manyAlikeAreNotAllPairs() throws {
        let pictures = [CheckedPicture](repeating: .made(hash: 5), count: 3000)
        let search = DuplicateSearch(
            pictures: pictures, thumbnails: [UInt8](repeating: 9, count: pictures.count * Thumbnail.bytes))
        var later: Set<Int> = []
        var pairs = 0
        search.nearPairs(among: Array(pictures.indices)) {
            later.insert($1)
            pairs += 1
        }
        #expect(later.count == 2999)
        #expect(pairs < 40 * 3000)
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

    /// By their content; what has another name and another content is nobody's business.
    @Test func namesPicturesThatAreCalledOtherwise() throws {
        let folder = try PictureFolder.sound()
        for name in ["IMG_0", "1.jpg_large", "2.apng", "sub/3"] { try folder.write(.scene(990), to: "train/1/\(name)") }
        try folder.write(Data("BM is for bitmap".utf8), to: "train/1/notes.txt")
        try folder.write(.scene(991), to: "train/cover")
        mkfifo(folder.url.appending(path: "train/1/pipe").path, 0o600)
        let findings = try folder.findings()
        #expect(findings.map(\.kind) == [.brokenFiles, .unrecognizedFiles])
        #expect(findings[1].headline == "4 files are not looked at, though by content they are pictures")
        #expect(
            findings[1].examples.map(\.path) == [
                "train/1/1.jpg_large", "train/1/2.apng", "train/1/IMG_0", "train/1/sub/3",
            ])
    }

    @Test func saysWhatIsLeftAside() throws {
        let folder = try PictureFolder.sound()
        try folder.write(.scene(992), to: "Testing/0/a.png")
        try folder.write(.scene(993), to: "Testing/1/a.png")
        try folder.write(.scene(994), to: "holdout/1/a.png")
        let check = try folder.check()
        #expect(check.findings.map(\.kind) == [.leftAside])
        #expect(check.findings[0].headline == "beside the parts, 'holdout' (1 picture) is not used")
        #expect(check.parts.map(\.directory) == [nil, "Testing"])
    }

    @Test func namesPicturesThatTheTableLeavesOut() throws {
        let folder = try PictureFolder(["a/1.png", "a/2.png", "b/3.png", "b/4.png", "notes.txt"])
        let root = folder.url.path
        try folder.write(Data("path,label\n./a/1.png,a\n\(root)/b/3.png,b\n".utf8), to: "labels.csv")
        let finding = try #require(try folder.check().findings.first { $0.kind == .unlistedFiles })
        #expect(finding.examples.map(\.path) == ["a/2.png", "b/4.png"] && finding.severity == .warning)
        // A table that is named itself may be one of many.
        let table = try DatasetCheck(DatasetCatalog.openImages("\(root)/labels.csv"))
        #expect(!table.findings.contains { $0.kind == .unlistedFiles })
    }

    /// Tables may name pictures anywhere, and it is said where they do.
    @Test func namesPicturesThatAreElsewhere() throws {
        let folder = try PictureFolder(["data/a.png", "data/b/c.png", "d.png", "e.png", "database/f.png"])
        let root = folder.url.path
        let paths = [
            "a.png", "./b/../a.png/../b/c.png", "\(root)/data/b.png", "../d.png", "\(root)/e.png",
            "b/../../database/f.png",
        ]
        try folder.write(Data(("path,label\n" + paths.map { "\($0),x\n" }.joined()).utf8), to: "data/labels.csv")
        let check = try DatasetCheck(DatasetCatalog.openImages(root + "/data"))
        let finding = try #require(check.findings.first { $0.kind == .outsideFiles })
        #expect(finding.severity == .note && finding.examples.map(\.path) == Array(paths.dropFirst(3)))
        #expect(finding.headline == "3 files are outside the table's own directory")
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
        try folder.write(try Image.scene(301).inGrey.withChannels(3, name: ""), to: "train/1/grey.png")
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
        let check = try DatasetCheck(DatasetCatalog.openImages(directory.path))
        #expect(check.parts.map(\.readable) == [3, 2])
        #expect(check.channels?.mean.count == 1)
        #expect(check.findings.map(\.kind) == [.missingClasses, .smallClasses])
    }
}
