import Foundation

/// A file format that images are decoded from.
public enum ImageFormat: String, CaseIterable, Codable, Sendable {
    /// ISO/IEC 10918, in baseline and progressive form.
    case jpeg
    /// https://www.w3.org/TR/png
    case png

    /// https://developers.google.com/speed/webp; only where the package was built with libwebp.
    case webp

    /// As sentences have it: JPEG.
    public var name: String { self == .webp ? "WebP" : rawValue.uppercased() }
}

/// What the first bytes of a file tell of its format, whatever its name says.
enum ImageSignature: Equatable {
    case decodable(ImageFormat)
    /// A format that is known by name only.
    case foreign(String)
    case unknown

    init(_ data: Data) {
        func has(_ signature: [UInt8], at offset: Int = 0) -> Bool { data.dropFirst(offset).starts(with: signature) }
        func has(_ signature: String, at offset: Int = 0) -> Bool { has(Array(signature.utf8), at: offset) }
        if has([0xFF, 0xD8, 0xFF]) {
            self = .decodable(.jpeg)
        } else if has(PNG.signature) {
            self = .decodable(.png)
        } else if has("RIFF"), has("WEBP", at: 8) {
            self = WebP.isAvailable ? .decodable(.webp) : .foreign("WebP")
        } else if has("GIF8") {
            self = .foreign("GIF")
        } else if has("BM") {
            self = .foreign("BMP")
        } else if has("II*\0") || has("MM\0*") {
            self = .foreign("TIFF")
        } else if has("ftyp", at: 4) {
            self = .foreign(has("avi", at: 8) ? "AVIF" : "HEIF")
        } else if has([0xFF, 0x0A]) || has("JXL ", at: 4) {
            self = .foreign("JPEG XL")
        } else if has("jP  ", at: 4) {
            self = .foreign("JPEG 2000")
        } else if let first = data.first, first == UInt8(ascii: "P"), let kind = data.dropFirst().first,
            (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(kind)
        {
            self = .foreign("PNM")
        } else {
            self = .unknown
        }
    }
}

extension ImageFile {
    /// What a file of images is called by its first bytes, also where its format cannot be decoded; nil for other files.
    ///
    /// - Parameter start: the file's beginning, 16 bytes or more where it has as many.
    public static func formatName(ofStart start: Data) -> String? {
        switch ImageSignature(start) {
        case .decodable(let format): format.name
        case .foreign(let name): name
        case .unknown: nil
        }
    }
}
