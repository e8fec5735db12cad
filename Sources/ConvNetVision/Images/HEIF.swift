import CHEIF
import ConvNetTraining
import Foundation

/// Reading HEIC, where the package was built with libheif.
enum HEIF {
    static var isAvailable: Bool { cheif_is_available() }

    static func header(_ data: Data, name: String) throws(ImageError) -> ImageHeader {
        var header = cheif_header()
        try call(data, name: name).run { cheif_read_header($0, $1, &header, $2) }
        let (width, height) = (Int(header.width), Int(header.height))
        return ImageHeader(
            format: .heic, storedHeight: height, storedWidth: width,
            // libheif turns pictures itself, as boxes of the format say; EXIF repeats what these say.
            orientation: .upright,
            isGrey: false, hasAlpha: header.has_alpha,
            // The decoder keeps the picture in planes of two bytes and in pixels, and is asked for all of it.
            decodedBytes: width * height * (header.has_alpha ? 16 : 12))
    }

    /// A rectangle of the image in 3 channels, transparency on `background`.
    static func decode(
        _ data: Data, header: ImageHeader, region: ImageRegion, background: Background, name: String
    ) throws(ImageError) -> Image {
        let (height, width) = (header.storedHeight, header.storedWidth)
        var known = cheif_header(width: UInt32(width), height: UInt32(height), has_alpha: header.hasAlpha)
        let pixels = try call(data, name: name).samples(height * width * (header.hasAlpha ? 4 : 3)) {
            cheif_decode($0, $1, &known, $2, $3)
        }
        return Image(
            channels: 3, height: height, width: width,
            pixels: header.hasAlpha ? background.composite(pixels, channels: 3) : pixels
        ).cropped(to: region)
    }

    private static func call(_ data: Data, name: String) -> DecoderCall {
        DecoderCall(data: data, format: .heic, name: name, messageSize: CHEIF_MESSAGE_SIZE)
    }
}
