import Foundation

/// How an image has to be turned to stand upright, as EXIF's tag 0x0112 counts it (JEITA CP-3451, section 4.6.4).
public enum Orientation: UInt8, CaseIterable, Codable, Sendable {
    /// As it is.
    case upright = 1
    /// Left and right are exchanged.
    case mirrored
    /// Upside down.
    case turned
    /// Top and bottom are exchanged.
    case flipped
    /// Rows are columns.
    case transposed
    /// To be turned right by 90°.
    case turnedLeft
    /// Rows are columns, from the bottom right.
    case transverse
    /// To be turned left by 90°.
    case turnedRight

    /// Whether rows of the file are columns of the upright image.
    var transposes: Bool { rawValue >= 5 }
    private var flipsRows: Bool { [.turned, .flipped, .turnedLeft, .transverse].contains(self) }
    private var flipsColumns: Bool { [.mirrored, .turned, .transverse, .turnedRight].contains(self) }

    /// Where a region of the upright image lies in the file's.
    ///
    /// - Parameters:
    ///   - height, width: those of the file's image.
    func stored(_ region: ImageRegion, height: Int, width: Int) -> ImageRegion {
        var stored = region
        if transposes {
            stored = ImageRegion(
                top: region.left, left: region.top, height: region.width, width: region.height)
        }
        if flipsRows { stored.top = height - stored.top - stored.height }
        if flipsColumns { stored.left = width - stored.left - stored.width }
        return stored
    }

    /// Turns what the file holds upright.
    func apply(to image: Image) -> Image {
        if self == .upright { return image }
        let (height, width, channels) = (image.height, image.width, image.channels)
        let (rows, columns) = transposes ? (width, height) : (height, width)
        let pixels = [UInt8](unsafeUninitializedCapacity: image.pixels.count) { pixels, count in
            count = image.pixels.count
            var position = 0
            for y in 0..<rows {
                for x in 0..<columns {
                    let row = transposes ? x : y
                    let column = transposes ? y : x
                    let source =
                        ((flipsRows ? height - 1 - row : row) * width + (flipsColumns ? width - 1 - column : column))
                        * channels
                    for channel in 0..<channels { pixels[position + channel] = image.pixels[source + channel] }
                    position += channels
                }
            }
        }
        return Image(channels: channels, height: rows, width: columns, pixels: pixels)
    }
}

// MARK: - EXIF

extension Orientation {
    /// What a JPEG file says; `.upright` where it says nothing, or nothing that can be read.
    init(jpeg data: Data) {
        self = Self.jpegSegment(data).flatMap(Self.init(tiff:)) ?? .upright
    }

    /// What a PNG file says in its chunk `eXIf`.
    init(png data: Data) {
        self = PNG.chunk("eXIf", in: data).flatMap(Self.init(tiff:)) ?? .upright
    }

    /// What a WebP file says in its chunk `EXIF`.
    init(webp data: Data) {
        self = Self.webpChunk(data).flatMap(Self.init(tiff:)) ?? .upright
    }

    private static func webpChunk(_ data: Data) -> Data? {
        var rest = data.dropFirst(12)
        // A chunk is a name, a length in four bytes, the smallest first, and so many bytes, made even.
        while rest.count >= 8 {
            let start = rest.startIndex
            let length = (0..<4).reduce(0) { $0 | Int(rest[start + 4 + $1]) << (8 * $1) }
            if rest.starts(with: Array("EXIF".utf8)) {
                let content = rest.dropFirst(8).prefix(length)
                return content.starts(with: Array("Exif\0\0".utf8)) ? content.dropFirst(6) : content
            }
            rest = rest.dropFirst(8 + length + length % 2)
        }
        return nil
    }

    /// The TIFF header and directory in the first segment APP1 that has them.
    private static func jpegSegment(_ data: Data) -> Data? {
        var rest = data.dropFirst(2)
        // A segment is 0xFF, its marker, and a length of two bytes that counts itself.
        while rest.count >= 4, rest[rest.startIndex] == 0xFF {
            let marker = rest[rest.startIndex + 1]
            if marker == 0xFF {
                rest = rest.dropFirst()
                continue
            }
            // The pixels begin.
            if marker == 0xDA || marker == 0xD9 { return nil }
            let length = Int(rest[rest.startIndex + 2]) << 8 | Int(rest[rest.startIndex + 3])
            let content = rest.dropFirst(4).prefix(max(0, length - 2))
            if marker == 0xE1, content.starts(with: Array("Exif\0\0".utf8)) { return content.dropFirst(6) }
            rest = rest.dropFirst(2 + max(2, length))
        }
        return nil
    }

    /// The orientation in the first directory of a TIFF structure.
    private init?(tiff: Data) {
        let bytes = Array(tiff.prefix(1 << 16))
        let isBigEndian = bytes.starts(with: Array("MM\0*".utf8))
        guard isBigEndian || bytes.starts(with: Array("II*\0".utf8)) else { return nil }
        func number(_ size: Int, at offset: Int) -> Int? {
            guard offset >= 0, offset + size <= bytes.count else { return nil }
            let digits = bytes[offset..<offset + size]
            return (isBigEndian ? Array(digits) : digits.reversed()).reduce(0) { $0 << 8 | Int($1) }
        }
        guard let directory = number(4, at: 4), let entries = number(2, at: directory) else { return nil }
        for entry in 0..<entries {
            let start = directory + 2 + 12 * entry
            guard let tag = number(2, at: start) else { return nil }
            if tag == 0x0112, let value = number(2, at: start + 8) {
                self.init(rawValue: UInt8(clamping: value))
                return
            }
        }
        return nil
    }
}
