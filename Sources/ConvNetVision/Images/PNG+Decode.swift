import CPNG
import Foundation

extension PNG {
    /// Decodes a PNG file of any kind: grey, RGB, palette, with or without alpha, 1 to 16 bits, interlaced or not.
    ///
    /// - 16-bit samples are scaled to 8 bits.
    /// - Transparency is composited on white.
    /// - Colours become grey by the formula of ITU-R BT.601 in the integers that Pillow uses, so that a network trained
    ///   on images prepared with Pillow sees the same pixels.
    /// - A file that declares a gamma other than that of sRGB is converted by libpng; Pillow ignores the declaration.
    ///
    /// - Parameters:
    ///   - data: The content of the file.
    ///   - channels: 1 for a grey image, 3 for RGB, whatever the file holds.
    ///   - name: What error messages call the image, usually its path.
    /// - Throws: `ImageError` where the data is not a whole, valid PNG file of at most `pixelLimit` pixels.
    public static func decode(_ data: Data, channels: Int, name: String) throws(ImageError) -> Image {
        guard channels == 1 || channels == 3 else {
            throw .unsupportedChannels(name: name, channels: channels)
        }
        guard isPNG(data) else { throw .notPNG(name: name) }
        try checkIsComplete(data, name: name)
        let (width, height) = try readSize(data, name: name)
        let rgba = try decodeRGBA(data, width: width, height: height, name: name)
        let pixels = channels == 1 ? grey(fromRGBA: rgba) : rgb(fromRGBA: rgba)
        return Image(channels: channels, height: height, width: width, pixels: pixels)
    }

    /// Decodes a PNG file; see ``decode(_:channels:name:)``.
    ///
    /// - Throws: `DatasetError` where the file cannot be read, `ImageError` where it is not a whole, valid PNG file.
    public static func decode(contentsOf url: URL, channels: Int) throws -> Image {
        try decode(readFile(url), channels: channels, name: url.relativePath)
    }

    private static func readSize(_ data: Data, name: String) throws(ImageError) -> (width: Int, height: Int) {
        var width: UInt32 = 0
        var height: UInt32 = 0
        var message = MessageBuffer()
        let isRead = data.withUnsafeBytes { bytes in
            cpng_read_size(
                bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &width, &height, &message.characters)
        }
        guard isRead else { throw .corrupt(name: name, reason: message.text) }
        // Both are at most 2³¹ - 1 in the format, so that the product cannot overflow.
        let pixelCount = Int(width) * Int(height)
        guard pixelCount <= pixelLimit else {
            throw .tooLarge(name: name, width: Int(width), height: Int(height), limit: pixelLimit)
        }
        // Deflate shrinks data at most 1032 times and a pixel takes at least one bit: below that ratio the pixels
        // cannot be there, and a small file is rejected before memory is reserved for a large image.
        guard pixelCount / (8 * 1032) <= data.count else {
            throw .corrupt(name: name, reason: "\(width)×\(height) pixels do not fit into \(data.count) bytes")
        }
        return (Int(width), Int(height))
    }

    private static func decodeRGBA(_ data: Data, width: Int, height: Int, name: String) throws(ImageError) -> [UInt8] {
        var message = MessageBuffer()
        var isDecoded = false
        let rgba = [UInt8](unsafeUninitializedCapacity: width * height * 4) { pixels, count in
            isDecoded = data.withUnsafeBytes { bytes in
                cpng_decode_rgba(
                    bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, UInt32(width), UInt32(height),
                    pixels.baseAddress, &message.characters)
            }
            count = isDecoded ? pixels.count : 0
        }
        guard isDecoded else { throw .corrupt(name: name, reason: message.text) }
        return rgba
    }
}

// MARK: - Pixels

/// Composites a sample on white, rounding to nearest.
private func onWhite(_ sample: UInt8, alpha: UInt8) -> UInt8 {
    let (sample, alpha) = (UInt32(sample), UInt32(alpha))
    return UInt8((sample * alpha + 255 * (255 - alpha) + 127) / 255)
}

private func rgb(fromRGBA rgba: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: rgba.count / 4 * 3) { pixels, count in
        count = pixels.count
        for pixel in 0..<rgba.count / 4 {
            let alpha = rgba[pixel * 4 + 3]
            for channel in 0..<3 {
                pixels[pixel * 3 + channel] = onWhite(rgba[pixel * 4 + channel], alpha: alpha)
            }
        }
    }
}

private func grey(fromRGBA rgba: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: rgba.count / 4) { pixels, count in
        count = pixels.count
        for pixel in 0..<rgba.count / 4 {
            let alpha = rgba[pixel * 4 + 3]
            let red = UInt32(onWhite(rgba[pixel * 4], alpha: alpha))
            let green = UInt32(onWhite(rgba[pixel * 4 + 1], alpha: alpha))
            let blue = UInt32(onWhite(rgba[pixel * 4 + 2], alpha: alpha))
            // 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point; the factors add up to 2¹⁶, so that grey stays grey.
            pixels[pixel] = UInt8((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16)
        }
    }
}
