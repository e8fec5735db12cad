import CPNG
import ConvNetTraining
import Foundation

extension PNG {
    /// - Parameter wholeSize: the file's, in bytes, where `data` is not all of it.
    static func header(_ data: Data, wholeSize: Int? = nil, name: String) throws(ImageError) -> ImageHeader {
        if wholeSize == nil { try checkIsComplete(data, name: name) }
        var header = cpng_header()
        try call(data, name: name).run { cpng_read_header($0, $1, &header, $2) }
        let (width, height) = (Int(header.width), Int(header.height))
        // Both are at most 2³¹ - 1 in the format, so that the product cannot overflow.
        let pixels = width * height
        let (bytes, overflow) = pixels.multipliedReportingOverflow(
            by: (Int(header.channels) + (header.has_alpha ? 1 : 0)) * (header.is_interlaced ? 2 : 1))
        // Deflate shrinks data at most 1032 times and a pixel takes at least one bit: below that ratio the pixels
        // cannot be there, and a small file is rejected before memory is reserved for a large image.
        let size = wholeSize ?? data.count
        if !overflow, bytes <= ImageFile.memoryLimit, pixels / (8 * 1032) > size {
            throw .corrupt(name: name, format: .png, reason: "\(width)×\(height) pixels do not fit into \(size) bytes")
        }
        return ImageHeader(
            format: .png, storedHeight: height, storedWidth: width, orientation: Orientation(ImageMetadata(png: data)),
            isGrey: header.channels == 1, hasAlpha: header.has_alpha, bitDepth: Int(header.bit_depth),
            decodedBytes: overflow ? .max : bytes)
    }

    /// A rectangle of the image: 1 or 3 channels, transparency on `background`.
    static func decode(
        _ data: Data, header: ImageHeader, region: ImageRegion, background: Background, name: String
    ) throws(ImageError) -> Image {
        let channels = header.isGrey ? 1 : 3
        let wanted = cpng_region(
            left: UInt32(region.left), top: UInt32(region.top), width: UInt32(region.width),
            height: UInt32(region.height))
        let samples = region.height * region.width * (channels + (header.hasAlpha ? 1 : 0))
        let pixels = try call(data, name: name).samples(samples) { cpng_decode($0, $1, wanted, $2, $3) }
        return Image(
            channels: channels, height: region.height, width: region.width,
            pixels: header.hasAlpha ? background.composite(pixels, channels: channels) : pixels)
    }

    private static func call(_ data: Data, name: String) -> DecoderCall {
        DecoderCall(data: data, format: .png, name: name, messageSize: CPNG_MESSAGE_SIZE)
    }
}
