import CPNG
import ConvNetTraining
import Foundation

extension PNG {
    /// Encodes an image as an 8-bit PNG file: grey for 1 channel, RGB for 3.
    ///
    /// - Throws: `ImageError.inconsistentSizes` where the image does not hold as many samples as its sizes say or has
    ///   a number of channels other than 1 and 3, `.notEncoded` beyond `pixelLimit` and where libpng fails.
    public static func encode(_ image: Image) throws(ImageError) -> Data {
        let (pixelCount, overflow) = image.height.multipliedReportingOverflow(by: image.width)
        guard !overflow, pixelCount <= pixelLimit else {
            throw .notEncoded(reason: "\(image.width)×\(image.height) pixels are more than \(pixelLimit)")
        }
        guard image.channels == 1 || image.channels == 3, image.height > 0, image.width > 0,
            image.pixels.count == pixelCount * image.channels
        else {
            throw .inconsistentSizes(
                channels: image.channels, height: image.height, width: image.width, samples: image.pixels.count)
        }
        let (width, height, channels) = (UInt32(image.width), UInt32(image.height), UInt32(image.channels))
        var message = MessageBuffer(size: CPNG_MESSAGE_SIZE)
        var data = Data(count: cpng_encoded_size_bound(width, height, channels))
        var size = data.count
        let isEncoded = data.withUnsafeMutableBytes { bytes in
            cpng_encode(
                image.pixels, width, height, channels, bytes.bindMemory(to: UInt8.self).baseAddress, &size,
                &message.characters)
        }
        guard isEncoded else { throw .notEncoded(reason: message.text) }
        return data.prefix(size)
    }
}
