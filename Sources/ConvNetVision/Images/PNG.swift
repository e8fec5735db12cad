import Foundation

/// Reading and writing PNG, the format of https://www.w3.org/TR/png, with libpng. To read, use ``ImageFile``.
public enum PNG {
    /// The most pixels of an image that is encoded, 2²⁸.
    public static let pixelLimit = 1 << 28

    /// The eight bytes that every PNG file starts with.
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Checks that the chunks of a PNG file reach its end chunk: libpng stops at the last pixel, and would take a file
    /// without its last bytes for a whole one.
    static func checkIsComplete(_ data: Data, name: String) throws(ImageError) {
        guard chunks(of: data).contains(where: { $0.type == "IEND" }) else {
            throw .truncated(name: name, format: .png)
        }
    }

    /// A part of a file: a length, a type of four letters, as many bytes as the length says, and a checksum.
    struct Chunk {
        var type: String
        var content: Data
    }

    /// The chunks of a file up to its end chunk, or to the first that is not all there.
    static func chunks(of data: Data) -> UnfoldSequence<Chunk, Int> {
        sequence(state: data.startIndex + signature.count) { position in
            guard data.endIndex - position >= 12 else { return nil }
            let length = data[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= data.endIndex - position - 12 else { return nil }
            let start = position + 8
            let type = String(decoding: data[position + 4..<start], as: UTF8.self)
            position = type == "IEND" ? data.endIndex : start + length + 4
            return Chunk(type: type, content: data[start..<start + length])
        }
    }
}
