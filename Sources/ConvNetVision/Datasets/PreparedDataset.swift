import ConvNetGraph
import ConvNetTraining

/// Pictures of any size, made ready for a network: brought to one size and, for training, augmented.
///
///     let photos = try DatasetCatalog.openImages("photos")
///     let training = PreparedDataset(
///         photos.train, channels: 3, fitting: ImageFitting(size: Size(224), shorterSide: 256),
///         augmentation: Augmentation {
///             RandomResizedCrop(224)
///             HorizontalFlip()
///         }, seed: 1)
public struct PreparedDataset: Dataset {
    /// The pictures.
    public let images: any ImageDataset
    /// How a picture is prepared for evaluation, and for training where there is no augmentation.
    public let fitting: ImageFitting
    /// nil trains on what is evaluated.
    public let augmentation: Augmentation?
    private let channels: Int
    private let seed: UInt64
    private let cache: DecodedImages?
    /// Of each picture, once all have been read.
    var contentChecksums: [UInt32] = []

    /// - Parameters:
    ///   - channels: 1 for grey, 3 for RGB.
    ///   - seed: what augmentation is drawn from.
    ///   - cacheBytes: how much memory decoded pictures may be kept in; 0 decodes them in every epoch.
    public init(
        _ images: any ImageDataset, channels: Int, fitting: ImageFitting, augmentation: Augmentation? = nil,
        seed: UInt64 = 0, cacheBytes: Int = 0
    ) {
        self.images = images
        self.channels = channels
        self.fitting = fitting
        self.augmentation = augmentation
        self.seed = seed
        cache = cacheBytes > 0 ? DecodedImages(limit: cacheBytes) : nil
    }

    public var name: String { images.name }
    public var count: Int { images.count }
    public var classes: [String] { images.classes }
    public var imageShape: Shape { [channels, fitting.size.height, fitting.size.width] }
    public var isCostlyToRead: Bool { true }
    public func label(at index: Int) -> Int { images.label(at: index) }
    public func imageName(at index: Int) -> String { images.imageName(at: index) }
    public func contentChecksum(at index: Int) -> UInt32? {
        contentChecksums.isEmpty ? nil : contentChecksums[index]
    }

    /// The whole picture, fitted.
    public func image(at index: Int) throws -> Image {
        try fitting.fit(source(at: index), channels: channels)
    }

    /// The picture as it is in one epoch of training, counted from 0.
    public func image(at index: Int, epoch: Int) throws -> Image {
        try image(of: source(at: index), at: index, epoch: epoch)
    }

    /// The same of a picture whose file has been read.
    func image(of source: any ImageSource, at index: Int, epoch: Int) throws -> Image {
        guard let augmentation else { return try fitting.fit(source, channels: channels) }
        let image = try augmentation.apply(
            to: source, channels: channels, obeysOrientation: fitting.obeysOrientation,
            // What is kept was decoded at full size: which pictures are kept must not show.
            reduces: cache == nil, seed: seed, index: index, epoch: epoch)
        return image.size == fitting.size ? image : fitting.fit(image)
    }

    public func copyImage(at index: Int, to destination: UnsafeMutableBufferPointer<Float>) throws {
        try image(at: index).copyPlanes(to: destination)
    }

    public func copyImage(at index: Int, epoch: Int, to destination: UnsafeMutableBufferPointer<Float>) throws {
        try image(at: index, epoch: epoch).copyPlanes(to: destination)
    }

    private func source(at index: Int) throws -> any ImageSource {
        guard let cache else { return try images.source(at: index) }
        return try cache.image(at: index) {
            try images.source(at: index).decode(channels: channels, obeysOrientation: fitting.obeysOrientation)
        }
    }
}

extension Augmentation {
    /// The image as it is in one epoch. Where the first transform takes a rectangle only, no more is decoded.
    func apply(
        to source: any ImageSource, channels: Int, obeysOrientation: Bool, reduces: Bool, seed: UInt64, index: Int,
        epoch: Int
    ) throws -> Image {
        guard let first = transforms.first as? any CroppingTransform else {
            let image = try source.decode(channels: channels, obeysOrientation: obeysOrientation)
            return apply(to: image, seed: seed, index: index, epoch: epoch)
        }
        var random = SampleRandom(seed: seed, sample: index, epoch: epoch)
        let crop = first.crop(of: source.size(obeyingOrientation: obeysOrientation), random: &random)
        let image = try source.decode(crop, channels: channels, obeysOrientation: obeysOrientation, reduces: reduces)
        return apply(to: image, from: 1, seed: seed, index: index, epoch: epoch)
    }
}
