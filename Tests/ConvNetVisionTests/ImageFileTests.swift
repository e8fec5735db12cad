import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

/// Files that Pillow wrote, against the pixels that Pillow reads; see Scripts/record_images.py.
@Suite struct ImageFileTests {
    private static let names =
        ["444", "422", "420", "progressive", "grey", "cmyk", "ycck", "restart"].map { $0 + ".jpg" }
        + (1...8).map { "orientation-\($0).jpg" } + ["rgb", "grey", "palette", "turned", "gamma"].map { $0 + ".png" }

    private let fixtures: SafetensorsFile

    init() throws { fixtures = try Fixtures.tensors("images") }

    private func file(_ name: String) throws -> Data { try fixtures.bytes(named: "file/\(name)") }

    @Test(arguments: names)
    func pixelsArePillows(name: String) throws {
        let image = try ImageFile(file(name), name: name)
        for (channels, mode) in [(3, "rgb"), (1, "grey")] {
            let decoded = try image.decode(channels: channels)
            #expect(Size(decoded.height, decoded.width) == image.header.size)
            #expect(try Data(decoded.pixels) == fixtures.bytes(named: "\(mode)/\(name)"), "\(mode)")
        }
    }

    @Test func headersTell() throws {
        let cmyk = try ImageFile(file("cmyk.jpg"), name: "cmyk.jpg").header
        #expect(cmyk.isCMYK && !cmyk.isGrey && cmyk.format == .jpeg && cmyk.size == Size(29, 37))
        let turned = try ImageFile(file("turned.png"), name: "turned.png").header
        #expect(turned.orientation == .turnedLeft && turned.size == Size(11, 7) && turned.storedHeight == 7)
        let progressive = try ImageFile(file("progressive.jpg"), name: "").header
        #expect(progressive.decodedBytes == 29 * 37 * (3 + 6))
        #expect(try ImageFile(PNGFixture.all[7].data, name: "").header.bitDepth == 16)
        #expect(try ImageFile(PNGFixture.all[5].data, name: "").header.hasAlpha)
    }

    /// Whatever the region, its pixels are those of the whole image.
    @Test(arguments: names)
    func regionsOfTheWhole(name: String) throws {
        let image = try ImageFile(file(name), name: name)
        var generator = SplitMix64(seed: 3)
        for obeys in [true, false] {
            let size = image.header.size(obeying: obeys)
            let whole = try image.decode(
                channels: 3, region: ImageRegion(all: size), obeysOrientation: obeys)
            for _ in 0..<20 {
                let height = Int.random(in: 1...size.height, using: &generator)
                let width = Int.random(in: 1...size.width, using: &generator)
                let region = ImageRegion(
                    top: Int.random(in: 0...size.height - height, using: &generator),
                    left: Int.random(in: 0...size.width - width, using: &generator), height: height, width: width)
                let part = try image.decode(channels: 3, region: region, obeysOrientation: obeys)
                #expect(part == whole.cropped(to: region), "\(region)")
            }
        }
    }

    // MARK: Damaged and hostile files

    @Test(arguments: [
        (Data(), "'x.jpg' is empty. Download or copy it again."),
        (Data("<html>".utf8), "'x.jpg' is not an image. Use JPEG or PNG."),
        (
            Data("GIF89a".utf8),
            "'x.jpg' is a GIF image, which cannot be decoded. Convert it to JPEG or PNG, for instance by "
                + "'convert in.gif[0] out.png' (package imagemagick)."
        ),
        (
            Data([0xFF, 0xD8, 0xFF, 0xD9]),
            "'x.jpg' is not a valid JPEG image: JPEG datastream contains no image. Download or copy it again."
        ),
    ])
    func saysWhatIsWrong(data: Data, sentence: String) throws {
        let error = try #require(throws: ImageError.self) { try ImageFile(data, name: "x.jpg") }
        #expect(error.description == sentence)
    }

    @Test func reportsTruncationAtEveryByte() throws {
        for name in ["420.jpg", "progressive.jpg", "ycck.jpg"] {
            let data = try file(name)
            for length in 3..<data.count - 2 {
                let error = #expect(throws: ImageError.self, "\(name), \(length) bytes") {
                    try ImageFile(data.prefix(length), name: name).decode(channels: 3)
                }
                // A few lengths end within a header, which libjpeg words in another way.
                if case .truncated? = error { continue }
                #expect(length < 700, "\(error.map(String.init(describing:)) ?? "")")
            }
        }
    }

    @Test func rejectsJPEGPixelsBeyondTheLimit() throws {
        var data = try file("420.jpg")
        let frame = try #require(data.firstRange(of: Data([0xFF, 0xC0])))
        // Height and width follow length and precision.
        data.replaceSubrange(frame.upperBound + 3..<frame.upperBound + 7, with: [0xFF, 0xDC, 0xFF, 0xDC])
        #expect(throws: ImageError.tooLarge(name: "x", width: 65500, height: 65500)) {
            try ImageFile(data, name: "x")
        }
    }

    @Test func survivesMutations() throws {
        var generator = SplitMix64(seed: 8)
        let files = try Self.names.map { try file($0) }
        var (successes, failures) = (0, 0)
        for round in 0..<6000 {
            let data = files[round % files.count].mutated(using: &generator)
            do {
                let image = try ImageFile(data, name: "x").decode(channels: round.isMultiple(of: 2) ? 1 : 3)
                #expect(image.pixels.count == image.channels * image.height * image.width)
                successes += 1
            } catch {
                failures += 1
            }
        }
        #expect(failures > 1000 && successes > 1000, "\(failures), \(successes)")
    }
}
