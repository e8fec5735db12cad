import CWebP
import ConvNetTraining
import Foundation

/// Reading WebP, where the package was built with libwebp.
enum WebP {
    static var isAvailable: Bool { cwebp_is_available() }

    static func header(_ data: Data, name: String) throws(ImageError) -> ImageHeader {
        var header = cwebp_header()
        try call(data, name: name).run { cwebp_read_header($0, $1, &header, $2) }
        let (width, height) = (Int(header.width), Int(header.height))
        return ImageHeader(
            format: .webp, storedHeight: height, storedWidth: width,
            orientation: Orientation(ImageMetadata(webp: data)),
            isGrey: false, hasAlpha: header.has_alpha,
            // The decoder keeps a picture of its own in planes, and is asked for all of it.
            decodedBytes: width * height * (header.has_alpha ? 8 : 6))
    }

    /// A rectangle of the image in 3 channels, transparency on `background`.
    static func decode(
        _ data: Data, header: ImageHeader, region: ImageRegion, background: Background, name: String
    ) throws(ImageError) -> Image {
        let (height, width) = (header.storedHeight, header.storedWidth)
        let pixels = try call(data, name: name).samples(height * width * (header.hasAlpha ? 4 : 3)) {
            cwebp_decode($0, $1, $2, $3)
        }
        return Image(
            channels: 3, height: height, width: width,
            pixels: header.hasAlpha ? background.composite(pixels, channels: 3) : pixels
        ).cropped(to: region)
    }

    private static func call(_ data: Data, name: String) -> DecoderCall {
        DecoderCall(data: data, format: .webp, name: name, messageSize: CWEBP_MESSAGE_SIZE)
    }
}
