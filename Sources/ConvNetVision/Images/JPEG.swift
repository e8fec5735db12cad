import CJPEG
import Foundation

/// Reading JPEG with libjpeg-turbo, by the slow integer transform and with smooth upsampling: its own defaults, and Pillow's.
enum JPEG {
    static func header(_ data: Data, name: String) throws(ImageError) -> ImageHeader {
        var header = cjpeg_header()
        try call(data, name: name).run { cjpeg_read_header($0, $1, &header, $2) }
        let pixels = Int(header.width) * Int(header.height)
        return ImageHeader(
            format: .jpeg, storedHeight: Int(header.height), storedWidth: Int(header.width),
            orientation: Orientation(ImageMetadata(jpeg: data)), isGrey: header.channels == 1, isCMYK: header.channels == 4,
            decodedBytes: pixels * (Int(header.channels) + (header.is_progressive ? 2 * Int(header.components) : 0)))
    }

    /// A rectangle of the image as it is stored: 1, 3 or 4 channels.
    ///
    /// - Parameters:
    ///   - region: in pixels of the reduced image.
    ///   - reduction: what the size is divided by, and rounded up: 1, 2, 4 or 8. What is smaller takes less time.
    static func decode(
        _ data: Data, header: ImageHeader, region: ImageRegion, reduction: Int = 1, name: String
    ) throws(ImageError) -> Image {
        let channels = header.isGrey ? 1 : header.isCMYK ? 4 : 3
        let wanted = cjpeg_region(
            left: UInt32(region.left), top: UInt32(region.top), width: UInt32(region.width),
            height: UInt32(region.height))
        let pixels = try call(data, name: name).samples(region.height * region.width * channels) {
            cjpeg_decode($0, $1, UInt32(reduction), wanted, $2, $3)
        }
        return Image(channels: channels, height: region.height, width: region.width, pixels: pixels)
    }

    private static func call(_ data: Data, name: String) -> DecoderCall {
        DecoderCall(data: data, format: .jpeg, name: name, messageSize: CJPEG_MESSAGE_SIZE)
    }
}
