import ConvNetVision
import Foundation
import TestSupport
import Testing

@Suite struct IDXFileTests {
    private let images = idx([2, 1, 3], [1, 2, 3, 4, 5, 6])

    private func read(_ data: Data, rank: Int = 3) throws -> IDXFile {
        try IDXFile(data: data, rank: rank, name: "images")
    }

    private func sentence(_ data: Data, rank: Int = 3) throws -> String? {
        try #require(throws: DatasetError.self) { try read(data, rank: rank) }.description
    }

    @Test(arguments: [false, true])
    func readsSizesAndElements(compressed: Bool) throws {
        let directory = try TemporaryDirectory()
        // The name is that of a compressed file in both cases: the content decides.
        let url = try directory.write(compressed ? gzipped(images) : images, to: "images.gz")
        let file = try IDXFile(contentsOf: url, rank: 3)
        #expect(file.name == url.path)
        #expect(file.sizes == [2, 1, 3])
        #expect(Array(file.elements) == [1, 2, 3, 4, 5, 6])
    }

    @Test func acceptsASliceOfData() throws {
        let surrounded = Data([9, 9]) + images + [9]
        #expect(try Array(read(surrounded.dropFirst(2).dropLast()).elements) == [1, 2, 3, 4, 5, 6])
    }

    @Test func namesAnotherKindOfFile() throws {
        #expect(
            try sentence(Data("PNG!".utf8))
                == "'images' is not an IDX file of unsigned bytes: it starts with 0x504E4721 instead of 0x00000803. "
                + "Check that it is the right file.")
        #expect(
            try sentence(Data([0, 0, 0x0D, 3]) + images.dropFirst(4))
                == "'images' is not an IDX file of unsigned bytes: it starts with 0x00000D03 instead of 0x00000803. "
                + "Check that it is the right file.")
        #expect(
            try sentence(idx([2], [1, 2]))
                == "'images' has 1 dimension instead of 3. Check that images (3) and labels (1) are not mixed up.")
        #expect(
            try sentence(images, rank: 1)
                == "'images' has 3 dimensions instead of 1. Check that images (3) and labels (1) are not mixed up.")
    }

    @Test func namesSizesThatDoNotFitTheFile() throws {
        #expect(
            try sentence(Data([0]))
                == "'images' is truncated: it holds 1 byte, its header takes 16. Download or copy it again.")
        #expect(
            try sentence(images.prefix(15))
                == "'images' is truncated: it holds 15 bytes, its header takes 16. Download or copy it again.")
        #expect(
            try sentence(images.dropLast())
                == "'images' is truncated: its header promises 6 bytes of data, it holds 5. "
                + "Download or copy it again.")
        #expect(
            try sentence(images + [7])
                == "'images' is corrupt: its header promises 6 bytes of data, it holds 7. Download or copy it again.")
    }

    @Test func namesImpossibleSizes() throws {
        #expect(
            try sentence(idx([0, 28, 28], []))
                == "'images' is empty: its header gives the sizes 0×28×28. Use a file that holds data.")
        #expect(
            try sentence(idx([.max, .max, .max], []))
                == "'images' is corrupt: its header gives the impossible sizes 4294967295×4294967295×4294967295. "
                + "Download or copy it again.")
        #expect(
            try sentence(idx([.max, .max, 1], []))
                == "'images' is corrupt: its header gives the impossible sizes 4294967295×4294967295×1. "
                + "Download or copy it again.")
        #expect(
            try sentence(idx([1 << 31, 1 << 31, 1], []))
                == "'images' is truncated: its header promises 4611686018427387904 bytes of data, it holds 0. "
                + "Download or copy it again.")
    }

    @Test func namesDamagedCompression() throws {
        let compressed = gzipped(images)
        #expect(
            try sentence(compressed.dropLast())
                == "'images' is truncated: its gzip data ends early. Download or copy it again.")
        var damaged = compressed
        damaged[damaged.count - 5] ^= 1
        #expect(
            try sentence(damaged)
                == "'images' is corrupt: its gzip data is invalid (incorrect data check). Download or copy it again.")
        #expect(
            DatasetError.tooLarge(file: "images", limit: 10).description
                == "'images' decompresses to more than 10 bytes. "
                + "Decompress it first if it is meant to be that large.")
    }

    @Test func namesFilesThatCannotBeRead() throws {
        let directory = try TemporaryDirectory()
        let missing = directory.url.appendingPathComponent("none")
        #expect(throws: DatasetError.fileNotFound(file: missing.path)) {
            try IDXFile(contentsOf: missing, rank: 3)
        }
        #expect(
            DatasetError.fileNotFound(file: "a/b").description == "There is no file 'a/b'. Check the path.")
        #expect(throws: DatasetError.notAFile(file: directory.path)) {
            try IDXFile(contentsOf: directory.url, rank: 3)
        }
        #expect(
            DatasetError.notAFile(file: "a/b").description
                == "'a/b' is not a regular file. Give the path of a file.")
        #expect(throws: DatasetError.notAFile(file: "/dev/zero")) {
            try IDXFile(contentsOf: URL(fileURLWithPath: "/dev/zero"), rank: 3)
        }
        let pipe = directory.url.appendingPathComponent("pipe")
        #expect(mkfifo(pipe.path, 0o600) == 0)
        #expect(throws: DatasetError.notAFile(file: pipe.path)) { try IDXFile(contentsOf: pipe, rank: 3) }
        let loop = directory.url.appendingPathComponent("loop")
        try FileManager.default.createSymbolicLink(at: loop, withDestinationURL: loop)
        #expect(
            throws: DatasetError.unreadable(file: loop.path, reason: String(cString: strerror(ELOOP)))
        ) {
            try IDXFile(contentsOf: loop, rank: 3)
        }
        let empty = try directory.write(Data(), to: "empty")
        #expect(throws: DatasetError.truncatedHeader(file: empty.path, found: 0, expected: 16)) {
            try IDXFile(contentsOf: empty, rank: 3)
        }
    }

    @Test(.disabled(if: geteuid() == 0, "root may read everything"))
    func namesFilesWithoutPermission() throws {
        let directory = try TemporaryDirectory()
        let url = try directory.write(images, to: "secret")
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: url.path)
        let error = try #require(throws: DatasetError.self) { try IDXFile(contentsOf: url, rank: 3) }
        #expect(error.description == "'\(url.path)' cannot be read: Permission denied. Check its permissions.")
    }

    @Test func readsThroughASymbolicLink() throws {
        let directory = try TemporaryDirectory()
        let url = try directory.write(images, to: "images")
        let link = directory.url.appendingPathComponent("link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: url)
        #expect(try IDXFile(contentsOf: link, rank: 3).sizes == [2, 1, 3])
    }

    @Test func everyTruncationIsAnError() {
        for file in [images, gzipped(images)] {
            for length in 0..<file.count {
                #expect(throws: DatasetError.self, "\(length) bytes") { try read(file.prefix(length)) }
            }
        }
    }

    @Test func survivesMutations() {
        var generator = SplitMix64(seed: 3)
        var failures = 0
        for round in 0..<6000 {
            let data = [images, gzipped(images)][round % 2].mutated(using: &generator)
            do {
                let file = try read(data)
                #expect(file.elements.count == file.sizes.reduce(1, *))
            } catch {
                #expect(error is DatasetError)
                failures += 1
            }
        }
        #expect(failures > 3000)
    }
}
