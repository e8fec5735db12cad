import ConvNetEngine
import ConvNetGraph
import ConvNetTraining

/// From a dataset to what a network is trained with, in three steps: what is done to images is decided, every picture is
/// surveyed, and the images are divided into parts. Each step can be given its answer: a size, channels, mean and standard
/// deviation, a whole ``preprocessing`` of somebody else's, a split.
///
///     var preparation = DataPreparation()
///     preparation.augmentation = .imagenet
///     let data = try preparation.prepare(DatasetCatalog.open("photos"), networkInput: [3, 224, 224])
public struct DataPreparation: Sendable {
    /// The size of the network's images; nil takes that of the pictures, where they all have the same and it is not above
    /// ``largestNativeSide``, and otherwise the network's own.
    public var size: Size?
    /// 1 for grey, 3 for RGB; nil takes as many as ``normalization`` has or, without one, 1 where no picture has colours and 3
    /// otherwise.
    public var channels: Int?
    /// Mean and standard deviation of each channel; nil measures those of the training images.
    public var normalization: Normalization?
    /// All that is done to images, as a network brings it along that was trained elsewhere; nil decides and measures.
    public var preprocessing: Preprocessing?
    /// What training does to its images.
    public var augmentation = AugmentationPreset.none
    /// The share of the training images that is kept for validation, where the dataset has no such part.
    public var validationFraction = 0.05
    /// The share of the training images that is kept to measure the finished network with, drawn before those for validation.
    /// The dataset must have no such part.
    public var testFraction = 0.0
    /// A regular expression: images of which it matches the same text (its first group, where it has one) in their names come
    /// into the same part.
    public var grouping: String?
    /// nil divides the training images by `validationFraction` and `testFraction`.
    public var split: SplitFile?
    /// Whether to go on without the files that cannot be used.
    public var skipsBadImages = false
    /// How much memory decoded pictures may be kept in, in bytes.
    public var cacheBytes = 0
    /// What the split and the augmentation are drawn from.
    public var seed: UInt64 = 0
    /// How many threads read.
    public var threads = AvailableProcessors.count

    /// The defaults.
    public init() {}

    /// Pictures up to this many pixels a side are taken as they are.
    public static let largestNativeSide = 64

    /// At most so many files are named in an error.
    public static let mostListedFiles = 20

    /// Decides, surveys and divides.
    ///
    /// Reads every picture once, to measure mean and standard deviation; where these are given, headers only, unless what is
    /// broken is to be skipped.
    ///
    /// - Parameters:
    ///   - networkInput: the shape that the network was made for.
    ///   - ownShape: what ``ownShape(of:)`` says of the training images, where it has been asked for.
    ///   - progress: called now and then with the pictures of a part that have been read.
    /// - Throws: `DatasetError.badFiles` where pictures cannot be used and are not to be skipped, `.badSplit`,
    ///   ``SettingError``, and what `progress` throws.
    public func prepare(
        _ images: DatasetParts, networkInput: Shape, ownShape: OwnShape? = nil,
        progress: (_ dataset: String, _ read: Int, _ all: Int) throws -> Void = { _, _, _ in }
    ) throws -> PreparedData {
        // What is written wrongly is better known before minutes of reading.
        try checkFractions(images)
        let groups = try divides(images) ? grouping.map { try ImageGroups($0, of: images.train) } : nil
        let own = try ownShape ?? self.ownShape(of: images.train)
        let (decided, shape) = try decide(images.train, own, networkInput: networkInput)
        let survey = try survey(images, decided, shape: shape, headers: own.headers, progress: progress)
        var data = try divide(survey, name: images.name, groups: groups)
        data.notices = images.notices + survey.notices + data.notices
        return data
    }

    /// Pictures as training sees them, for looking at, and for measuring. Only a few of them have been looked at: where others
    /// have colours or another size, training sees what ``prepare(_:networkInput:ownShape:progress:)`` makes of all.
    ///
    /// - Parameter networkInput: the shape that the network was made for.
    /// - Returns: the pictures, and the shape C×H×W that they are brought to.
    /// - Throws: ``ThreadError``.
    public func dataset(
        _ images: any Dataset, networkInput: Shape
    ) throws -> (images: PreparedDataset, shape: Shape) {
        let (preprocessing, shape) = try decide(
            images, ownShape(of: Self.sample(of: images)), networkInput: networkInput)
        let dataset = PreparedDataset(
            images, preparedBy: preprocessing, augmentation: preprocessing.fitting.flatMap(augmentation.augmentation),
            seed: seed, cacheBytes: cacheBytes)
        return (dataset, shape)
    }

    /// As many pictures as are looked at where a few will do.
    private static let sampleCount = 8

    /// Some of a dataset's pictures, from everywhere in it; those of one that is in memory as they are.
    private static func sample(of images: any Dataset) -> any Dataset {
        guard images.isCostlyToRead, images.count > sampleCount else { return images }
        return DatasetSubset(
            of: images, indices: (0..<sampleCount).map { $0 * (images.count - 1) / (sampleCount - 1) },
            name: images.name)
    }
}
