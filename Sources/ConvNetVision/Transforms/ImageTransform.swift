import ConvNetGraph
import ConvNetTraining

/// A change of an image that keeps what it shows: one step of an augmentation.
///
///     struct Negative: ImageTransform {
///         func apply(to image: Image, random: inout SampleRandom) -> Image {
///             Image(channels: image.channels, height: image.height, width: image.width, pixels: image.pixels.map { 255 - $0 })
///         }
///     }
public protocol ImageTransform: Sendable {
    /// The changed image, with as many channels. All chance comes from `random`, which is a function of seed, image, epoch and
    /// transform, so that any number of threads gives the same images.
    func apply(to image: Image, random: inout SampleRandom) -> Image
}

/// A transform that takes a rectangle of the image and resizes it. As the first of several it is carried out while the file
/// is decoded, and what lies outside is not decoded.
public protocol CroppingTransform: ImageTransform {
    /// What to take of an image of that size.
    func crop(of size: Size, random: inout SampleRandom) -> ImageCrop
}

/// A rectangle of an image, and the size that it is brought to.
public struct ImageCrop: Hashable, Sendable {
    /// Within the image.
    public var region: ImageRegion
    /// That of the region, where nothing is resized.
    public var size: Size
    /// How pixels between pixels are found.
    public var interpolation: Interpolation

    /// - Parameter size: that of the region where nil.
    public init(_ region: ImageRegion, resizedTo size: Size? = nil, interpolation: Interpolation = .bilinear) {
        self.region = region
        self.size = size ?? Size(region.height, region.width)
        self.interpolation = interpolation
    }
}

extension CroppingTransform {
    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        let crop = crop(of: Size(image.height, image.width), random: &random)
        return image.cropped(to: crop.region).resized(to: crop.size, interpolation: crop.interpolation)
    }
}

/// Transforms one after the other, written like the layers of a network:
///
///     let augmentation = Augmentation {
///         RandomResizedCrop(224)
///         HorizontalFlip()
///         if jitters { ColorJitter(brightness: 0.4, contrast: 0.4) }
///     }
public struct Augmentation: Sendable {
    /// In the order in which they are applied.
    public var transforms: [any ImageTransform]

    /// What the builder collects.
    public init(@TransformBuilder _ transforms: () -> [any ImageTransform]) {
        self.transforms = transforms()
    }

    /// A list that somebody else has made.
    public init(_ transforms: [any ImageTransform]) {
        self.transforms = transforms
    }

    /// The image as it is in one epoch.
    ///
    /// - Parameters:
    ///   - index: the image's position in its dataset.
    ///   - epoch: counted from 0.
    public func apply(to image: Image, seed: UInt64, index: Int, epoch: Int) -> Image {
        apply(to: image, from: 0, seed: seed, index: index, epoch: epoch)
    }

    func apply(to image: Image, from first: Int, seed: UInt64, index: Int, epoch: Int) -> Image {
        var image = image
        for number in first..<transforms.count {
            var random = SampleRandom(seed: seed, sample: index, epoch: epoch, transform: number)
            image = transforms[number].apply(to: image, random: &random)
        }
        return image
    }
}

/// Collects the transforms of an ``Augmentation``; `if`, `for` and `switch` work in it.
@resultBuilder
public enum TransformBuilder {
    /// A transform by itself.
    public static func buildExpression(_ transform: any ImageTransform) -> [any ImageTransform] { [transform] }
    /// The transforms of another augmentation, such as a preset's.
    public static func buildExpression(_ augmentation: Augmentation) -> [any ImageTransform] {
        augmentation.transforms
    }
    /// Transforms written one under the other.
    public static func buildBlock(_ parts: [any ImageTransform]...) -> [any ImageTransform] { buildArray(parts) }
    /// `if` without `else`: no transform, where the condition does not hold.
    public static func buildOptional(_ part: [any ImageTransform]?) -> [any ImageTransform] { part ?? [] }
    /// The first branch of `if` or `switch`.
    public static func buildEither(first part: [any ImageTransform]) -> [any ImageTransform] { part }
    /// Another branch of `if` or `switch`.
    public static func buildEither(second part: [any ImageTransform]) -> [any ImageTransform] { part }
    /// The transforms of every turn of a `for`.
    public static func buildArray(_ parts: [[any ImageTransform]]) -> [any ImageTransform] { parts.flatMap { $0 } }
}
