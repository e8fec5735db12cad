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
        guard chunk("IEND", in: data) != nil else { throw .truncated(name: name, format: .png) }
    }

    /// The content of the first chunk of a type, where it is all there.
    static func chunk(_ type: String, in data: Data) -> Data? {
        data.withUnsafeBytes { bytes in
            var position = signature.count
            // A chunk is a length, a type of four letters, as many bytes as the length says, and a checksum.
            while bytes.count - position >= 12 {
                let length = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
                guard length <= bytes.count - position - 12 else { return nil }
                if bytes[(position + 4)..<(position + 8)].elementsEqual(type.utf8) {
                    return Data(bytes[(position + 8)..<(position + 8 + length)])
                }
                position += 12 + length
            }
            return nil
        }
    }
}
