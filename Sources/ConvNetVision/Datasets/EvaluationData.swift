import ConvNetGraph
import ConvNetTraining
import Synchronization

/// The images that a model is measured on, made ready for it.
public struct EvaluationData: Sendable {
    /// As the network takes them.
    public let dataset: any Dataset
    /// The pictures behind the dataset, at the same positions.
    public let images: any ImageDataset
    /// Which part of the dataset they are; nil for all of one that is not divided.
    public let part: DatasetPart?
    /// The files that cannot be used, and were left out.
    public let skipped: [BadFile]
    private let channels: Int
    private let fitting: ImageFitting

    /// Chooses a part of a dataset and reads every picture of it once.
    ///
    /// - Parameters:
    ///   - part: nil takes test, where there is no such part validation, and otherwise all pictures.
    ///   - split: what the parts are divided by; nil where the dataset has come in its parts.
    ///   - input: the shape of the network's images.
    ///   - fitting: the model's; nil for a model that only takes images of its own size. Pictures in files are then resized
    ///     to it.
    ///   - classes: the model's. A dataset that has the same ones in another order, as folders (by bytes) and tables of
    ///     numbers (by value) do, gets the model's labels.
    ///   - skipsBadImages: whether to go on without the files that cannot be used.
    ///   - progress: called now and then with the pictures that have been read, and all.
    /// - Throws: `DatasetError.noSuchPart`, `.badSplit`, `.badFiles` where pictures cannot be used and are not to be skipped,
    ///   and what `progress` throws.
    public init(
        _ images: ImageDatasets, part: DatasetPart? = nil, split: SplitFile? = nil, input: Shape,
        fitting: ImageFitting?, classes: [String]? = nil, skipsBadImages: Bool = false,
        threads: Int = AvailableProcessors.count,
        progress: (_ read: Int, _ all: Int) throws -> Void = { _, _ in }
    ) throws {
        let chosen = try Self.choose(part, of: images, isDivided: split != nil)
        channels = input.channels
        self.fitting = fitting ?? ImageFitting(size: input.size)
        var preparation = DataPreparation()
        preparation.threads = threads
        let isReady = fitting == nil && chosen.images is any Dataset
        let shape = isReady ? (chosen.images as? any Dataset)?.imageShape ?? input : input
        let all = try SurveyedPart(
            chosen.images, shape: shape, fitting: self.fitting, augmentation: nil, preparation
        ) { try progress($0, chosen.images.count) }
        let bad = images.badFiles.filter { $0.part == chosen.part } + all.badFiles
        guard bad.isEmpty || skipsBadImages else {
            throw DatasetError.badFiles(
                dataset: chosen.images.name, problems: bad.prefix(DataPreparation.mostListedFiles).map(\.problem),
                count: bad.count)
        }
        skipped = bad
        var measured = part ?? (images.parts.count > 1 ? chosen.part : nil)
        var indices = all.good
        var name = chosen.images.name
        if let split {
            let parts = try split.positions(in: all.dataset)
            let wanted = part ?? (parts.test == nil ? .validation : .test)
            let positions: [Int]? =
                switch wanted {
                case .train: parts.train
                case .validation: parts.validation
                case .test: parts.test
                }
            measured = wanted
            guard let positions else { throw DatasetError.noSuchPart(dataset: "the split", part: wanted) }
            let good = Set(all.good)
            indices = positions.filter(good.contains)
            name += ", \(wanted == .train ? "training" : wanted.rawValue)"
        }
        self.part = measured
        var (dataset, pictures) = (all.dataset, chosen.images)
        if indices.count != chosen.images.count {
            dataset = DatasetSubset(of: all.dataset, indices: indices, name: name)
            pictures = ImageDatasetSubset(of: chosen.images, indices: indices, name: name)
        }
        if let classes, classes != chosen.images.classes, let order = ClassOrder(chosen.images.classes, in: classes) {
            dataset = RelabelledDataset(base: dataset, order: order)
            pictures = RelabelledImages(base: pictures, order: order)
        }
        self.dataset = dataset
        self.images = pictures
    }

    /// The part that is meant, before anything of it is read.
    public static func choose(
        _ part: DatasetPart?, of images: ImageDatasets, isDivided: Bool = false
    ) throws -> (part: DatasetPart, images: any ImageDataset) {
        if isDivided { return (.train, images.train) }
        guard let part else {
            if let test = images.test { return (.test, test) }
            return images.validation.map { (.validation, $0) } ?? (.train, images.train)
        }
        guard let found = images.parts.first(where: { $0.part == part && ($0.part != .train || $0.images.count > 0) })
        else {
            throw DatasetError.noSuchPart(dataset: images.name, part: part)
        }
        return found
    }

    /// Ten images for each: the corners and the centre, and these mirrored.
    public var tenCrops: any Dataset { TenCropDataset(images, channels: channels, fitting: fitting) }
}

/// The ten crops of each picture one after the other.
struct TenCropDataset: Dataset {
    private let images: any ImageDataset
    private let channels: Int
    private let fitting: ImageFitting
    private let recent = RecentCrops()

    init(_ images: any ImageDataset, channels: Int, fitting: ImageFitting) {
        self.images = images
        self.channels = channels
        self.fitting = fitting
    }

    var name: String { "\(images.name), ten crops" }
    var count: Int { 10 * images.count }
    var classes: [String] { images.classes }
    var imageShape: Shape { [channels, fitting.size.height, fitting.size.width] }
    var isCostlyToRead: Bool { true }
    func label(at index: Int) -> Int { images.label(at: index / 10) }
    func imageName(at index: Int) -> String { images.imageName(at: index / 10) }

    func copyImage(at index: Int, to destination: UnsafeMutableBufferPointer<Float>) throws {
        let crops = try recent.crops(of: index / 10) {
            fitting.tenCrops(
                try images.source(at: index / 10)
                    .decode(channels: channels, obeysOrientation: fitting.obeysOrientation))
        }
        crops[index % 10].copyPlanes(to: destination)
    }
}

/// The crops of the pictures that were asked for last: the threads that read are never far from one another.
private final class RecentCrops: Sendable {
    private let kept = Mutex<[(index: Int, crops: [Image])]>([])
    private static let most = 16

    func crops(of index: Int, _ make: () throws -> [Image]) rethrows -> [Image] {
        if let found = kept.withLock({ $0.first { $0.index == index }?.crops }) { return found }
        let crops = try make()
        kept.withLock { kept in
            kept.append((index, crops))
            if kept.count > Self.most { kept.removeFirst() }
        }
        return crops
    }
}
