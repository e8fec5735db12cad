import ConvNetGraph
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

/// Files with which nothing is wrong: they are called what they are, and nobody is told to download them again.
@Suite struct ForeignFormatTests {
    private static func media(_ brand: String, _ others: [String] = []) -> Data {
        let content = "ftyp\(brand)\0\0\0\0\(others.joined())"
        return Data([0, 0, 0, UInt8(content.utf8.count + 4)]) + Data(content.utf8) + Data(count: 500)
    }

    private static let kinds: [(Data, String)] = [
        (media("avif", ["mif1"]), "an AVIF image"), (media("mif1", ["miaf", "avif"]), "an AVIF image"),
        (media("avis"), "an AVIF image"), (media("isom", ["iso2", "avc1"]), "an MP4 film"),
        (media("mp42"), "an MP4 film"), (media("M4V "), "an MP4 film"), (media("3gp4"), "an MP4 film"),
        (media("dash", ["mif1"]), "an MP4 film"), (media("qt  "), "a QuickTime film"),
        (media("crx "), "a camera's raw photograph"), (media("jp2 "), "a JPEG 2000 image"),
        (Data("GIF87a".utf8), "a GIF image"), (Data("BM\0\0".utf8), "a BMP image"),
        (Data("II*\0\u{8}".utf8), "a TIFF image"),
        (Data("MM\0*".utf8), "a TIFF image"), (Data("MM\0+".utf8), "a TIFF image"),
        (Data("II*\0\u{10}\0\0\0CR\u{2}".utf8), "a camera's raw photograph"),
        (Data([0xFF, 0x0A, 0]), "a JPEG XL image"), (Data("\0\0\0\u{C}JXL \r\n".utf8), "a JPEG XL image"),
        (Data([0xFF, 0x4F, 0xFF, 0x51, 0, 41]), "a JPEG 2000 image"),
        (Data("\0\0\0\u{C}jP  \r\n".utf8), "a JPEG 2000 image"), (Data("8BPS\0\u{1}".utf8), "a Photoshop file"),
        (Data("%PDF-1.7\n".utf8), "a PDF document"), (Data("%!PS-Adobe".utf8), "a PostScript document"),
        (Data("\u{A}\u{5}\u{1}\u{8}".utf8), "a PCX image"), (Data([0x01, 0xDA, 1, 1]), "an SGI image"),
        (Data("icns\0".utf8), "an icon"), (Data("/* XPM */\n".utf8), "an XPM image"),
        (Data("<svg xmlns=\"x\">".utf8), "an SVG drawing"),
        (Data("\u{FEFF}\n<?xml version=\"1.0\"?>\n<!-- x -->\n<svg>".utf8), "an SVG drawing"),
        (Data("P5 3 4 255\n".utf8), "a PNM image"), (Data("qoif\0".utf8), "a QOI image"),
        (Data(count: 128) + Data("DICM".utf8), "a DICOM file"), (Data([0, 0, 1, 0, 2, 0]), "an icon"),
        (Data("RIFF\0\0\0\0AVI LIST".utf8), "an AVI film"),
        (Data([0x1A, 0x45, 0xDF, 0xA3]), "a Matroska or WebM film"),
        (Data("RIFF....WEBPVP8X\u{A}\0\0\0\u{2}\0\0\0".utf8), "an animated WebP image"),
    ]

    @Test(arguments: kinds)
    func areNamed(start: Data, kind: String) throws {
        let error = try #require(throws: ImageError.self) { try ImageFile(start, name: "x") }
        #expect(error.description.hasPrefix("'x' is \(kind), which cannot be decoded. "))
        #expect(!error.description.contains("again") && error.description.hasSuffix("."))
        #expect(ImageFile.kind(ofStart: start) == kind)
    }

    @Test(arguments: [
        media("heic", ["mif1"]), media("heix"), media("hevc"), media("hevx"), media("heim"), media("heis"),
        media("mif1", ["heic"]), media("msf1", ["hevc"]), media("mif1"), media("msf1"),
    ])
    func picturesOfHEVC(start: Data) throws {
        let kind = try #require(ImageFile.kind(ofStart: start))
        #expect(["a HEIC image", "a HEIF image"].contains(kind) || HEIF.isAvailable && kind == "a HEIC image")
        #expect(throws: ImageError.self) { try ImageFile(start, name: "x") }
    }

    @Test(arguments: [
        "", "x", "<html>", "<?xml version=\"1.0\"?><note/>", "path,label\n", "ftyp", "\0\0\0\u{8}ftyp", "P8", "GIF7",
    ])
    func othersAreNot(text: String) {
        #expect(ImageFile.kind(ofStart: Data(text.utf8)) == nil)
    }

    // MARK: JPEG

    /// The start of the frame of a file, changed.
    private func jpeg(
        marker: UInt8 = 0xC0, precision: UInt8 = 8, height: UInt16 = 29, components: UInt8 = 3
    ) throws -> Data {
        var data = try Fixtures.tensors("images").bytes(named: "file/444.jpg")
        let frame = try #require(data.firstRange(of: Data([0xFF, 0xC0]))).lowerBound
        data[frame + 1] = marker
        data[frame + 4] = precision
        data[frame + 5] = UInt8(height >> 8)
        data[frame + 6] = UInt8(height & 0xFF)
        data[frame + 9] = components
        return data
    }

    private func sentence(_ data: Data) throws -> String {
        try #require(throws: ImageError.self) { try ImageFile(data, name: "x").decode(channels: 3) }.description
    }

    @Test func otherKindsOfJPEG() throws {
        for marker: UInt8 in [0xC0, 0xC1, 0xC2, 0xC9] {
            #expect(
                try sentence(jpeg(marker: marker, precision: 12)).hasPrefix(
                    "'x' is a JPEG image with 12 bits a sample, which cannot be decoded. Convert it by djpeg"))
        }
        #expect(try sentence(jpeg(marker: 0xC3)).hasPrefix("'x' is a lossless JPEG image, which cannot be decoded. "))
        #expect(try sentence(jpeg(marker: 0xC3, precision: 16)).hasPrefix("'x' is a lossless JPEG image, "))
        #expect(try sentence(jpeg(marker: 0xCB)).hasPrefix("'x' is a lossless JPEG image, "))
        #expect(try sentence(jpeg(marker: 0xF7)).hasPrefix("'x' is a JPEG-LS image, "))
        for marker: UInt8 in [0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE] {
            #expect(try sentence(jpeg(marker: marker)).hasPrefix("'x' is a hierarchical JPEG image, "))
        }
        #expect(try sentence(jpeg(height: 0)).hasPrefix("'x' is a JPEG image whose height stands behind its pixels, "))
        #expect(try sentence(jpeg(components: 2)).hasPrefix("'x' is a JPEG image of 2 components a pixel, "))
        // No file of any kind has these.
        #expect(try sentence(jpeg(precision: 7)).hasPrefix("'x' is not a valid JPEG image: "))
        #expect(try sentence(jpeg(components: 0)).hasPrefix("'x' is not a valid JPEG image: "))
    }

    /// A sampling of 3 beside one of 2, which the format allows and libjpeg does not do.
    @Test func fractionsOfASampling() throws {
        var data = try Fixtures.tensors("images").bytes(named: "file/444.jpg")
        let frame = try #require(data.firstRange(of: Data([0xFF, 0xC0]))).lowerBound
        data[frame + 11] = 0x31
        data[frame + 14] = 0x21
        #expect(
            try sentence(data)
                == "'x' is a JPEG image of a rare kind (Fractional sampling not implemented yet), which cannot be decoded. "
                + "Save it as PNG.")
    }

    @Test func applesOwnPNG() throws {
        let png = try PNG.encode(PictureFolder.picture(1))
        let chunk = Data([0, 0, 0, 4]) + Data("CgBI".utf8) + Data([0x50, 0, 0x20, 6, 0x2B, 0xD5, 0xD9, 0x7B])
        #expect(
            try sentence(png.prefix(8) + chunk + png.dropFirst(8))
                == "'x' is a PNG image in Apple's own form (CgBI), which cannot be decoded. Convert it on a Mac by "
                + "'sips -s format png in.png --out out.png'.")
    }
}
