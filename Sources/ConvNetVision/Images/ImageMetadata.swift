import CZlib
import Foundation

/// What stands beside the pixels of an image file and may say how the picture has to be turned.
struct ImageMetadata {
    /// A TIFF structure, as EXIF has it.
    private(set) var exif: Data?
    /// XML, as XMP has it.
    private(set) var xmp: Data?

    /// Where more is said than this, in bytes, the rest is not looked at.
    private static let mostBytes = 1 << 20

    /// Takes the content of a JPEG file's segment APP1, which is either of them by its first bytes. EXIF may go on in another.
    private mutating func take(app1 content: Data) {
        if let more = content.dropping("Exif\0\0") {
            if exif.map({ $0.count < Self.mostBytes }) ?? true { exif = (exif ?? Data()) + more }
        } else if let text = content.dropping("http://ns.adobe.com/xap/1.0/\0") {
            xmp = text
        }
    }
}

// MARK: - JPEG

extension ImageMetadata {
    init(jpeg data: Data) {
        for segment in JPEGSegments(data) where segment.marker == 0xE1 { take(app1: segment.content) }
    }
}

/// What stands in front of the pixels of a JPEG file: each segment's marker, and what follows its length.
struct JPEGSegments: Sequence, IteratorProtocol {
    private var rest: Data

    init(_ data: Data) { rest = data.dropFirst(2) }

    mutating func next() -> (marker: UInt8, content: Data)? {
        while let start = rest.firstIndex(of: 0xFF), rest.endIndex - start >= 2 {
            rest = rest[(start + 1)...]
            let marker = rest[start + 1]
            switch marker {
            // Fill, stuffing, and markers without a length.
            case 0xFF: continue
            case 0x00, 0x01, 0xD0...0xD8: rest = rest.dropFirst()
            // The pixels begin, or the file ends.
            case 0xD9, 0xDA: return nil
            default:
                guard rest.count >= 3 else { return nil }
                let length = Int(rest[start + 2]) << 8 | Int(rest[start + 3])
                let content = rest.dropFirst(3).prefix(Swift.max(0, length - 2))
                rest = rest.dropFirst(1 + Swift.max(2, length))
                return (marker, content)
            }
        }
        return nil
    }
}

// MARK: - PNG

extension ImageMetadata {
    /// EXIF has a chunk of its own; before it had, programs wrote it as text: `Raw profile type exif`, in hexadecimal digits.
    init(png data: Data) {
        var profile: Data?
        for chunk in PNG.chunks(of: data) {
            if chunk.type == "eXIf" { exif = chunk.content }
            guard let (keyword, text) = Self.text(chunk) else { continue }
            switch keyword {
            case "XML:com.adobe.xmp": xmp = text()
            case "Raw profile type exif": profile = Self.rawProfile(text())
            case "Raw profile type APP1": take(app1: Self.rawProfile(text()))
            default: break
            }
        }
        exif = exif ?? profile
    }

    /// The keyword of a chunk of text, and what gives the text.
    private static func text(_ chunk: PNG.Chunk) -> (keyword: String, text: () -> Data)? {
        guard ["tEXt", "zTXt", "iTXt"].contains(chunk.type), let end = chunk.content.firstIndex(of: 0) else {
            return nil
        }
        let keyword = String(decoding: chunk.content[..<end], as: UTF8.self)
        let rest = chunk.content[(end + 1)...]
        switch chunk.type {
        case "tEXt": return (keyword, { rest })
        case "zTXt": return (keyword, { inflated(rest.dropFirst()) })
        default:
            // A flag, a method, a language and the keyword in that language, both ended by a zero.
            let isCompressed = rest.first == 1
            let text = rest.dropFirst(2).afterZero.afterZero
            return (keyword, { isCompressed ? inflated(text) : text })
        }
    }

    /// What compressed data holds, up to ``mostBytes``: as much of it as is not broken.
    private static func inflated(_ data: Data) -> Data {
        var result = Data(count: mostBytes)
        var input = Array(data.prefix(mostBytes))
        let count = result.withUnsafeMutableBytes { output in
            input.withUnsafeMutableBufferPointer { input in
                var stream = z_stream()
                guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return 0 }
                defer { inflateEnd(&stream) }
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = UInt32(output.count)
                _ = inflate(&stream, Z_FINISH)
                return output.count - Int(stream.avail_out)
            }
        }
        return result.prefix(count)
    }

    /// An empty line, the profile's name, its length, and its bytes in hexadecimal digits.
    private static func rawProfile(_ text: Data) -> Data {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropFirst(3)
        let digits = lines.joined().compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return Data(stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }
}

// MARK: - WebP

extension ImageMetadata {
    init(webp data: Data) {
        var rest = data.dropFirst(12)
        // A chunk is a name, a length in four bytes, the smallest first, and so many bytes, made even.
        while rest.count >= 8 {
            let start = rest.startIndex
            let length = (0..<4).reduce(0) { $0 | Int(rest[start + 4 + $1]) << (8 * $1) }
            if rest.starts(with: Array("EXIF".utf8)) { exif = rest.dropFirst(8).prefix(length) }
            if rest.starts(with: Array("XMP ".utf8)) { xmp = rest.dropFirst(8).prefix(length) }
            rest = rest.dropFirst(8 + length + length % 2)
        }
    }
}

extension Data {
    /// What follows these bytes; nil where others are in front.
    func dropping(_ prefix: String) -> Data? {
        starts(with: prefix.utf8) ? dropFirst(prefix.utf8.count) : nil
    }

    /// What follows the first zero.
    fileprivate var afterZero: Data { firstIndex(of: 0).map { self[($0 + 1)...] } ?? Data() }
}
