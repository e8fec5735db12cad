import ConvNetGraph
import ConvNetTraining
import Foundation
import Testing

@testable import ConvNetVision

/// Files of 4×5 pixels that Pillow wrote.
@Suite struct WebPTests {
    private static let lossless = "UklGRiwAAABXRUJQVlA4TCAAAAAvBMAAALkyRPQ/dhHR/zAQZNsM7P5oZ2gGZSIiFEbiAQ=="
    private static let alpha =
        "UklGRjIAAABXRUJQVlA4TCYAAAAvBMAAELkyRPQ/dhHR/zAQZNsM7P5oZ2gGZSKEBGSIao4Ia4wSPA=="
    private static let lossy =
        "UklGRlQAAABXRUJQVlA4IEgAAACwAQCdASoFAAQAAUAmJZgCdAEO/gLsAP734JnXLNOgJnf8hA/KLAyLvW07sJ/s/6rX/9uj+oDmuqPsj/G/6OTFR9P+"
        + "GicAAAA="
    private static let turned =
        "UklGRmAAAABXRUJQVlA4WAoAAAAIAAAABAAAAwAAVlA4TCAAAAAvBMAAALkyRPQ/dhHR/zAQZNsM7P5oZ2gGZSIiFEbiAUVYSUYaAAAATU0AKgAAAAgA"
        + "AQESAAMAAAABAAYAAAAAAAA="
    private static let animated =
        "UklGRuwAAABXRUJQVlA4WAoAAAACAAAABAAAAwAAQU5JTQYAAAAAAAAAAABBTk1GXAAAAAAAAAAAAAQAAAMAAAAAAAJWUDhMRAAAAC8EwAAAnyAQSPFg"
        + "ITwoBgGmmUIKKaSQS053utP8RwgAOBAE+cMw7IcgiA9FUVDYtpEaOsbnj+h/gMQ4qDkvWa3H3vsDQU5NRlwAAAAAAAAAAAAEAAADAAAAAAAAVlA4"
        + "TEQAAAAvBMAAAJ8gEEjxYCE8KAYBpplCCimkkEtOd7rT/EcIADgQBPnDMOyHIIgPRVFQ2LaRGjrG54/of7D3/mS1HmrOCxLjAA=="

    private static func data(_ text: String) throws -> Data { try #require(Data(base64Encoded: text)) }

    /// What the lossless files hold.
    private static let pixels: [UInt8] = (0..<4).flatMap { (y: Int) -> [UInt8] in
        (0..<5).flatMap { (x: Int) -> [UInt8] in [UInt8(x * 40), UInt8(y * 60), UInt8(x * y * 17)] }
    }

    @Test(.enabled(if: WebP.isAvailable)) func losslessFilesAreExact() throws {
        let file = try ImageFile(Self.data(Self.lossless), name: "a.webp")
        #expect(file.header.format == .webp && file.header.size == Size(4, 5) && !file.header.hasAlpha)
        let image = try file.decode(channels: 3)
        #expect(image.pixels == Self.pixels)
        let part = ImageRegion(top: 1, left: 2, height: 2, width: 3)
        #expect(try file.decode(channels: 3, region: part, obeysOrientation: true) == image.cropped(to: part))
        #expect(try file.decode(channels: 1).channels == 1)
    }

    @Test(.enabled(if: WebP.isAvailable)) func lossyFilesArePillows() throws {
        let image = try ImageFile(Self.data(Self.lossy), name: "a.webp").decode(channels: 3)
        #expect(image.pixels.prefix(9) == [5, 0, 0, 25, 4, 0, 62, 9, 0])
        #expect(image.pixels.suffix(6) == [140, 178, 138, 172, 180, 175])
    }

    @Test(.enabled(if: WebP.isAvailable)) func transparencyIsCompositedOnWhite() throws {
        let file = try ImageFile(Self.data(Self.alpha), name: "a.webp")
        #expect(file.header.hasAlpha)
        let expected = (0..<20).flatMap { pixel in
            let alpha = Double((pixel % 5 * 50 + pixel / 5 * 10) % 256) / 255
            return (0..<3).map { Int((Double(Self.pixels[pixel * 3 + $0]) * alpha + 255 * (1 - alpha)).rounded()) }
        }
        #expect(try file.decode(channels: 3).pixels.map(Int.init) == expected)
    }

    @Test(.enabled(if: WebP.isAvailable)) func orientationIsObeyed() throws {
        let file = try ImageFile(Self.data(Self.turned), name: "a.webp")
        #expect(file.header.size == Size(5, 4))
        // Turned to the right: the first row is the first column, read upwards.
        let firstRow = (0..<4).reversed().flatMap { (y: Int) -> ArraySlice<UInt8> in Self.pixels[y * 15..<y * 15 + 3] }
        #expect(try file.decode(channels: 3).pixels.prefix(12) == firstRow[...])
    }

    @Test(.enabled(if: WebP.isAvailable)) func whatCannotBeDecodedIsRefused() throws {
        let animated = try #require(throws: ImageError.self) { try ImageFile(Self.data(Self.animated), name: "a.webp") }
        #expect(
            "\(animated)"
                == "'a.webp' is an animated WebP image, which cannot be decoded. Take a picture out of it, for instance by "
                + "'webpmux -get frame 1 in.webp -o out.webp' (package webp).")
        let data = try Self.data(Self.lossy)
        for length in stride(from: 12, to: data.count - 2, by: 7) {
            #expect(throws: ImageError.self) {
                try ImageFile(data.prefix(length), name: "a.webp").decode(channels: 3)
            }
        }
    }

    @Test(.enabled(if: !WebP.isAvailable)) func withoutTheLibraryItIsNamed() throws {
        let error = try #require(throws: ImageError.self) { try ImageFile(Self.data(Self.lossless), name: "a.webp") }
        #expect(
            error.description
                == "'a.webp' is a WebP image, which cannot be decoded. Install libwebp-dev and build this program again, or "
                + "convert it to JPEG or PNG, for instance by 'dwebp in.webp -o out.png' (package webp).")
    }
}
