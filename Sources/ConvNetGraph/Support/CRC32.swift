import CZlib
import Foundation

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

// MARK: - Beside other work

extension CRC32 {
    /// From this size on, in bytes, computing takes several times as long as starting a thread.
    private static let worthAThread = 1 << 19

    /// The CRC of bytes while something else is done with them, computed by a thread of its own; afterwards where they are few, or
    /// where the system grants no thread.
    ///
    /// - Throws: what `work` throws.
    package static func of(_ bytes: UnsafeRawBufferPointer, during work: () throws -> Void) throws -> CRC32 {
        guard bytes.count >= worthAThread, let other = OtherThread(bytes) else {
            try work()
            var checksum = CRC32()
            checksum.append(bytes)
            return checksum
        }
        // The bytes are the caller's, and not to be read any more when this has returned or thrown.
        let result = Result { try work() }
        let checksum = other.wait()
        try result.get()
        return checksum
    }

    /// Its value is there once the semaphore has been signalled.
    private final class OtherThread: @unchecked Sendable {
        private var checksum = CRC32()
        private let done = DispatchSemaphore(value: 0)

        init?(_ bytes: UnsafeRawBufferPointer) {
            nonisolated(unsafe) let bytes = bytes
            do {
                try SystemThread.start(name: "convnet checksum", for: "checksums") { [self] in
                    checksum.append(bytes)
                    done.signal()
                }
            } catch {
                return nil
            }
        }

        func wait() -> CRC32 {
            done.wait()
            return checksum
        }
    }
}
