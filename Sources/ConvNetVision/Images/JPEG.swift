import CJPEG
import ConvNetTraining
import Foundation

/// Reading JPEG with libjpeg-turbo, by the slow integer transform and with smooth upsampling: its own defaults, and Pillow's.
enum JPEG {
    static func header(_ data: Data, name: String) throws(ImageError) -> ImageHeader {
        for segment in JPEGSegments(data) {
            guard let format = ForeignFormat(jpegSegment: segment.marker, segment.content) else { continue }
            throw .unsupportedFormat(name: name, kind: format.kind, advice: format.advice)
        }
        var header = cjpeg_header()
        try call(data, name: name).run { cjpeg_read_header($0, $1, &header, $2) }
        let pixels = Int(header.width) * Int(header.height)
        return ImageHeader(
            format: .jpeg, storedHeight: Int(header.height), storedWidth: Int(header.width),
            orientation: Orientation(ImageMetadata(jpeg: data)), isGrey: header.channels == 1,
            isCMYK: header.channels == 4,
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

extension ForeignFormat {
    /// The kinds of JPEG (ISO/IEC 10918-1, table B.1, and 14495-1) that libjpeg does not decode, by the segment that begins the
    /// frame; nil for others.
    fileprivate init?(jpegSegment marker: UInt8, _ content: Data) {
        switch marker {
        case 0xF7:
            self.init("a JPEG-LS image", "ffmpeg -i in.jls out.png", package: "ffmpeg")
        case 0xC3, 0xCB:
            self.init("a lossless JPEG image", "ffmpeg -i in.jpg out.png", package: "ffmpeg")
        case 0xC5...0xC7, 0xCD...0xCF, 0xDE:
            self.init(kind: "a hierarchical JPEG image", advice: "Save it as PNG with the program that wrote it.")
        case 0xC0...0xC2, 0xC9, 0xCA:
            // Precision, height in two bytes, width in two bytes, components.
            let frame = Array(content.prefix(6))
            guard frame.count == 6 else { return nil }
            if frame[0] == 12 {
                self.init(
                    kind: "a JPEG image with 12 bits a sample",
                    advice:
                        "Convert it by djpeg of libjpeg-turbo 3 or later, 'djpeg -outfile out.ppm in.jpg', and then "
                        + "'convert out.ppm out.png' (package imagemagick).")
            } else if frame[1] == 0, frame[2] == 0 {
                self.init(
                    "a JPEG image whose height stands behind its pixels", "ffmpeg -i in.jpg out.png", package: "ffmpeg")
            } else if frame[5] == 2 || frame[5] > 4 {
                self.init(
                    kind: "a JPEG image of \(frame[5]) components a pixel",
                    advice: "Save it as grey, RGB or CMYK with the program that wrote it.")
            } else {
                return nil
            }
        default: return nil
        }
    }
}
