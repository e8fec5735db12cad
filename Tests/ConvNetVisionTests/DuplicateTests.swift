import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct DuplicateTests {
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
        try folder.write(try #require(grey.withChannels(3)), to: "train/0/stored in colours.png")
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
}
