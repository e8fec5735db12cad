import CZlib
import Foundation

/// Reading gzip, the format of RFC 1952, with zlib.
package enum Gzip {
    /// Whether data starts with the magic bytes of gzip. A file's name does not tell: some are renamed, and some tools
    /// decompress on download.
    package static func isGzip(_ data: Data) -> Bool {
        data.starts(with: [0x1F, 0x8B])
    }

    /// Decompresses gzip data, also of several members one after another. Zero bytes after the last member, with which
    /// some tools fill up a block, are skipped.
    ///
    /// - Parameters:
    ///   - data: The compressed data.
    ///   - limit: The most bytes to return: a thousandth of it, compressed, can expand to this size.
    ///   - name: What error messages call the data, usually its path.
    /// - Throws: `DatasetError.truncatedGzip` where the data ends early, `.corruptGzip` where it is not gzip, a checksum
    ///   differs or something else follows, and `.tooLarge` where the result would exceed the limit.
    package static func decompress(_ data: Data, limit: Int, name: String) throws(DatasetError) -> Data {
        guard !data.isEmpty else { throw .truncatedGzip(file: name) }
        let result: Result<Data, DatasetError> = data.withUnsafeBytes { source in
            Result { () throws(DatasetError) in try inflateMembers(source, limit: limit, name: name) }
        }
        return try result.get()
    }

    private static func inflateMembers(
        _ source: UnsafeRawBufferPointer, limit: Int, name: String
    ) throws(DatasetError) -> Data {
        var stream = z_stream()
        // 15 is the largest window; 16 more makes zlib read the wrapper of gzip and check its sum and length.
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .corruptGzip(file: name, reason: "zlib does not start")
        }
        defer { inflateEnd(&stream) }

        var output = Data()
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        var position = 0
        while true {
            // zlib counts in 32 bits, so that larger data goes in pieces.
            let available = UInt32(clamping: source.count - position)
            let (status, produced) = chunk.withUnsafeMutableBufferPointer { chunk in
                stream.next_in = UnsafeMutablePointer(
                    mutating: source.bindMemory(to: UInt8.self).baseAddress?.advanced(by: position))
                stream.avail_in = available
                stream.next_out = chunk.baseAddress
                stream.avail_out = UInt32(chunk.count)
                let status = inflate(&stream, Z_NO_FLUSH)
                return (status, chunk.count - Int(stream.avail_out))
            }
            position += Int(available - stream.avail_in)
            guard produced <= limit - output.count else { throw .tooLarge(file: name, limit: limit) }
            output.append(contentsOf: chunk[..<produced])

            switch status {
            case Z_OK:
                continue
            case Z_STREAM_END:
                let rest = source[position...]
                if rest.allSatisfy({ $0 == 0 }) { return output }
                inflateReset(&stream)
            case Z_BUF_ERROR:
                // Every call has room for output, so that only input can be missing.
                throw .truncatedGzip(file: name)
            default:
                let reason = stream.msg.map { String(cString: $0) } ?? "zlib error \(status)"
                throw .corruptGzip(file: name, reason: reason)
            }
        }
    }
}
