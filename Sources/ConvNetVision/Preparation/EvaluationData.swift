import ConvNetGraph
import ConvNetTraining
import Synchronization

/// The images that a model is measured on, made ready for it.
public struct EvaluationData: Sendable {
    /// The images that can be used, at the model's labels.
    public let dataset: any Dataset
    /// Which part of the dataset they are; nil for all of one that is not divided.
    public let part: DatasetPart?
    /// The files that cannot be used, and were left out.
    public let skipped: [BadFile]
    private let preprocessing: Preprocessing
    private let channels: Int

    /// Chooses a part of a dataset and reads every picture of it once.
    ///
    /// - Parameters:
    ///   - part: nil takes test, where there is no such part validation, and otherwise all pictures.
    ///   - split: what the parts are divided by; nil where the dataset has come in its parts.
    ///   - input: the shape of the network's images.
    ///   - preprocessing: the model's.
    ///   - classes: the model's. A dataset that has the same ones in another order, as folders (by bytes) and tables of
    ///     numbers (by value) do, gets the model's labels.
    ///   - skipsBadImages: whether to go on without the files that cannot be used.
    ///   - progress: called now and then with the pictures that have been read, and all.
    /// - Throws: `DatasetError.noSuchPart`, `.badSplit`, `.badFiles` where pictures cannot be used and are not to be skipped,
    ///   and what `progress` throws.
    public init(
        _ images: DatasetParts, part: DatasetPart? = nil, split: SplitFile? = nil, input: Shape,
        preprocessing: Preprocessing, classes: [String]? = nil, skipsBadImages: Bool = false,
        threads: Int = AvailableProcessors.count,
        progress: (_ read: Int, _ all: Int) throws -> Void = { _, _ in }
    ) throws {
        let chosen = try Self.choose(part, of: images, isDivided: split != nil)
        channels = input.channels
        self.preprocessing = preprocessing
        var preparation = DataPreparation()
        preparation.threads = threads
        let all = try SurveyedPart(
            chosen.images, preprocessing, shape: input, augmentation: nil, preparation
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
        var dataset = all.dataset
        if indices.count != dataset.count { dataset = DatasetSubset(of: dataset, indices: indices, name: name) }
        if let classes, classes != chosen.images.classes, let order = ClassOrder(chosen.images.classes, in: classes) {
            dataset = RelabelledDataset(base: dataset, order: order)
        }
        self.dataset = dataset
    }

    /// The part that is meant, before anything of it is read.
    public static func choose(
        _ part: DatasetPart?, of images: DatasetParts, isDivided: Bool = false
    ) throws -> (part: DatasetPart, images: any Dataset) {
        if isDivided { return (.train, images.train) }
        guard let part else {
            return images.measured
        }
        guard let found = images.parts.first(where: { $0.part == part && ($0.part != .train || $0.images.count > 0) })
        else {
            throw DatasetError.noSuchPart(dataset: images.name, part: part)
        }
        return found
    }

    /// Ten images for each: the corners and the centre, and these mirrored. As many again of the image itself where the model
    /// takes only pictures of its own size.
    public var tenCrops: any Dataset {
        TenCropDataset(dataset, preprocessing: preprocessing, channels: channels)
    }
}

/// The ten crops of each picture one after the other.
struct TenCropDataset: Dataset {
    private let base: any Dataset
    private let fitting: ImageFitting?
    private let decoding: Decoding
    private let recent = RecentCrops()

    init(_ base: any Dataset, preprocessing: Preprocessing, channels: Int) {
        self.base = base
        fitting = preprocessing.fitting
        decoding = preprocessing.decoding(channels: channels)
    }

    var name: String { "\(base.name), ten crops" }
    var count: Int { 10 * base.count }
    var classes: [String] { base.classes }
    var imageShape: Shape? { base.imageShape }
    var isCostlyToRead: Bool { true }
    var targetKind: TargetKind { base.targetKind }
    func target(at index: Int) -> Target { base.target(at: index / 10) }
    func imageName(at index: Int) -> String { base.imageName(at: index / 10) }

    func item(at index: Int) throws -> DatasetItem {
        let crops = try recent.crops(of: index / 10) {
            let image = try base.picture(at: index / 10).decode(decoding)
            return (fitting ?? ImageFitting(size: image.size)).tenCrops(image)
        }
        return .fitted(crops[index % 10])
    }
}

extension ImageFitting {
    /// The ten crops of AlexNet (Krizhevsky et al., 2012, section 4.1): the four corners and the centre, and these mirrored.
    public func tenCrops(_ image: Image) -> [Image] {
        let frame = frame(around: image)
        let (bottom, right) = (frame.height - size.height, frame.width - size.width)
        let corners = [(0, 0), (0, right), (bottom, 0), (bottom, right)].map {
            ImageRegion(top: $0.0, left: $0.1, height: size.height, width: size.width)
        }
        let crops = (corners + [frame.center(size)]).map { cut($0, of: frame, around: image) }
        return crops + crops.map(\.mirrored)
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
