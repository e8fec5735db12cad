import CZlib
import Foundation

/// The size of a file and the CRC-32 of its bytes, as zlib and `crc32` compute it: tells whether it is still the same.
public struct FileChecksum: Hashable, Codable, Sendable {
    /// The size in bytes.
    public var bytes: Int
    /// Of all bytes.
    public var crc32: UInt32

    /// The checksum of what is in a file.
    public init(of content: Data) {
        bytes = content.count
        crc32 = content.withUnsafeBytes { content in
            let start = content.bindMemory(to: UInt8.self).baseAddress
            return UInt32(truncatingIfNeeded: start.map { crc32_z(0, $0, content.count) } ?? 0)
        }
    }
}
