import ConvNetGraph
import ConvNetTraining

/// Exchanges left and right, or not.
///
/// For images of things that come both ways; digits and letters do not.
public struct HorizontalFlip: ImageTransform {
    /// Of a flip, 0 ... 1.
    public var probability: Double

    /// - Parameter probability: of a flip, 0 ... 1.
    public init(probability: Double = 0.5) {
        self.probability = probability
    }

    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        random.chance(probability) ? image.mirrored : image
    }
}

/// Exchanges top and bottom, or not: for images that have no upright, as those from above or through a microscope.
public struct VerticalFlip: ImageTransform {
    /// Of a flip, 0 ... 1.
    public var probability: Double

    /// - Parameter probability: of a flip, 0 ... 1.
    public init(probability: Double = 0.5) {
        self.probability = probability
    }

    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        random.chance(probability) ? image.flipped : image
    }
}

extension Image {
    /// Left and right exchanged.
    var mirrored: Image {
        replacingPixels { input, output in
            for y in 0..<height {
                let (first, last) = (y * width, (y + 1) * width - 1)
                if channels == 3 {
                    for x in 0..<width {
                        let (from, to) = (3 &* (last &- x), 3 &* (first &+ x))
                        output[to] = input[from]
                        output[to &+ 1] = input[from &+ 1]
                        output[to &+ 2] = input[from &+ 2]
                    }
                } else {
                    for x in 0..<width { output[first &+ x] = input[last &- x] }
                }
            }
        }
    }

    /// Top and bottom exchanged.
    var flipped: Image {
        let row = width * channels
        return replacingPixels { input, output in
            for y in 0..<height {
                let from = (height - 1 - y) * row
                _ = UnsafeMutableBufferPointer(rebasing: output[y * row..<(y + 1) * row])
                    .update(fromContentsOf: input[from..<from + row])
            }
        }
    }
}
