import CZlib
import ConvNetGraph
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

/// Every way to write down how a picture is to be turned, with the result of Pillow 13's `exif_transpose`.
@Suite struct OrientationTests {
    private let jpeg: Data
    private let png: Data

    init() throws {
        jpeg = try Fixtures.tensors("images").bytes(named: "file/444.jpg")
        png = try PNG.encode(PictureFolder.picture(1, size: Size(4, 6)))
    }

    // MARK: Writing

    /// A TIFF structure with one entry, the orientation, of any type; what does not fit into its four bytes follows.
    private func tiff(_ value: [UInt8], type: UInt16, count: UInt32 = 1, big: Bool, mark: String? = nil) -> Data {
        func number(_ value: some FixedWidthInteger) -> Data {
            withUnsafeBytes(of: big ? value.bigEndian : value.littleEndian) { Data($0) }
        }
        var data = Data((mark ?? (big ? "MM\0*" : "II*\0")).utf8) + number(UInt32(8)) + number(UInt16(1))
        data += number(UInt16(0x112)) + number(type) + number(count)
        let isNear = value.count <= 4
        data += isNear ? Data(value + [0, 0, 0, 0]).prefix(4) : number(UInt32(26))
        return data + [0, 0, 0, 0] + (isNear ? [] : value)
    }

    private func short(_ value: UInt16, big: Bool = true) -> Data {
        tiff(withUnsafeBytes(of: big ? value.bigEndian : value) { Array($0) }, type: 3, big: big)
    }

    private func bytes(_ value: some FixedWidthInteger, big: Bool) -> [UInt8] {
        withUnsafeBytes(of: big ? value.bigEndian : value.littleEndian) { Array($0) }
    }

    private func withSegments(_ segments: [Data]) -> Data {
        let all = segments.reduce(Data()) { $0 + [0xFF, 0xE1] + bytes(UInt16($1.count + 2), big: true) + $1 }
        return jpeg.prefix(2) + all + jpeg.dropFirst(2)
    }

    private func exif(_ tiff: Data) -> Data { Data("Exif\0\0".utf8) + tiff }
    private func xmp(_ text: String) -> Data { Data("http://ns.adobe.com/xap/1.0/\0\(text)".utf8) }

    /// - Parameter isLast: puts it behind the pixels.
    private func withChunk(_ type: String, _ content: Data, isLast: Bool = false) -> Data {
        let body = Data(type.utf8) + content
        let sum = body.withUnsafeBytes { crc32(0, $0.bindMemory(to: UInt8.self).baseAddress, UInt32($0.count)) }
        let chunk = bytes(UInt32(content.count), big: true) + body + bytes(UInt32(sum), big: true)
        let place = isLast ? png.count - 12 : 33
        return png.prefix(place) + chunk + png.dropFirst(place)
    }

    private func deflated(_ data: Data) throws -> Data {
        var result = Data(count: data.count + 100)
        var size = UInt(result.count)
        let status = result.withUnsafeMutableBytes { output in
            data.withUnsafeBytes { input in
                compress(
                    output.bindMemory(to: UInt8.self).baseAddress, &size,
                    input.bindMemory(to: UInt8.self).baseAddress, UInt(input.count))
            }
        }
        try #require(status == Z_OK)
        return result.prefix(Int(size))
    }

    private func orientation(_ file: Data) throws -> Orientation { try ImageFile(file, name: "x").header.orientation }

    // MARK: JPEG

    /// Pillow takes BYTE and UNDEFINED for bytes and ASCII for text, none of which is a number.
    @Test(arguments: [true, false])
    func everyTypeOfNumber(big: Bool) throws {
        let numbers: [(type: UInt16, value: [UInt8])] = [
            (3, bytes(UInt16(6), big: big)), (4, bytes(UInt32(6), big: big)), (6, [6]),
            (8, bytes(Int16(6), big: big)), (9, bytes(Int32(6), big: big)), (13, bytes(UInt32(6), big: big)),
            (5, bytes(UInt32(12), big: big) + bytes(UInt32(2), big: big)),
            (10, bytes(UInt32(6), big: big) + bytes(UInt32(1), big: big)),
            (11, bytes(Float(6).bitPattern, big: big)), (12, bytes(Double(6).bitPattern, big: big)),
            (16, bytes(UInt64(6), big: big)),
        ]
        for (type, value) in numbers {
            let file = withSegments([exif(tiff(value, type: type, big: big))])
            #expect(try orientation(file) == .turnedLeft, "\(type)")
        }
        for type: UInt16 in [1, 2, 7, 99] {
            #expect(try orientation(withSegments([exif(tiff([6], type: type, big: big))])) == .upright, "\(type)")
        }
        for value: UInt16 in [0, 9, 262, 6 << 8] {
            #expect(try orientation(withSegments([exif(short(value, big: big))])) == .upright, "\(value)")
        }
        for value: UInt16 in 1...8 {
            #expect(try orientation(withSegments([exif(short(value, big: big))])).rawValue == UInt8(value))
        }
        let none = tiff(bytes(UInt16(6), big: big), type: 3, count: 0, big: big)
        #expect(try orientation(withSegments([exif(none)])) == .upright)
        let two = tiff(bytes(UInt16(6), big: big) + bytes(UInt16(1), big: big), type: 3, count: 2, big: big)
        #expect(try orientation(withSegments([exif(two)])) == .turnedLeft)
    }

    @Test func marksAndSegments() throws {
        #expect(try orientation(withSegments([exif(exif(short(6)))])) == .turnedLeft)
        let odd = tiff([0, 6], type: 3, big: true, mark: "MM*\0")
        #expect(try orientation(withSegments([exif(odd)])) == .turnedLeft)
        // EXIF of more than one segment.
        let whole = short(6)
        #expect(try orientation(withSegments([exif(whole.prefix(15)), exif(whole.dropFirst(15))])) == .turnedLeft)
        for length in 0..<whole.count - 6 {
            #expect(try orientation(withSegments([exif(whole.prefix(length))])) == .upright, "\(length)")
        }
    }

    @Test func xmpIsAskedWhereEXIFIsSilent() throws {
        let attribute = xmp("<x:xmpmeta><rdf:Description tiff:Orientation=\"8\"/></x:xmpmeta>")
        #expect(try orientation(withSegments([attribute])) == .turnedRight)
        let element = xmp("<tiff:OrientationOfNothing/><tiff:Orientation>3</tiff:Orientation>")
        #expect(try orientation(withSegments([element])) == .turned)
        #expect(try orientation(withSegments([xmp("<tiff:Orientation/>tiff:Orientation=")])) == .upright)
        #expect(try orientation(withSegments([attribute, exif(short(1))])) == .upright)
        #expect(try orientation(withSegments([exif(short(6)), attribute])) == .turnedLeft)
    }

    // MARK: PNG

    @Test(arguments: [false, true])
    func chunks(isLast: Bool) throws {
        #expect(try orientation(png) == .upright)
        #expect(try orientation(withChunk("eXIf", short(6, big: false), isLast: isLast)) == .turnedLeft)
        #expect(try orientation(withChunk("eXIf", exif(short(6)), isLast: isLast)) == .turnedLeft)
        let raw = exif(short(6))
        let digits = raw.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let lines = stride(from: 0, to: digits.count, by: 36).map { digits[$0...].prefix(36).joined() }
        func text(_ profile: String) -> Data {
            Data("\n\(profile)\n\("      \(raw.count)".suffix(8))\n\(lines.joined(separator: "\n"))\n".utf8)
        }
        for (keyword, profile) in [("exif", "exif"), ("APP1", "APP1"), ("APP1", "generic profile")] {
            let name = Data("Raw profile type \(keyword)\0".utf8)
            let content = text(profile)
            let plain = withChunk("tEXt", name + content, isLast: isLast)
            #expect(try orientation(plain) == .turnedLeft)
            let compressed = withChunk("zTXt", try name + [0] + deflated(content), isLast: isLast)
            #expect(try orientation(compressed) == .turnedLeft)
            #expect(try orientation(withChunk("iTXt", name + [0, 0, 0, 0] + content, isLast: isLast)) == .turnedLeft)
            let international = withChunk(
                "iTXt", try name + [1, 0] + Data("en\0x\0".utf8) + deflated(content), isLast: isLast)
            #expect(try orientation(international) == .turnedLeft)
        }
        let xml = Data("<rdf:Description tiff:Orientation=\"5\"/>".utf8)
        let name = Data("XML:com.adobe.xmp\0".utf8)
        #expect(try orientation(withChunk("iTXt", name + [0, 0, 0, 0] + xml, isLast: isLast)) == .transposed)
        // Broken profiles say nothing.
        for broken in ["", "\nexif\n", "\nexif\n 8\nzz", "\nexif\n 8\n4578696600004d4d"] {
            let chunk = withChunk("tEXt", Data("Raw profile type exif\0\(broken)".utf8), isLast: isLast)
            #expect(try orientation(chunk) == .upright)
        }
        #expect(
            try orientation(withChunk("zTXt", Data("Raw profile type exif\0\0rubbish".utf8), isLast: isLast))
                == .upright)
    }

    // MARK: WebP

    @Test func webpChunks() throws {
        func orientation(_ type: String, _ content: Data) -> Orientation {
            let chunk =
                Data(type.utf8) + bytes(UInt32(content.count), big: false) + content
                + (content.count % 2 == 1 ? [0] : [])
            let odd = Data("ICCP".utf8) + bytes(UInt32(3), big: false) + [1, 2, 3, 0]
            return Orientation(ImageMetadata(webp: Data("RIFF....WEBP".utf8) + odd + chunk))
        }
        #expect(orientation("EXIF", short(6)) == .turnedLeft)
        #expect(orientation("EXIF", exif(tiff([0, 0, 0, 3], type: 4, big: true))) == .turned)
        #expect(orientation("XMP ", Data("tiff:Orientation=\"7\" ".utf8)) == .transverse)
        #expect(orientation("VP8X", short(6)) == .upright)
    }

    /// The picture itself is turned, not only its size.
    @Test func pixelsAreTurned() throws {
        let file = try ImageFile(
            withChunk("zTXt", Data("Raw profile type exif\0".utf8) + [0] + deflated(rawProfile)), name: "x")
        let plain = try ImageFile(png, name: "x").decode(channels: 3)
        #expect(try file.decode(channels: 3) == Orientation.turnedLeft.apply(to: plain))
        #expect(file.header.size == Size(6, 4))
    }

    private var rawProfile: Data {
        let raw = exif(short(6))
        return Data("\nexif\n      32\n\(raw.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())\n".utf8)
    }
}
