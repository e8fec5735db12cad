import ConvNetGraph
import Foundation
import Testing

@Suite struct FileChecksumTests {
    /// The check value of CRC-32, and zlib's of nothing.
    @Test(arguments: [("123456789", 0xCBF4_3926), ("", 0)] as [(String, UInt32)])
    func knownValues(text: String, crc32: UInt32) {
        let checksum = FileChecksum(of: Data(text.utf8))
        #expect(checksum.crc32 == crc32)
        #expect(checksum.bytes == text.utf8.count)
    }
}
