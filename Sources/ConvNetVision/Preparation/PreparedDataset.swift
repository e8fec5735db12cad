import ConvNetGraph
import ConvNetTraining

/// Pictures that are read in every epoch: kept in memory where that is wanted and, for training, augmented.
///
///     let photos = try DatasetCatalog.open("photos")
///     let training = PreparedDataset(
///         photos.train, preparedBy: Preprocessing(fitting: ImageFitting(size: Size(224), shorterSide: 256)),
///         augmentation: Augmentation {
///             RandomResizedCrop(224)
///             HorizontalFlip()
///         }, seed: 1)
public struct PreparedDataset: Dataset {
    /// The pictures.
    public let base: any Dataset
    /// What the network does to pictures; augmented ones are decoded, and end at the size, as it says.
    public let preprocessing: Preprocessing
    /// nil trains on what is evaluated.
    public let augmentation: Augmentation?
    private let decoding: Decoding
    private let seed: UInt64
    private let cache: DecodedImages?
    /// Of each picture, once all have been read.
    var contentChecksums: [UInt32] = []

    /// - Parameters:
    ///   - seed: what augmentation is drawn from.
    ///   - cacheBytes: how much memory decoded pictures may be kept in; 0 decodes them in every epoch.
    public init(
        _ base: any Dataset, preparedBy preprocessing: Preprocessing, augmentation: Augmentation? = nil,
        seed: UInt64 = 0, cacheBytes: Int = 0
    ) {
        self.base = base
        self.preprocessing = preprocessing
        self.augmentation = augmentation
        self.seed = seed
        decoding = preprocessing.decoding(channels: preprocessing.channels ?? base.imageShape?.channels ?? 3)
        cache = cacheBytes > 0 ? DecodedImages(limit: cacheBytes) : nil
    }

    public var name: String { base.name }
    public var count: Int { base.count }
    public var classes: [String] { base.classes }
    public var imageShape: Shape? { base.imageShape }
    public var targetKind: TargetKind { base.targetKind }
    public var isCostlyToRead: Bool { true }
    public func target(at index: Int) -> Target { base.target(at: index) }
    public func imageShape(at index: Int) throws -> Shape { try base.imageShape(at: index) }
    public func imageName(at index: Int) -> String { base.imageName(at: index) }
    public func contentChecksum(at index: Int) -> UInt32? {
        contentChecksums.isEmpty ? nil : contentChecksums[index]
    }

    public func item(at index: Int) throws -> DatasetItem {
        cache == nil ? try base.item(at: index) : .picture(try picture(at: index))
    }

    public func item(at index: Int, epoch: Int) throws -> DatasetItem {
        augmentation == nil ? try item(at: index) : .fitted(try image(at: index, epoch: epoch))
    }

    /// The picture as it is in one epoch of training, counted from 0.
    ///
    /// - Throws: ``DatasetItemError`` where it is an array, and why a picture cannot be decoded.
    public func image(at index: Int, epoch: Int) throws -> Image {
        try image(of: picture(at: index), at: index, epoch: epoch)
    }

    /// The same of a picture whose file has been read.
    func image(of picture: any ImageSource, at index: Int, epoch: Int) throws -> Image {
        let image: Image
        if let augmentation {
            image = try augmentation.apply(
                to: picture, as: decoding,
                // What is kept was decoded at full size: which pictures are kept must not show.
                reduces: cache == nil, seed: seed, index: index, epoch: epoch)
        } else {
            image = try picture.decode(decoding)
        }
        guard let fitting = preprocessing.fitting, augmentation == nil || image.size != fitting.size else {
            return image
        }
        return fitting.fit(image)
    }

    private func picture(at index: Int) throws -> any ImageSource {
        guard let cache else { return try base.picture(at: index) }
        return try cache.image(at: index) { try base.picture(at: index).decode(decoding) }
    }
}

extension Augmentation {
    /// The image as it is in one epoch. Where the first transform takes a rectangle only, no more is decoded.
    func apply(
        to picture: any ImageSource, as decoding: Decoding, reduces: Bool, seed: UInt64, index: Int, epoch: Int
    ) throws -> Image {
        guard let first = transforms.first as? any CroppingTransform else {
            return apply(to: try picture.decode(decoding), seed: seed, index: index, epoch: epoch)
        }
        var random = SampleRandom(seed: seed, sample: index, epoch: epoch)
        let size = picture.size(obeyingOrientation: decoding.obeysOrientation)
        let crop = first.crop(of: size, random: &random)
        let image = try picture.decode(crop, as: decoding, reduces: reduces)
        return apply(to: image, from: 1, seed: seed, index: index, epoch: epoch)
    }
}
