import ConvNetVision
import Foundation
import TestSupport
import Testing

@Suite struct GzipTests {
    private let text = Data("A convolution slides a small window over an image, an image, an image.".utf8)

    private func decompress(_ data: Data, limit: Int = 1 << 20) throws -> Data {
        try Gzip.decompress(data, limit: limit, name: "x.gz")
    }

    @Test func restoresWhatWasCompressed() throws {
        let compressed = gzipped(text)
        #expect(Gzip.isGzip(compressed))
        #expect(!Gzip.isGzip(text))
        #expect(try decompress(compressed) == text)
        #expect(try decompress(gzipped(Data())) == Data())
    }

    @Test func restoresMoreThanOneChunkOfOutput() throws {
        var generator = SplitMix64(seed: 1)
        let noise = Data((0..<1_000_000).map { _ in .random(in: 0...255, using: &generator) })
        #expect(try decompress(gzipped(noise)) == noise)
    }

    @Test func acceptsASliceOfData() throws {
        let surrounded = Data([1, 2, 3]) + gzipped(text) + [4]
        #expect(try decompress(surrounded.dropFirst(3).dropLast()) == text)
    }

    @Test func joinsMembersAndSkipsPadding() throws {
        let members = gzipped(text) + gzipped(Data()) + gzipped(text)
        #expect(try decompress(members) == text + text)
        #expect(try decompress(members + Data(count: 512)) == text + text)
    }

    @Test func rejectsOtherBytesAfterTheLastMember() {
        #expect(throws: DatasetError.corruptGzip(file: "x.gz", reason: "incorrect header check")) {
            try decompress(gzipped(text) + [1, 2, 3])
        }
    }

    @Test func limitsTheOutput() throws {
        #expect(try decompress(gzipped(text), limit: text.count) == text)
        #expect(throws: DatasetError.tooLarge(file: "x.gz", limit: text.count - 1)) {
            try decompress(gzipped(text), limit: text.count - 1)
        }
        let bomb = gzipped(Data(count: 1 << 24))
        #expect(bomb.count < 1 << 15)
        #expect(throws: DatasetError.tooLarge(file: "x.gz", limit: 1 << 20)) { try decompress(bomb) }
        #expect(throws: DatasetError.tooLarge(file: "x.gz", limit: 1 << 20)) {
            try decompress((0..<20).reduce(Data()) { data, _ in data + gzipped(Data(count: 1 << 16)) })
        }
    }

    @Test func reportsTruncationAtEveryByte() {
        let compressed = gzipped(text)
        for length in 0..<compressed.count {
            #expect(throws: DatasetError.truncatedGzip(file: "x.gz"), "\(length) bytes") {
                try decompress(compressed.prefix(length))
            }
        }
    }

    @Test func noFlippedBitChangesTheContent() {
        let compressed = gzipped(text)
        var failures = 0
        for bit in 0..<(compressed.count * 8) {
            var damaged = compressed
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            do {
                // The time of the header or the unused bits at the end of the last block, for example.
                #expect(try decompress(damaged) == text, "bit \(bit)")
            } catch {
                failures += 1
            }
        }
        #expect(failures > compressed.count * 8 * 3 / 4)
    }

    @Test func survivesMutations() {
        var generator = SplitMix64(seed: 2)
        let seeds = [gzipped(text), gzipped(text) + gzipped(text), gzipped(Data(count: 5000))]
        var failures = 0
        for round in 0..<6000 {
            do {
                #expect(try decompress(seeds[round % seeds.count].mutated(using: &generator)).count <= 1 << 20)
            } catch {
                #expect(error is DatasetError)
                failures += 1
            }
        }
        #expect(failures > 3000)
    }
}
