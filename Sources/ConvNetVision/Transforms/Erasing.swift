import ConvNetGraph
import ConvNetTraining
import Foundation

/// Covers a rectangle anywhere in the image with noise or a constant, or does not.
///
/// Ten rectangles of random area and proportion are tried; where none is smaller than the image both ways, the image
/// stays as it is. The logarithm of the proportion is uniform, as it is in torchvision.
///
/// Source: Zhong et al., "Random Erasing Data Augmentation", 2017, algorithm 1.
public struct RandomErasing: ImageTransform {
    /// What comes into the rectangle.
    public enum Fill: Hashable, Sendable {
        /// Every byte uniform in 0 ... 255.
        case noise
        /// The same byte in all channels.
        case constant(UInt8)
    }

    /// That something is erased, 0 ... 1.
    public var probability: Double
    /// The rectangle's share of the image's area.
    public var area: ClosedRange<Double>
    /// Its height divided by its width.
    public var ratio: ClosedRange<Double>
    /// What comes into it.
    public var fill: Fill

    /// - Parameters:
    ///   - probability: that something is erased, 0 ... 1.
    ///   - area: the rectangle's share of the image's area, within 0 ... 1.
    ///   - ratio: height divided by width, above 0.
    public init(
        probability: Double = 0.5, area: ClosedRange<Double> = 0.02...0.33, ratio: ClosedRange<Double> = 0.3...3.3,
        fill: Fill = .noise
    ) {
        self.probability = probability
        self.area = area
        self.ratio = ratio
        self.fill = fill
    }

    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        guard random.chance(probability), let region = region(of: image, random: &random) else { return image }
        var image = image
        let length = region.width * image.channels
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            for y in region.top..<region.top + region.height {
                let start = (y * image.width + region.left) * image.channels
                let row = UnsafeMutableBufferPointer(rebasing: pixels[start..<start + length])
                switch fill {
                case .noise: row.fillWithNoise(&random)
                case .constant(let byte): row.update(repeating: byte)
                }
            }
        }
        return image
    }

    /// What to cover, if one of ten tries lies within the image.
    func region(of image: Image, random: inout SampleRandom) -> ImageRegion? {
        let whole = Double(image.height * image.width)
        for _ in 0..<10 {
            let area = whole * random.uniform(self.area.lowerBound, self.area.upperBound)
            let ratio = exp(random.uniform(log(self.ratio.lowerBound), log(self.ratio.upperBound)))
            let rows = (area * ratio).squareRoot().rounded(.toNearestOrEven)
            let columns = (area / ratio).squareRoot().rounded(.toNearestOrEven)
            guard rows >= 1, columns >= 1, rows < Double(image.height), columns < Double(image.width) else { continue }
            let (height, width) = (Int(rows), Int(columns))
            return ImageRegion(
                top: random.integer(below: image.height - height + 1),
                left: random.integer(below: image.width - width + 1), height: height, width: width)
        }
        return nil
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    fileprivate func fillWithNoise(_ random: inout SampleRandom) {
        for start in stride(from: 0, to: count, by: 8) {
            var word = random.next()
            for i in start..<Swift.min(start + 8, count) {
                self[i] = UInt8(truncatingIfNeeded: word)
                word >>= 8
            }
        }
    }
}
