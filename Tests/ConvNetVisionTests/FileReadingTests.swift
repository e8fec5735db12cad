import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

/// Files are read as far as they are looked at, and never beyond what memory has room for.
@Suite struct FileReadingTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    /// A file that begins like that and says that it has so many bytes, of which the disk holds none.
    private func sparse(_ start: Data, size: UInt64, name: String) throws -> URL {
        let url = scratch.file(name)
        try start.write(to: url)
        let handle = try FileHandle(forWritingTo: url)
        try handle.truncate(atOffset: size)
        try handle.close()
        return url
    }

    private static let huge: UInt64 = 3 << 40

    @Test func hugePicturesAreRefused() throws {
        let png = try PNG.encode(PictureFolder.picture(1))
        let cases: [(Data, String)] = [
            (Data(), "'huge' is not an image. Use JPEG or PNG."),
            (
                Data("II*\0".utf8),
                "'huge' is a TIFF image, which cannot be decoded. Convert it to JPEG or PNG, for instance by "
                    + "'convert in.tif[0] out.png' (package imagemagick)."
            ),
            (
                png.dropLast(12),
                "'huge' is a file of 3.0 TiB, and no picture may be larger than 1 GiB. Check that it is the right file."
            ),
            (
                try Fixtures.tensors("images").bytes(named: "file/444.jpg").prefix(600),
                "'huge' is a file of 3.0 TiB, and no picture may be larger than 1 GiB. Check that it is the right file."
            ),
        ]
        for (start, sentence) in cases {
            let url = try sparse(start, size: Self.huge, name: "huge")
            let error = try #require(throws: ImageError.self) { try ImageFile(contentsOf: url, name: "huge") }
            #expect(error.description == sentence)
            #expect(throws: ImageError.self) { try ImageFile.shape(ofFileAt: url, name: "huge") }
        }
    }

    @Test func hugeTablesAndArraysAreRefused() throws {
        let table = try sparse(Data("path,label\n".utf8), size: Self.huge, name: "labels.csv")
        let split = try sparse(Data("{".utf8), size: Self.huge, name: "split.json")
        let names = try sparse(Data("a\n".utf8), size: Self.huge, name: "batches.meta.txt")
        let batch = try sparse(Data(), size: Self.huge, name: "data_batch_1.bin")
        func isRefusedForMemory(_ body: () throws -> Void) throws {
            let error = try #require(throws: DatasetError.self) { try body() }
            guard case .notEnoughMemory(_, let needed, let available) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(needed >= Self.huge && available < Self.huge)
        }
        try isRefusedForMemory { _ = try DatasetCatalog.open(table.path) }
        try isRefusedForMemory { _ = try SplitFile(contentsOf: split) }
        try isRefusedForMemory { _ = try readClassNames(names) }
        try isRefusedForMemory {
            _ = try CIFARDataset(contentsOf: [batch], variant: .cifar10, name: "x", classes: ["a"])
        }
        // The header's promise is enough to know.
        let array = try sparse(idx([2, 2, 2], []), size: Self.huge, name: "images")
        let held = Int(Self.huge) - 16
        #expect(throws: DatasetError.trailingBytes(file: array.path, promised: 8, held: held)) {
            try IDXFile(contentsOf: array, rank: 3)
        }
        let zeros = try sparse(Data(), size: Self.huge, name: "zeros")
        #expect(throws: DatasetError.wrongMagicNumber(file: zeros.path, found: 0, expected: 0x0801)) {
            try IDXFile(contentsOf: zeros, rank: 1)
        }
        let promised = try sparse(idx([1 << 20, 1 << 10, 3 << 10], []), size: Self.huge + 16, name: "promised")
        try isRefusedForMemory { _ = try IDXFile(contentsOf: promised, rank: 3) }
    }

    /// Some systems have files that say nothing of their size.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")))
    func filesWithoutASizeAreRead() throws {
        let url = URL(filePath: "/proc/self/status")
        #expect(try FileReader(url).statedSize == 0)
        #expect(try String(decoding: readFile(url), as: UTF8.self).contains("VmSize"))
        #expect(throws: ImageError.notAnImage(name: "status")) { try ImageFile(contentsOf: url, name: "status") }
        #expect(throws: ImageError.notAnImage(name: "status")) { try ImageFile.shape(ofFileAt: url, name: "status") }
    }

    @Test func pipesAndDevicesAreNotWaitedFor() throws {
        let pipe = scratch.file("pipe")
        try #require(mkfifo(pipe.path, 0o600) == 0)
        for path in [pipe.path, "/dev/zero", scratch.url.path] {
            let url = URL(filePath: path)
            #expect(throws: DatasetError.notAFile(file: url.path)) { try readFile(url) }
            #expect(throws: DatasetError.notAFile(file: url.path)) { try ImageFile(contentsOf: url) }
            #expect(throws: DatasetError.notAFile(file: url.path)) { try ImageFile.shape(ofFileAt: url, name: "x") }
        }
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 300_000])
    func allBytesAreRead(count: Int) throws {
        let data = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })
        let url = scratch.file("bytes")
        try data.write(to: url)
        #expect(try readFile(url) == data)
        let file = try FileReader(url)
        for length in [10, 10, 4096, 5000, 65_536, .max] {
            #expect(try file.start(length).prefix(length) == data.prefix(length))
        }
        #expect(file.isAtEnd)
    }

    // MARK: Headers

    /// - Parameter bytes: what a segment in front of the picture has, a text or a profile.
    private func jpeg(_ bytes: Int) throws -> Data {
        let data = try Fixtures.tensors("images").bytes(named: "file/orientation-6.jpg")
        var segments = Data()
        var left = bytes
        while left > 0 {
            let length = min(left, 60_000)
            segments += [0xFF, 0xE2, UInt8((length + 2) >> 8), UInt8((length + 2) & 0xFF)] + Data(count: length)
            left -= length
        }
        return data.prefix(2) + segments + data.dropFirst(2)
    }

    @Test(arguments: [0, 3000, 5000, 70_000, 200_000])
    func headersMayEndAnywhere(bytes: Int) throws {
        let url = scratch.file("a.jpg")
        try jpeg(bytes).write(to: url)
        #expect(try ImageFile.shape(ofFileAt: url, name: "a") == [3, 13, 9])
        #expect(try ImageFile(contentsOf: url).header.shape == [3, 13, 9])
    }

    /// The shape of a picture is known without its pixels; the picture is not.
    @Test func pixelsAreNotLookedAt() throws {
        var generator = SplitMix64(seed: 2)
        for channels in [1, 3] {
            let pixels = (0..<200 * 300 * channels).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let png = try PNG.encode(Image(channels: channels, height: 200, width: 300, pixels: pixels))
            let url = scratch.file("\(channels).png")
            try png.prefix(66_000).write(to: url)
            #expect(png.count > 66_000 && channels == 3 || channels == 1)
            if channels == 3 || png.count > 66_000 {
                #expect(try ImageFile.shape(ofFileAt: url, name: "x") == [channels, 200, 300])
            }
            if png.count > 66_000 {
                #expect(throws: ImageError.truncated(name: "x", format: .png)) {
                    try ImageFile(contentsOf: url, name: "x")
                }
            }
        }
    }

    // MARK: Memory

    /// A PNG file of 20,000×20,000 grey pixels in 400 MB: in colours, which are made of them, it would take more than 1 GiB.
    @Test func memoryCountsWhatIsMade() throws {
        var header = try PNG.encode(Image(channels: 1, height: 1, width: 1, pixels: [0]))
        func chunk(_ type: String, _ content: Data) -> Data {
            let body = Data(type.utf8) + content
            let sum = body.checksum
            return Data([24, 16, 8, 0].map { UInt8(content.count >> $0 & 0xFF) }) + body
                + Data([24, 16, 8, 0].map { UInt8(sum >> $0 & 0xFF) })
        }
        let side: [UInt8] = [0, 0, 0x4E, 0x20]
        let start = header.prefix(8) + chunk("IHDR", Data(side + side + [8, 0, 0, 0, 0]))
        header = start + chunk("IDAT", Data(count: 60_000)) + chunk("IEND", Data())
        let file = try ImageFile(header, name: "x")
        #expect(file.header.decodedBytes == 400_000_000)
        #expect(throws: ImageError.tooLarge(name: "x", width: 20_000, height: 20_000)) { try file.decode(channels: 3) }
        // As grey it would fit; nothing has been compressed that could be decoded.
        #expect { try file.decode(channels: 1) } throws: { error in
            if case ImageError.corrupt = error {
                true
            } else if case ImageError.notEnoughMemory = error {
                true
            } else {
                false
            }
        }
        // A rectangle of it takes little.
        #expect {
            try file.decode(
                channels: 3, region: ImageRegion(top: 0, left: 0, height: 9, width: 9), obeysOrientation: true)
        } throws: {
            if case ImageError.corrupt = $0 { true } else { false }
        }
    }
}

extension Data {
    /// CRC-32, as PNG has it.
    fileprivate var checksum: UInt32 {
        var sum = CRC32()
        withUnsafeBytes { sum.append($0) }
        return sum.value
    }
}
