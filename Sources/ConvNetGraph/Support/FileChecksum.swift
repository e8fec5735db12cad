import Foundation

/// The size of a file and the CRC-32 of its bytes, as zlib and `crc32` compute it: tells whether it is still the same.
public struct FileChecksum: Hashable, Codable, Sendable {
    /// The size in bytes.
    public var bytes: Int
    /// Of all bytes.
    public var crc32: UInt32

    init(bytes: Int, crc32: UInt32) {
        self.bytes = bytes
        self.crc32 = crc32
    }

    /// The checksum of what is in a file.
    public init(of content: Data) {
        var checksum = CRC32()
        content.withUnsafeBytes { checksum.append($0) }
        self.init(bytes: content.count, crc32: checksum.value)
    }
}
