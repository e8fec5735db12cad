import CJPEG
import Foundation

/// Reading JPEG with libjpeg-turbo, by the slow integer transform and with smooth upsampling: its own defaults, and Pillow's.
enum JPEG {
    static func header(_ data: Data, name: String) throws(ImageError) -> ImageHeader {
        var header = cjpeg_header()
        var message = MessageBuffer(size: CJPEG_MESSAGE_SIZE)
        let status = data.withUnsafeBytes { bytes in
            cjpeg_read_header(
                bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &header, &message.characters)
        }
        try check(status, message, name: name)
        let pixels = Int(header.width) * Int(header.height)
        return ImageHeader(
            format: .jpeg, storedHeight: Int(header.height), storedWidth: Int(header.width),
            orientation: Orientation(jpeg: data), isGrey: header.channels == 1, isCMYK: header.channels == 4,
            decodedBytes: pixels * (Int(header.channels) + (header.is_progressive ? 2 * Int(header.components) : 0)))
    }

    /// A rectangle of the image as it is stored, reduced to `eighths` eighths: 1, 3 or 4 channels.
    ///
    /// - Parameter region: of the reduced image.
    static func decode(
        _ data: Data, header: ImageHeader, region: ImageRegion, eighths: Int, name: String
    ) throws(ImageError) -> Image {
        let channels = header.isGrey ? 1 : header.isCMYK ? 4 : 3
        let wanted = cjpeg_region(
            eighths: UInt32(eighths), left: UInt32(region.left), top: UInt32(region.top), width: UInt32(region.width),
            height: UInt32(region.height))
        var message = MessageBuffer(size: CJPEG_MESSAGE_SIZE)
        var status = cjpeg_ok
        let size = region.height * region.width * channels
        let pixels = [UInt8](unsafeUninitializedCapacity: size) { pixels, count in
            status = data.withUnsafeBytes { bytes in
                cjpeg_decode(
                    bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, wanted, pixels.baseAddress,
                    &message.characters)
            }
            count = status == cjpeg_ok ? size : 0
        }
        try check(status, message, name: name)
        return Image(channels: channels, height: region.height, width: region.width, pixels: pixels)
    }

    private static func check(_ status: cjpeg_status, _ message: MessageBuffer, name: String) throws(ImageError) {
        switch status {
        case cjpeg_ok: break
        case cjpeg_truncated: throw .truncated(name: name, format: .jpeg)
        default: throw .corrupt(name: name, format: .jpeg, reason: message.text)
        }
    }

    /// Half, a quarter and an eighth of the sizes, which libjpeg-turbo has fast transforms for.
    static func reduced(_ size: Int, eighths: Int) -> Int { Int(cjpeg_reduced(UInt32(size), UInt32(eighths))) }
}
