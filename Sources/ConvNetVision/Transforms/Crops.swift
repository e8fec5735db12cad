import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import Foundation

/// Resizes the whole image: to a size, or its shorter side to a length.
public struct Resize: CroppingTransform {
    private let target: Target
    /// How pixels between pixels are found.
    public var interpolation: Interpolation

    private enum Target: Sendable {
        case size(Size)
        case shorterSide(Int)
    }

    /// - Parameter size: the result's.
    public init(_ size: Size, interpolation: Interpolation = .bilinear) {
        target = .size(size)
        self.interpolation = interpolation
    }

    /// - Parameter shorterSide: in pixels; the longer side keeps the proportion and is rounded down, as torchvision does it.
    public init(shorterSide: Int, interpolation: Interpolation = .bilinear) {
        target = .shorterSide(shorterSide)
        self.interpolation = interpolation
    }

    public func crop(of size: Size, random: inout SampleRandom) -> ImageCrop {
        let result =
            switch target {
            case .size(let size): size
            case .shorterSide(let length): size.withShorterSide(length)
            }
        return ImageCrop(ImageRegion(all: size), resizedTo: result, interpolation: interpolation)
    }
}

/// Cuts out the centre. What is missing is black.
public struct CenterCrop: ImageTransform {
    /// The result's.
    public var size: Size

    /// - Parameter size: e.g. `224` or `Size(192, 256)`.
    public init(_ size: any SizeConvertible) {
        self.size = size.size
    }

    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        let framed = image.paddedAtCenter(to: size)
        return framed.cropped(to: framed.size.center(size))
    }
}

/// Cuts out a rectangle anywhere, after a frame of black has been put around the image. Where the image is still too small,
/// more is added.
///
/// Source: He et al., "Deep Residual Learning for Image Recognition", 2016, section 4.2, for 32×32 images and a frame of 4.
public struct RandomCrop: ImageTransform {
    /// The result's.
    public var size: Size
    /// The frame's width in pixels.
    public var padding: Int

    /// - Parameter size: e.g. `32` or `Size(24, 32)`.
    public init(_ size: any SizeConvertible, padding: Int = 0) {
        self.size = size.size
        self.padding = padding
    }

    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        let framed = image.padded(top: padding, bottom: padding, left: padding, right: padding)
            .paddedAtCenter(to: size)
        let top = random.integer(below: framed.height - size.height + 1)
        let left = random.integer(below: framed.width - size.width + 1)
        return framed.cropped(to: ImageRegion(top: top, left: left, height: size.height, width: size.width))
    }
}

/// Takes a rectangle of random area and proportion from anywhere, and resizes it.
///
/// Ten rectangles are tried; where none lies within the image, the largest one of an allowed proportion in the centre is
/// taken, as torchvision does it.
///
/// Source: Szegedy et al., "Going Deeper with Convolutions", 2015, section 6.
public struct RandomResizedCrop: CroppingTransform {
    /// The result's.
    public var size: Size
    /// The rectangle's share of the image's area.
    public var area: ClosedRange<Double>
    /// Its width divided by its height; the logarithm is uniform.
    public var ratio: ClosedRange<Double>
    /// How pixels between pixels are found.
    public var interpolation: Interpolation

    /// - Parameter size: e.g. `224` or `Size(192, 256)`.
    public init(
        _ size: any SizeConvertible, area: ClosedRange<Double> = 0.08...1,
        ratio: ClosedRange<Double> = 3.0 / 4...4.0 / 3,
        interpolation: Interpolation = .bilinear
    ) {
        self.size = size.size
        self.area = area
        self.ratio = ratio
        self.interpolation = interpolation
    }

    public func crop(of size: Size, random: inout SampleRandom) -> ImageCrop {
        ImageCrop(region(of: size, random: &random), resizedTo: self.size, interpolation: interpolation)
    }

    private func region(of size: Size, random: inout SampleRandom) -> ImageRegion {
        let whole = Double(size.height * size.width)
        for _ in 0..<10 {
            let area = whole * random.uniform(self.area.lowerBound, self.area.upperBound)
            let ratio = exp(random.uniform(log(self.ratio.lowerBound), log(self.ratio.upperBound)))
            let width = Int((area * ratio).squareRoot().rounded(.toNearestOrEven))
            let height = Int((area / ratio).squareRoot().rounded(.toNearestOrEven))
            guard (1...size.width).contains(width), (1...size.height).contains(height) else { continue }
            let top = random.integer(below: size.height - height + 1)
            let left = random.integer(below: size.width - width + 1)
            return ImageRegion(top: top, left: left, height: height, width: width)
        }
        let ratio = Double(size.width) / Double(size.height)
        let nearest = min(max(ratio, self.ratio.lowerBound), self.ratio.upperBound)
        let height = ratio < nearest ? Int((Double(size.width) / nearest).rounded(.toNearestOrEven)) : size.height
        let width = ratio > nearest ? Int((Double(size.height) * nearest).rounded(.toNearestOrEven)) : size.width
        // Integer halves are rounded down here.
        let (rows, columns) = (min(max(height, 1), size.height), min(max(width, 1), size.width))
        return ImageRegion(
            top: (size.height - rows) / 2, left: (size.width - columns) / 2, height: rows, width: columns)
    }
}
