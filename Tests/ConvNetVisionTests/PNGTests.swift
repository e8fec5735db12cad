import CZlib
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct PNGTests {
    private func decode(_ data: Data, channels: Int = 3) throws -> Image {
        try ImageFile(data, name: "x.png").decode(channels: channels)
    }

    private func sentence(_ data: Data, channels: Int = 3) throws -> String {
        try #require(throws: ImageError.self) { try decode(data, channels: channels) }.description
    }

    // MARK: Decoding

    @Test(arguments: PNGFixture.all)
    func decodesEveryKind(fixture: PNGFixture) throws {
        let (height, width) = (fixture.height, fixture.width)
        #expect(
            try decode(fixture.data) == Image(channels: 3, height: height, width: width, pixels: fixture.rgb))
        #expect(
            try decode(fixture.data, channels: 1)
                == Image(channels: 1, height: height, width: width, pixels: fixture.grey))
    }

    @Test func acceptsASliceOfDataAndWhatFollowsTheEnd() throws {
        let fixture = PNGFixture.all[1]
        let surrounded = try Data([1, 2, 3]) + fixture.data + [4]
        #expect(try decode(surrounded.dropFirst(3)).pixels == fixture.rgb)
    }

    // MARK: Encoding

    @Test(arguments: [1, 3])
    func restoresWhatItEncoded(channels: Int) throws {
        var generator = SplitMix64(seed: 4)
        for (height, width) in [(1, 1), (1, 40), (40, 1), (17, 23), (300, 200)] {
            let pixels = (0..<height * width * channels).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let image = Image(channels: channels, height: height, width: width, pixels: pixels)
            #expect(try decode(PNG.encode(image), channels: channels) == image)
        }
    }

    @Test(arguments: [
        Image(channels: 1, height: 2, width: 2, pixels: [1, 2, 3]),
        Image(channels: 1, height: 2, width: 2, pixels: [1, 2, 3, 4, 5]),
        Image(channels: 2, height: 1, width: 1, pixels: [1, 2]),
        Image(channels: 1, height: 0, width: 5, pixels: []),
        Image(channels: 1, height: -1, width: -1, pixels: [1]),
    ])
    func rejectsSizesThatDoNotFit(image: Image) {
        #expect(
            throws: ImageError.inconsistentSizes(
                channels: image.channels, height: image.height, width: image.width, samples: image.pixels.count)
        ) {
            try PNG.encode(image)
        }
    }

    @Test func rejectsEncodingBeyondTheLimit() {
        for (height, width) in [(1 << 14, 1 << 15), (.max, .max), (.min, 2)] {
            #expect(throws: ImageError.self) {
                try PNG.encode(Image(channels: 1, height: height, width: width, pixels: []))
            }
        }
    }

    // MARK: Damaged and hostile files

    @Test func saysWhatIsWrong() throws {
        let data = try PNGFixture.all[0].data
        #expect(
            try sentence(data.dropLast())
                == "'x.png' is truncated: it ends before its PNG image does. Download or copy it again.")
        #expect(
            try sentence(data, channels: 2)
                == "'x.png' cannot be read with 2 channels: use 1 (grey) or 3 (RGB).")
        var damaged = data
        damaged[30] ^= 1
        #expect(
            try sentence(damaged) == "'x.png' is not a valid PNG image: IHDR: CRC error. Download or copy it again.")
        #expect(
            ImageError.inconsistentSizes(channels: 1, height: 2, width: 3, samples: 4).description
                == "An image of 1 channels, 2 rows and 3 columns cannot have 4 samples.")
        #expect(
            ImageError.notEncoded(reason: "no reason").localizedDescription
                == "The image cannot be encoded as PNG: no reason.")
    }

    @Test func rejectsPixelsBeyondTheLimit() throws {
        // The header of a valid file, with other sizes and a checksum to match.
        #expect(
            try sentence(resized(width: 40000, height: 40000))
                == "'x.png' has 40000×40000 pixels, which would take more than 1 GiB to decode. Scale it down.")
        #expect(
            try sentence(resized(width: 32768, height: 32768))
                == "'x.png' is not a valid PNG image: 32768×32768 pixels do not fit into 73 bytes. "
                + "Download or copy it again.")
    }

    @Test func reportsTruncationAtEveryByte() throws {
        for fixture in PNGFixture.all {
            let data = try fixture.data
            for length in 0..<data.count {
                let expected: ImageError =
                    switch length {
                    case 0: .empty(name: "x.png")
                    case 1..<8: .notAnImage(name: "x.png")
                    default: .truncated(name: "x.png", format: .png)
                    }
                #expect(throws: expected, "\(fixture.kind), \(length) bytes") { try decode(data.prefix(length)) }
            }
        }
    }

    @Test func checksumsGuardEveryByteOfPixels() throws {
        for fixture in PNGFixture.all {
            let data = try fixture.data
            let type = try #require(data.firstRange(of: Data("IDAT".utf8)))
            for position in type.upperBound..<(data.count - 12) {
                var damaged = data
                damaged[position] ^= 0x10
                #expect(throws: ImageError.self, "\(fixture.kind), byte \(position)") { try decode(damaged) }
            }
        }
    }

    @Test(arguments: [false, true])
    func survivesMutations(withValidChecksums: Bool) throws {
        var generator = SplitMix64(seed: withValidChecksums ? 5 : 6)
        let files = try PNGFixture.all.map { try $0.data }
        var (successes, failures) = (0, 0)
        for round in 0..<8000 {
            var data = files[round % files.count].mutated(using: &generator)
            if withValidChecksums { data = repairingChecksums(data) }
            do {
                let image = try decode(data, channels: round.isMultiple(of: 2) ? 1 : 3)
                #expect(image.pixels.count == image.channels * image.height * image.width)
                successes += 1
            } catch {
                #expect(error is ImageError)
                failures += 1
            }
        }
        #expect(failures > 3000)
        #expect(!withValidChecksums || successes > 300)
    }

    private func resized(width: UInt32, height: UInt32) throws -> Data {
        var data = try PNGFixture.all[0].data
        for (offset, size) in [(16, width), (20, height)] {
            data.replaceSubrange(offset..<(offset + 4), with: withUnsafeBytes(of: size.bigEndian) { Data($0) })
        }
        return repairingChecksums(data)
    }

    /// The same chunks with correct checksums, so that damage gets past them.
    private func repairingChecksums(_ data: Data) -> Data {
        var bytes = [UInt8](data)
        var position = 8
        while position + 12 <= bytes.count {
            let length = bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
            let end = position + 8 + length
            guard end + 4 <= bytes.count else { break }
            let checked = Array(bytes[(position + 4)..<end])
            let checksum = UInt32(crc32(0, checked, UInt32(checked.count)))
            bytes.replaceSubrange(end..<(end + 4), with: withUnsafeBytes(of: checksum.bigEndian) { Array($0) })
            position = end + 4
        }
        return Data(bytes)
    }
}
