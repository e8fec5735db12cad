import Foundation
import Testing

@testable import ConvNetGraph

/// Damage to a file that tells its checksums is found, wherever it is.
@Suite struct SafetensorsChecksumTests {
    private func writer(checksums: Bool = true) throws -> SafetensorsWriter {
        var writer = SafetensorsWriter(metadata: ["network": "a graph", "note": "é\u{1}"], checksums: checksums)
        try writer.append("weight", shape: [2, 3], floats: [1, -2, 3.5, .nan, 0, -0.0])
        try writer.append("größe", shape: [2], integers: [-1, 7])
        try writer.append("empty", shape: [0], floats: [])
        return writer
    }

    private func check(_ data: Data) throws {
        try readAll(SafetensorsFile(data: data, name: "file"))
    }

    private func readAll(_ file: SafetensorsFile) throws {
        for name in file.names { _ = try file.bytes(named: name) }
    }

    @Test func everyFlippedBitIsFound() throws {
        let whole = try writer().encoded()
        try check(whole)
        for position in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[position] ^= 1 << bit
                #expect(throws: SafetensorsError.self, "bit \(bit) of byte \(position)") { try check(damaged) }
            }
        }
    }

    /// A tensor that nobody reads harms nobody.
    @Test func damageIsFoundWhereATensorIsRead() throws {
        var data = try writer().encoded()
        data[data.count - 1] ^= 0x80
        let file = try SafetensorsFile(data: data, name: "f")
        #expect(try file.integers(named: "größe") == [-1, 7])
        let error = try #require(throws: SafetensorsError.self) { try file.floats(named: "weight") }
        #expect(error == .damaged(file: "f", part: .tensor("weight")))
        #expect(
            "\(error)"
                == "f: tensor 'weight' is not as it was written: its checksum is another; fetch or export the file again "
                + "(a program that changes tensors has to remove 'convnet.crc32' and 'convnet.crc32.metadata' from the "
                + "metadata)")
        #expect(throws: error) { try file.bytes(named: "weight") }
    }

    /// What `zlib.crc32` gives for the bytes of a tensor, so that other programs can check it.
    @Test func theValuesAreZlibs() throws {
        var writer = SafetensorsWriter(checksums: true)
        try writer.append("digits", dtype: .u8, shape: [9], bytes: Data("123456789".utf8))
        let file = try SafetensorsFile(data: writer.encoded(), name: "f")
        #expect(file.metadata["convnet.crc32"] == #"{"digits":"cbf43926"}"#)
        #expect(file.metadata.count == 2)
    }

    @Test func theFileOnDiskIsTheOneInMemory() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("file")
            let checksum = try writer().writeReturningChecksum(to: url)
            let data = try Data(contentsOf: url)
            #expect(try data == writer().encoded())
            #expect(checksum == FileChecksum(of: data))
            let plain = try writer(checksums: false).writeReturningChecksum(to: url)
            #expect(plain == FileChecksum(of: try Data(contentsOf: url)))
        }
    }

    @Test func filesWithoutChecksumsAreReadAsBefore() throws {
        var data = try writer(checksums: false).encoded()
        data[data.count - 1] ^= 0x80
        let file = try SafetensorsFile(data: data, name: "f")
        #expect(!file.hasChecksums)
        try readAll(file)
    }

    /// Metadata that is taken over from a file with checksums brings none into one whose tensors are others.
    @Test func checksumsOfAnotherFileAreNotKept() throws {
        let file = try SafetensorsFile(data: writer().encoded(), name: "f")
        for checksums in [false, true] {
            var writer = SafetensorsWriter(metadata: file.metadata, checksums: checksums)
            try writer.append("weight", shape: [1], floats: [1])
            let copy = try SafetensorsFile(data: writer.encoded(), name: "f")
            #expect(copy.hasChecksums == checksums)
            #expect(try copy.floats(named: "weight") == [1])
        }
    }

    @Test(arguments: ["convnet.crc32", "convnet.crc32.metadata"])
    func halfOfTheChecksumsIsDamage(key: String) throws {
        // As long as the other, so that nothing else of the file changes.
        let other = String(key.dropLast()) + "X"
        let data = Data(
            String(decoding: try SafetensorsWriter(checksums: true).encoded(), as: UTF8.self)
                .replacing("\"\(key)\"", with: "\"\(other)\"").utf8)
        #expect(throws: SafetensorsError.damaged(file: "file", part: .metadata)) { try check(data) }
    }
}
