import ConvNetTraining
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

// MARK: - What files say

extension Orientation {
    /// What EXIF says or, where it has no such tag, XMP; `.upright` where neither does, or nothing that can be read.
    init(_ metadata: ImageMetadata) {
        let value = metadata.exif.flatMap(Self.value(ofTIFF:)) ?? metadata.xmp.flatMap(Self.value(ofXMP:)) ?? 1
        self = Self(rawValue: UInt8(clamping: value)) ?? .upright
    }

    /// What the first directory of a TIFF structure has under the tag 0x0112, whatever type of number it is written as; 0 for
    /// what is no number, nil where there is no such tag. As for Pillow, bytes without a sign are text.
    private static func value(ofTIFF data: Data) -> Int? {
        var data = data
        // The mark of a JPEG file's segment, which some programs write in other formats, too.
        while let rest = data.dropping("Exif\0\0") { data = rest }
        let bytes = Array(data.prefix(1 << 17))
        let isBigEndian = bytes.starts(with: "MM".utf8)
        guard ["MM\0*", "MM*\0", "II*\0", "II\0*"].contains(where: { bytes.starts(with: $0.utf8) }) else { return nil }
        func number(_ size: Int, at offset: Int) -> UInt64? {
            guard offset >= 0, offset + size <= bytes.count else { return nil }
            let digits = bytes[offset..<offset + size]
            return (isBigEndian ? Array(digits) : digits.reversed()).reduce(0) { $0 << 8 | UInt64($1) }
        }
        func value(ofEntryAt start: Int) -> Int? {
            guard let type = number(2, at: start + 2), let count = number(4, at: start + 4), count > 0 else { return 0 }
            let sizes: [UInt64: Int] = [3: 2, 4: 4, 5: 8, 6: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8]
            guard let size = sizes[type] else { return 0 }
            // What does not fit into four bytes lies elsewhere.
            let isNear = UInt64(size) * count <= 4
            guard let offset = isNear ? start + 8 : number(4, at: start + 8).map({ Int($0) }),
                let value = number(size, at: offset)
            else { return 0 }
            switch type {
            case 5, 10:
                guard let numerator = number(4, at: offset), let denominator = number(4, at: offset + 4),
                    denominator > 0, numerator.isMultiple(of: denominator)
                else { return 0 }
                return Int(numerator / denominator)
            case 11: return Int(exactly: Float(bitPattern: UInt32(value))) ?? 0
            case 12: return Int(exactly: Double(bitPattern: value)) ?? 0
            default: return Int(clamping: value)
            }
        }
        guard let directory = number(4, at: 4), let entries = number(2, at: Int(directory)) else { return nil }
        let starts = (0..<Int(entries)).map { Int(directory) + 2 + 12 * $0 }
        return starts.last { number(2, at: $0) == 0x0112 }.flatMap(value(ofEntryAt:))
    }

    /// `tiff:Orientation`, as an attribute or as an element, and its digit.
    private static func value(ofXMP text: Data) -> Int? {
        let name = Data("tiff:Orientation".utf8)
        var rest = text
        while let found = rest.range(of: name) {
            rest = rest[found.upperBound...]
            let value = rest.dropping("=\"") ?? rest.dropping(">")
            if let digit = value?.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
                return Int(digit - UInt8(ascii: "0"))
            }
        }
        return nil
    }
}
