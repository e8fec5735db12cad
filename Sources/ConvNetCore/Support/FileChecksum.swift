import CZlib
import Foundation

/// The size of a file and the CRC-32 of its bytes, as zlib and `crc32` compute it: tells whether it is still the same.
public struct FileChecksum: Hashable, Codable, Sendable {
    /// The size in bytes.
    public var bytes: Int
    /// Of all bytes.
    public var crc32: UInt32

    /// The checksum of an empty file.
    init() { (bytes, crc32) = (0, 0) }

    /// The checksum of what is in a file.
    public init(of content: Data) {
        self.init()
        content.withUnsafeBytes { append($0) }
    }

    /// Takes in what comes next in the file.
    mutating func append(_ content: UnsafeRawBufferPointer) {
        guard let start = content.bindMemory(to: UInt8.self).baseAddress else { return }
        bytes += content.count
        crc32 = UInt32(truncatingIfNeeded: crc32_z(UInt(crc32), start, content.count))
    }
}
