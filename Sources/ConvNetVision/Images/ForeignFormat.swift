import Foundation

/// A kind of file that is recognized, and not decoded: nothing is wrong with it, and it is for somebody else to convert.
struct ForeignFormat: Hashable, Sendable {
    /// With an article.
    var kind: String
    /// What to do about it, in sentences.
    var advice: String

    /// - Parameters:
    ///   - command: what converts the file `in.SUFFIX`.
    ///   - package: what the command is in, in Debian and Ubuntu.
    init(_ kind: String, _ command: String, package: String) {
        self.init(kind: kind, advice: "Convert it to JPEG or PNG, for instance by '\(command)' (package \(package)).")
    }

    init(kind: String, advice: String) {
        self.kind = kind
        self.advice = advice
    }

    fileprivate static func film(_ kind: String, _ suffix: String) -> Self {
        Self(
            kind: kind,
            advice:
                "Take pictures out of it, for instance by 'ffmpeg -i in.\(suffix) -vf fps=1 out-%04d.png' (package ffmpeg)."
        )
    }

    /// A format that this package decodes where it was built with a library.
    fileprivate static func optional(
        _ kind: String, library: String, _ command: String, package: String
    ) -> Self {
        Self(
            kind: kind,
            advice: "Install \(library) and build this program again, or convert it to JPEG or PNG, for instance by "
                + "'\(command)' (package \(package)).")
    }
}

// MARK: - By the first bytes

extension ForeignFormat {
    static let webp = optional(
        "a WebP image", library: "libwebp-dev", "dwebp in.webp -o out.png", package: "webp")
    static let heic = optional(
        "a HEIC image", library: "libheif-dev", "heif-convert in.heic out.png", package: "libheif-examples")
    /// The same format with pictures of any coding.
    static let heif = optional(
        "a HEIF image", library: "libheif-dev", "heif-convert in.heif out.png", package: "libheif-examples")
    static let animatedWebP = Self(
        kind: "an animated WebP image",
        advice: "Take a picture out of it, for instance by 'webpmux -get frame 1 in.webp -o out.webp' (package webp).")
    /// https://iphonedev.wiki/CgBI_file_format
    static let applePNG = Self(
        kind: "a PNG image in Apple's own form (CgBI)",
        advice: "Convert it on a Mac by 'sips -s format png in.png --out out.png'.")

    private static let tiff = Self("a TIFF image", "convert in.tif[0] out.png", package: "imagemagick")
    private static let jpegXL = Self("a JPEG XL image", "djxl in.jxl out.png", package: "libjxl-tools")
    private static let jpeg2000 = Self(
        "a JPEG 2000 image", "opj_decompress -i in.jp2 -o out.png", package: "libopenjp2-tools")
    private static let rawPhoto = Self(
        "a camera's raw photograph", "darktable-cli in.raw out.png", package: "darktable")
    private static let svg = Self("an SVG drawing", "rsvg-convert in.svg -o out.png", package: "librsvg2-bin")

    /// A signature, and where it stands. What begins like another comes before it.
    private static let signatures: [(offset: Int, bytes: [UInt8], format: ForeignFormat)] = [
        text("GIF8", Self("a GIF image", "convert in.gif[0] out.png", package: "imagemagick")),
        text("BM", Self("a BMP image", "convert in.bmp out.png", package: "imagemagick")),
        text("II*\0\u{10}\0\0\0CR", rawPhoto), text("IIRO", rawPhoto), text("IIU\0", rawPhoto),
        text("FUJIFILMCCD-RAW", rawPhoto),
        text("II*\0", tiff), text("MM\0*", tiff), text("II+\0", tiff), text("MM\0+", tiff),
        (0, [0x49, 0x49, 0xBC], Self(kind: "a JPEG XR image", advice: "Convert it to JPEG or PNG.")),
        (0, [0xFF, 0x0A], jpegXL), text("JXL ", at: 4, jpegXL),
        text("jP  ", at: 4, jpeg2000), (0, [0xFF, 0x4F, 0xFF, 0x51], jpeg2000),
        text("8BPS", Self("a Photoshop file", "convert in.psd[0] out.png", package: "imagemagick")),
        text("%PDF-", Self("a PDF document", "pdftoppm -png in.pdf out", package: "poppler-utils")),
        text(
            "%!PS",
            Self("a PostScript document", "gs -sDEVICE=png16m -r150 -o out.png in.ps", package: "ghostscript")),
        text("qoif", Self("a QOI image", "ffmpeg -i in.qoi out.png", package: "ffmpeg")),
        (0, [0x76, 0x2F, 0x31, 0x01], Self("an OpenEXR image", "convert in.exr out.png", package: "imagemagick")),
        text("#?RADIANCE", Self("a Radiance image", "convert in.hdr out.png", package: "imagemagick")),
        (0, [0x0A, 0x05, 0x01], Self("a PCX image", "convert in.pcx out.png", package: "imagemagick")),
        (0, [0x01, 0xDA], Self("an SGI image", "convert in.sgi out.png", package: "imagemagick")),
        text("icns", Self("an icon", "icns2png -x in.icns", package: "icnsutils")),
        text("/* XPM */", Self("an XPM image", "convert in.xpm out.png", package: "imagemagick")),
        text("SIMPLE  =", Self("a FITS image", "convert in.fits out.png", package: "imagemagick")),
        text("DDS ", Self("a DDS texture", "convert in.dds out.png", package: "imagemagick")),
        (0, [0x00, 0x00, 0x01, 0x00], Self("an icon", "convert in.ico[0] out.png", package: "imagemagick")),
        text("DICM", at: 128, Self("a DICOM file", "dcmj2pnm --write-png in.dcm out.png", package: "dcmtk")),
        (0, [0x8A, 0x4D, 0x4E, 0x47], Self("an MNG animation", "convert in.mng[0] out.png", package: "imagemagick")),
        text("AVI ", at: 8, film("an AVI film", "avi")),
        (0, [0x1A, 0x45, 0xDF, 0xA3], film("a Matroska or WebM film", "mkv")),
        (0, [0x00, 0x00, 0x01, 0xBA], film("an MPEG film", "mpg")),
        (0, [0x00, 0x00, 0x01, 0xB3], film("an MPEG film", "mpg")),
        text("OggS", film("an Ogg film", "ogv")),
    ]

    private static func text(
        _ signature: String, at offset: Int = 0, _ format: Self
    ) -> (offset: Int, bytes: [UInt8], format: Self) {
        (offset, Array(signature.utf8), format)
    }

    /// - Parameter start: ``ImageSignature/length`` bytes of a file, or all.
    init?(startOf start: Data) {
        let found = Self.signatures.first { start.dropFirst($0.offset).starts(with: $0.bytes) }?.format
        guard let format = found ?? Self.media(start) ?? Self.text(start) else { return nil }
        self = format
    }

    private static func text(_ start: Data) -> Self? {
        // Portable bitmaps, grey maps, pixel maps and the later kinds: P1 to P7, and Pf and PF for floats.
        if start.first == UInt8(ascii: "P"), let kind = start.dropFirst().first, "1234567fF".utf8.contains(kind) {
            return Self("a PNM image", "pnmtopng in.pnm > out.png", package: "netpbm")
        }
        let isXML = start.first { !" \t\r\n\u{FEFF}".utf8.contains($0) } == UInt8(ascii: "<")
        return isXML && start.prefix(ImageSignature.length).range(of: Data("<svg".utf8)) != nil ? svg : nil
    }

    /// Files of the ISO base media format (ISO/IEC 14496-12) say by four letters, their brand, what they hold, and by more of
    /// them what else reads them.
    private static func media(_ start: Data) -> Self? {
        let bytes = Array(start.prefix(ImageSignature.length))
        func letters(_ offset: Int) -> String { String(decoding: bytes[offset..<offset + 4], as: UTF8.self) }
        guard bytes.count >= 12, letters(4) == "ftyp" else { return nil }
        let length = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
        let others = stride(from: 16, to: min(length, bytes.count) - 3, by: 4).map(letters)
        let brand = letters(8)
        // Pictures of any coding, one or many: the other brands tell which.
        let isGeneral = ["mif1", "mif2", "msf1", "miaf"].contains(brand)
        let brands = isGeneral ? others : [brand]
        if brands.contains(where: ["avif", "avis"].contains) {
            return Self("an AVIF image", "avifdec in.avif out.png", package: "libavif-bin")
        }
        if brands.contains(where: ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"].contains) {
            return heic
        }
        if isGeneral || ["jpeg", "jpgs", "avci", "avcs"].contains(brand) { return heif }
        switch brand {
        case "crx ": return rawPhoto
        case "jp2 ", "jpx ": return jpeg2000
        case "qt  ": return film("a QuickTime film", "mov")
        default: return film("an MP4 film", "mp4")
        }
    }
}
