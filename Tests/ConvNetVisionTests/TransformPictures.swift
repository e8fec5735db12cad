import ConvNetGraph
import ConvNetTraining

@testable import ConvNetVision

/// Small pictures that the tests of transforms share.
enum TransformPictures {
    /// 4 rows, 5 columns, red, green and blue.
    static let colour = Image(channels: 3, height: 4, width: 5, pixels: bytes(60))

    /// 4 rows, 5 columns.
    static let grey = Image(channels: 1, height: 4, width: 5, pixels: bytes(20))

    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { (i: Int) in UInt8(truncatingIfNeeded: i * 37 + i * i % 91) }
    }

    /// All pixels alike.
    static func uniform(_ pixel: [UInt8], height: Int = 1, width: Int = 1) -> Image {
        Image(
            channels: pixel.count, height: height, width: width,
            pixels: (0..<height * width).flatMap { _ in pixel })
    }
}

extension ImageTransform {
    /// The result for one seed.
    func apply(to image: Image, seed: Int) -> Image {
        var random = SampleRandom(seed: UInt64(seed), sample: 3, epoch: 1)
        return apply(to: image, random: &random)
    }
}
