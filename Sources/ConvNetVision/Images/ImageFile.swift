import ConvNetCore
import Foundation

/// An encoded image, of which the header has been read.
///
///     let photo = try ImageFile(contentsOf: URL(filePath: "photo.jpg"))
///     print(photo.header.size)                            // 375×500
///     let image = try photo.decode(channels: 3)
///
/// Decoded pixels are those that Pillow gives, with three exceptions: images are turned upright as EXIF says, transparency is
/// composited on white, and samples of 16 bits are scaled to 8. Of an animation it is the first picture.
public struct ImageFile: Sendable {
    /// The most memory that decoding one image may take, 1 GiB. A file of a few bytes can promise 2⁶² pixels; memory must not
    /// be reserved for them.
    public static let memoryLimit = 1 << 30

    /// What messages call the image, usually its path.
    public let name: String

    /// What the file says of itself.
    public let header: ImageHeader

    private let data: Data

    /// Reads the header of a file's content.
    ///
    /// - Throws: ``ImageError`` where it is of no format that is decoded, ends early, or has too many pixels.
    public init(_ data: Data, name: String) throws(ImageError) {
        self.name = name
        self.data = data
        switch ImageSignature(data) {
        case .decodable(.jpeg): header = try JPEG.header(data, name: name)
        case .decodable(.png): header = try PNG.header(data, name: name)
        case .decodable(.webp): header = try WebP.header(data, name: name)
        case .foreign(let format):
            throw .unsupportedFormat(name: name, kind: format.kind, advice: format.advice)
        case .unknown: throw data.isEmpty ? .empty(name: name) : .notAnImage(name: name)
        }
        guard header.decodedBytes <= Self.memoryLimit else {
            throw .tooLarge(name: name, width: header.storedWidth, height: header.storedHeight)
        }
    }

    /// Reads a file and its header.
    ///
    /// - Throws: `DatasetError` where the file cannot be read, ``ImageError`` as ``init(_:name:)``.
    public init(contentsOf url: URL) throws {
        try self.init(readFile(url), name: url.relativePath)
    }

    /// Decodes the image, turned upright.
    ///
    /// - Parameter channels: 1 for grey, 3 for RGB, whatever the file holds. Colours become grey by the formula of ITU-R
    ///   BT.601 in the integers that Pillow uses.
    /// - Throws: ``ImageError`` where the file is broken.
    public func decode(channels: Int) throws(ImageError) -> Image {
        try decode(channels: channels, region: ImageRegion(all: header.size), obeysOrientation: true)
    }

    /// Decodes a part of the image: the pixels that the whole has there.
    ///
    /// - Parameters:
    ///   - region: within the image as it is turned, in pixels of the reduced image.
    ///   - obeysOrientation: whether to turn the image as the file says.
    ///   - reduction: one of ``reductions(obeyingOrientation:)``.
    public func decode(
        channels: Int, region: ImageRegion, obeysOrientation: Bool, reduction: Int = 1
    ) throws(ImageError) -> Image {
        let orientation = obeysOrientation ? header.orientation : .upright
        let stored = orientation.stored(region, height: header.storedHeight, width: header.storedWidth)
        let image =
            switch header.format {
            case .jpeg: try JPEG.decode(data, header: header, region: stored, reduction: reduction, name: name)
            case .png: try PNG.decode(data, header: header, region: stored, name: name)
            case .webp: try WebP.decode(data, header: header, region: stored, name: name)
            }
        return orientation.apply(to: try image.withChannels(channels, name: name))
    }
}

extension ImageFile: ImageSource {
    public func size(obeyingOrientation: Bool) -> Size { header.size(obeying: obeyingOrientation) }

    /// A JPEG file can be decoded at a part of its size. Where it is to be turned too, halves of pixels would come into play.
    public func reductions(obeyingOrientation: Bool) -> [Int] {
        header.format == .jpeg && !(obeyingOrientation && header.orientation != .upright) ? [8, 4, 2, 1] : [1]
    }
}

// MARK: - Channels

extension Image {
    /// From 1, 3 or, as JPEG has CMYK, 4 channels to 1 or 3.
    func withChannels(_ wanted: Int, name: String) throws(ImageError) -> Image {
        guard wanted == 1 || wanted == 3 else { throw .unsupportedChannels(name: name, channels: wanted) }
        if channels == wanted { return self }
        let colour = channels == 4 ? rgbFromInks : self
        if colour.channels == wanted { return colour }
        return wanted == 1 ? colour.grey : colour.rgb
    }

    private func map(channels wanted: Int, _ body: (_ pixel: Int, _ result: Int, _ pixels: inout [UInt8]) -> Void)
        -> Image
    {
        var result = [UInt8](repeating: 0, count: height * width * wanted)
        for pixel in 0..<height * width { body(pixel * channels, pixel * wanted, &result) }
        return Image(channels: wanted, height: height, width: width, pixels: result)
    }

    private var grey: Image {
        map(channels: 1) { pixel, result, grey in
            let (red, green, blue) = (UInt32(pixels[pixel]), UInt32(pixels[pixel + 1]), UInt32(pixels[pixel + 2]))
            grey[result] = Self.luma(red: red, green: green, blue: blue)
        }
    }

    /// 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point; the factors add up to 2¹⁶, so that grey stays grey.
    @inline(__always)
    static func luma(red: UInt32, green: UInt32, blue: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: (red &* 19595 &+ green &* 38470 &+ blue &* 7471 &+ 0x8000) >> 16)
    }

    private var rgb: Image {
        map(channels: 3) { pixel, result, rgb in
            for channel in 0..<3 { rgb[result + channel] = pixels[pixel] }
        }
    }

    /// Red is (255 − C)(255 − K) / 255, and the others alike. JPEG files hold 255 − C and so on.
    private var rgbFromInks: Image {
        map(channels: 3) { pixel, result, rgb in
            let black = UInt32(pixels[pixel + 3])
            for channel in 0..<3 {
                // C·(255 − K) / 255 as Pillow rounds it, taken from 255 − K.
                let ink = (255 - UInt32(pixels[pixel + channel])) * black + 128
                rgb[result + channel] = UInt8(clamping: Int(black) - Int(((ink >> 8) + ink) >> 8))
            }
        }
    }
}
