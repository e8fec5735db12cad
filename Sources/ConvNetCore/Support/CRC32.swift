import CZlib

/// The CRC-32 of bytes that come piece by piece, as zlib, gzip and PNG compute it (RFC 1952, section 8).
package struct CRC32: Hashable, Sendable {
    /// Of what has been taken in; 0 of nothing.
    package private(set) var value: UInt32 = 0

    package init() {}

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
        value = UInt32(truncatingIfNeeded: crc32_z(UInt(value), start, bytes.count))
    }

    /// Takes in UTF-8, and what tells it from what follows.
    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
        append(integer: 0 as UInt8)
    }

    package mutating func append(integer: some FixedWidthInteger) {
        withUnsafeBytes(of: integer.littleEndian) { append($0) }
    }

    /// Takes in `count` bytes of which only the CRC is known, as zlib's `crc32_combine` does.
    package mutating func append(_ other: CRC32, count: Int) {
        value = UInt32(truncatingIfNeeded: crc32_combine(UInt(value), UInt(other.value), count))
    }
}
