import CPixels
import ConvNetGraph

/// A decoded picture: 8-bit samples in the order of image files, interleaved H×W×C.
///
///     let red = image.pixels[(row * image.width + column) * image.channels]
///
/// Networks take C×H×W; ``Preprocessing`` reorders the samples while it makes them floats.
public struct Image: Equatable, Sendable {
    /// 1 for grey, 3 for red, green and blue.
    public var channels: Int

    /// The number of rows.
    public var height: Int

    /// The number of columns.
    public var width: Int

    /// The samples, `height * width * channels` of them: rows from the top, pixels from the left, channels innermost.
    public var pixels: [UInt8]

    /// - Parameter pixels: `height * width * channels` samples, interleaved.
    public init(channels: Int, height: Int, width: Int, pixels: [UInt8]) {
        self.channels = channels
        self.height = height
        self.width = width
        self.pixels = pixels
    }
}

extension Image {
    /// Height and width.
    public var size: Size { Size(height, width) }

    /// The samples as networks take them: C×H×W, 0 ... 1.
    public var planes: [Float] {
        [Float](unsafeUninitializedCapacity: pixels.count) { planes, count in
            copyPlanes(to: planes)
            count = pixels.count
        }
    }

    /// Writes the samples as networks take them: C×H×W, each byte divided by `divisor`.
    package func copyPlanes(to destination: UnsafeMutableBufferPointer<Float>, divisor: Float = 255) {
        precondition(destination.count >= pixels.count && (channels == 1 || channels == 3))
        guard divisor != 255 else {
            return pixels.withUnsafeBufferPointer {
                cpix_planes($0.baseAddress, height * width, channels, destination.baseAddress)
            }
        }
        let values = (0...255).map { Float($0) / divisor }
        let area = height * width
        for channel in 0..<channels {
            for pixel in 0..<area {
                destination[channel * area + pixel] = values[Int(pixels[pixel * channels + channel])]
            }
        }
    }
}

extension Image {
    /// The pixels of a rectangle within the image.
    public func cropped(to region: ImageRegion) -> Image {
        if region == ImageRegion(top: 0, left: 0, height: height, width: width) { return self }
        let (row, length) = (width * channels, region.width * channels)
        let pixels = [UInt8](unsafeUninitializedCapacity: region.height * length) { result, count in
            count = region.height * length
            for y in 0..<region.height {
                let start = (region.top + y) * row + region.left * channels
                _ = UnsafeMutableBufferPointer(rebasing: result[y * length..<(y + 1) * length])
                    .update(fromContentsOf: self.pixels[start..<start + length])
            }
        }
        return Image(channels: channels, height: region.height, width: region.width, pixels: pixels)
    }
}
