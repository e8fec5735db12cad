import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

/// Files that heif-enc wrote: four rectangles of 32×24 pixels, each of one colour.
@Suite struct HEICTests {
    /// To be turned by 90° to the right, by a box `irot`.
    private static let turned =
        "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAbdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAA"
        + "AAACAAAAEGlkYXQAAAAAAEAAMAAAADhpbG9jAQAAAERAAAIAAQAAAAAAAAHRAAEAAAAKAAAAxwACAAEAAAAAAAAAAQAAAAAAAAAIAAAAOGlpbmYA"
        + "AAAAAAIAAAAVaW5mZQIAAAEAAQAAaHZjMQAAAAAVaW5mZQIAAAAAAgAAZ3JpZAAAAADiaXBycAAAAL9pcGNvAAAAdmh2Y0MBA3AAAAAAAAAAAAAe"
        + "8AD8/fj4AAAPAyAAAQAYQAEMAf//A3AAAAMAkAAAAwAAAwAeugJAIQABACpCAQEDcAAAAwCQAAADAAADAB6gIIEFlurkprm4EBAwIAAAAwAgAAAD"
        + "ACEiAAEABkQBwXPAiQAAABRpc3BlAAAAAAAAAEAAAABAAAAAFGlzcGUAAAAAAAAAQAAAADAAAAAQcGl4aQAAAAADCAgIAAAACWlyb3QDAAAAG2lw"
        + "bWEAAAAAAAAAAgABAoECAAIDA4SFAAAAGmlyZWYAAAAAAAAADmRpbWcAAgABAAEAAADPbWRhdAAAAMMoAa8J4CE4qf/zPG/+/J2XtMcnlae/WP/8"
        + "Z8+8q+/+G9t0fo8TzD0wv/Lo/+ek+tkZIwv/4rWXzuYs7OYAZ0XXXegT2SGRNRQoMDUt1vq8LSBBY6QsfUtI7wpsgYnmijT0VMk4xWyBgWxNnKbK"
        + "9I74DMUSwTFQD2wIcM/7g60G7+R+UhVYJkxKwNjm/F/de7TvmlGoz5/Jvgll6lHW6qnPTU7p1fzaw/OplPWr1kdPFYPYXLn1r4i/b+z6fDhw/9HA"
        + "EBA="
    /// The left quarter is transparent, the next one half so.
    private static let alpha =
        "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAvxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAA"
        + "AAACAAAAGGlkYXQAAAAAAEAAMAAAAAAAQAAwAAAAYGlsb2MBAAAAREAABAABAAAAAAAAAyAAAQAAAAAAAADHAAIAAQAAAAAAAAABAAAAAAAAAAgA"
        + "AwAAAAAAAAPnAAEAAAAAAAABPAAEAAEAAAAAAAAAAQAAAAgAAAAIAAAAYmlpbmYAAAAAAAQAAAAVaW5mZQIAAAEAAQAAaHZjMQAAAAAVaW5mZQIA"
        + "AAAAAgAAZ3JpZAAAAAAVaW5mZQIAAAEAAwAAaHZjMQAAAAAVaW5mZQIAAAAABAAAZ3JpZAAAAAGxaXBycAAAAYRpcGNvAAAAdmh2Y0MBA3AAAAAA"
        + "AAAAAAAe8AD8/fj4AAAPAyAAAQAYQAEMAf//A3AAAAMAkAAAAwAAAwAeugJAIQABACpCAQEDcAAAAwCQAAADAAADAB6gIIEFlurkprm4EBAwIAAA"
        + "AwAgAAADACEiAAEABkQBwXPAiQAAABRpc3BlAAAAAAAAAEAAAABAAAAAFGlzcGUAAAAAAAAAQAAAADAAAAAQcGl4aQAAAAADCAgIAAAAcWh2Y0MB"
        + "BAgAAAAAAAAAAAAe8AD8/Pj4AAAPAyAAAQAXQAEMAf//BAgAAAMAn/gAAAMAAB66AkAhAAEAJkIBAQQIAAADAJ/4AAADAAAewIIEFlurkprmwIAA"
        + "AAMAgAAAAwCEIgABAAZEAcFzwIkAAAAUaXNwZQAAAAAAAABAAAAAQAAAABRpc3BlAAAAAAAAAEAAAAAwAAAADnBpeGkAAAAAAQgAAAAnYXV4QwAA"
        + "AAB1cm46bXBlZzpoZXZjOjIwMTU6YXV4aWQ6MQAAAAAlaXBtYQAAAAAAAAAEAAECgQIAAgIDhAADAoUGAAQDB4iJAAAANmlyZWYAAAAAAAAADmRp"
        + "bWcAAgABAAEAAAAOZGltZwAEAAEAAwAAAA5hdXhsAAQAAQACAAACC21kYXQAAADDKAGvCeAhOKn/8zxv/vydl7THJ5Wnv1j//GfPvKvv/hvbdH6P"
        + "E8w9ML/y6P/npPrZGSML/+K1l87mLOzmAGdF113oE9khkTUUKDA1Ldb6vC0gQWOkLH1LSO8KbIGJ5oo09FTJOMVsgYFsTZymyvSO+AzFEsExUA9s"
        + "CHDP+4OtBu/kflIVWCZMSsDY5vxf3Xu075pRqM+fyb4JZepR1uqpz01O6dX82sPzqZT1q9ZHTxWD2Fy59a+Iv2/s+nw4cP/RwBAQAAABOCgBrhPA"
        + "O4zF//+KEUUX/NVS0B9MUtrMihF0oS8foIxKITmO3T3NGmM2nNOZz1l3xskVENn5qjfhg28fSC1XDbGyVFE/rei0oVDLRkLfS/UuS14U/8/vwmP5"
        + "dY5hJZjW7yo0FsO54u9LJN2dOT4wfaG/oOGd+nPH0Kqh7n5NSV4Kt3ED/Aqb56y/9qJwZg69Xrz9Wy/u0n37lM/h/jJh5QN/93Zd2rFLFPAiyBXG"
        + "jpJoFLFJB6E7M8C72PrkvqTtqfMYaSef2GX7+8tBspxHIBrNZZNrvOtl3AZmh/nx6YxFXxePn548JN/L/w3/GUicTo5n0fT++sMv37ootgxpdnHs"
        + "dZBcErHQfBVShcYnprVaVLQTbv+dUBVcaXZtSoBGhl8iMj23fGLrM01cbcqHAS3p+42XpbTa1A=="

    private static func data(_ text: String) throws -> Data { try #require(Data(base64Encoded: text)) }

    private static let (red, green, blue, yellow) = ([200, 30, 30], [30, 180, 40], [20, 40, 200], [240, 230, 60])

    private func pixel(_ image: Image, row: Int, column: Int) -> [Int] {
        let start = (row * image.width + column) * image.channels
        return image.pixels[start..<start + image.channels].map(Int.init)
    }

    /// HEVC was told to lose little.
    private func isNear(_ one: [Int], _ other: [Int]) -> Bool { zip(one, other).allSatisfy { abs($0 - $1) <= 4 } }

    @Test(.enabled(if: HEIF.isAvailable)) func picturesAreTurnedOnce() throws {
        let file = try ImageFile(Self.data(Self.turned), name: "a.heic")
        #expect(file.header.format == .heic && file.header.size == Size(64, 48) && !file.header.hasAlpha)
        let image = try file.decode(channels: 3)
        #expect(image.size == Size(64, 48))
        #expect(isNear(pixel(image, row: 9, column: 9), Self.blue))
        #expect(isNear(pixel(image, row: 9, column: 40), Self.red))
        #expect(isNear(pixel(image, row: 55, column: 9), Self.yellow))
        #expect(isNear(pixel(image, row: 55, column: 40), Self.green))
        let part = ImageRegion(top: 20, left: 11, height: 30, width: 17)
        for obeys in [true, false] {
            #expect(try file.decode(channels: 3, region: part, obeysOrientation: obeys) == image.cropped(to: part))
        }
        #expect(try file.decode(channels: 1).channels == 1)
    }

    @Test(.enabled(if: HEIF.isAvailable)) func transparencyIsCompositedOnWhite() throws {
        let file = try ImageFile(Self.data(Self.alpha), name: "a.heic")
        #expect(file.header.hasAlpha && file.header.size == Size(48, 64))
        let image = try file.decode(channels: 3)
        #expect(pixel(image, row: 9, column: 5) == [255, 255, 255])
        #expect(isNear(pixel(image, row: 9, column: 24), Self.red.map { ($0 * 128 + 255 * 127) / 255 }))
        #expect(isNear(pixel(image, row: 9, column: 50), Self.green))
    }

    @Test(.enabled(if: HEIF.isAvailable)) func aFileThatEndsEarlyIsRefused() throws {
        let data = try Self.data(Self.turned)
        for length in stride(from: 24, to: data.count - 8, by: 31) {
            #expect(throws: ImageError.self, "\(length)") {
                try ImageFile(data.prefix(length), name: "a.heic").decode(channels: 3)
            }
        }
    }

    @Test(.enabled(if: HEIF.isAvailable)) func survivesMutations() throws {
        var generator = SplitMix64(seed: 5)
        let files = [try Self.data(Self.turned), try Self.data(Self.alpha)]
        var successes = 0
        for round in 0..<400 {
            let data = files[round % 2].mutated(using: &generator)
            guard let file = try? ImageFile(data, name: "x"), file.header.decodedBytes < 1 << 22,
                let image = try? file.decode(channels: 3)
            else { continue }
            #expect(image.pixels.count == 3 * image.height * image.width && image.size == file.header.size)
            successes += 1
        }
        #expect(successes > 20)
    }

    @Test(.enabled(if: HEIF.isAvailable)) func itsHeaderTellsItsShape() throws {
        let folder = try PictureFolder([])
        try folder.write(Self.data(Self.turned), to: "a/0.heic")
        #expect(try folder.open().train.imageShape(at: 0) == [3, 64, 48])
    }

    @Test(.enabled(if: !HEIF.isAvailable)) func withoutTheLibraryItIsNamed() throws {
        let error = try #require(throws: ImageError.self) { try ImageFile(Self.data(Self.alpha), name: "a.heic") }
        #expect(
            error.description
                == "'a.heic' is a HEIC image, which cannot be decoded. Install libheif-dev and build this program again, or "
                + "convert it to JPEG or PNG, for instance by 'heif-convert in.heic out.png' (package libheif-examples)."
        )
    }
}
