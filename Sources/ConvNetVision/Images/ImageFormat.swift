import Foundation

/// A file format that images are decoded from.
public enum ImageFormat: String, CaseIterable, Codable, Sendable {
    /// ISO/IEC 10918, in baseline and progressive form.
    case jpeg
    /// https://www.w3.org/TR/png
    case png

    /// https://developers.google.com/speed/webp; only where the package was built with libwebp.
    case webp

    /// ISO/IEC 23008-12 with pictures of HEVC, as telephones write it; only where the package was built with libheif.
    case heic

    /// As sentences have it: JPEG.
    public var name: String { self == .webp ? "WebP" : rawValue.uppercased() }
}

/// What the first bytes of a file tell of its format, whatever its name says.
enum ImageSignature: Equatable {
    case decodable(ImageFormat)
    case foreign(ForeignFormat)
    case unknown

    /// So many bytes tell.
    static let length = 1024

    init(_ data: Data) {
        func has(_ signature: String, at offset: Int = 0) -> Bool {
            data.dropFirst(offset).starts(with: signature.utf8)
        }
        if data.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .decodable(.jpeg)
        } else if data.starts(with: PNG.signature) {
            self = has("CgBI", at: 12) ? .foreign(.applePNG) : .decodable(.png)
        } else if has("RIFF"), has("WEBP", at: 8) {
            // A flag of the chunk that a file of more than a still picture begins with.
            let isAnimated = has("VP8X", at: 12) && (data.dropFirst(20).first ?? 0) & 2 != 0
            self = isAnimated ? .foreign(.animatedWebP) : WebP.isAvailable ? .decodable(.webp) : .foreign(.webp)
        } else if let format = ForeignFormat(startOf: data) {
            let isDecodable = [.heic, .heif].contains(format) && HEIF.isAvailable
            self = isDecodable ? .decodable(.heic) : .foreign(format)
        } else {
            self = .unknown
        }
    }
}

extension ImageFile {
    /// What a file of images is by its first bytes, with an article and also where it cannot be decoded: `a PNG image`; nil for
    /// other files.
    ///
    /// - Parameter start: the file's beginning, 1024 bytes or more where it has as many.
    public static func kind(ofStart start: Data) -> String? {
        switch ImageSignature(start) {
        case .decodable(let format): "a \(format.name) image"
        case .foreign(let format): format.kind
        case .unknown: nil
        }
    }
}
