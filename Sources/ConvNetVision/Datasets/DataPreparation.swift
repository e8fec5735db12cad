import ConvNetEngine
import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import Foundation

/// From pictures to what a network is trained with: decides on the images' shape, reads every picture once, divides them and
/// measures their channels.
///
///     var preparation = DataPreparation()
///     preparation.augmentation = .imagenet
///     let data = try preparation.prepare(DatasetCatalog.openImages("photos"), networkInput: [3, 224, 224])
public struct DataPreparation: Sendable {
    /// The size of the network's images; nil takes that of the pictures, where they all have the same and it is not above
    /// ``largestNativeSide``, and otherwise the network's own.
    public var size: Size?
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

    /// Reads every picture once.
    ///
    /// - Parameters:
    ///   - networkInput: the shape that the network was made for.
    ///   - ownShape: what ``ownShape(of:)`` says of the training images, where it has been asked for.
    ///   - progress: called now and then with the pictures of a part that have been read.
    /// - Throws: `DatasetError.badFiles` where pictures cannot be used and are not to be skipped, `.badSplit`,
    ///   ``SettingError``, and what `progress` throws.
    public func prepare(
        _ images: ImageDatasets, networkInput: Shape, ownShape: (channels: Int, size: Size?)? = nil,
        progress: (_ dataset: String, _ read: Int, _ all: Int) throws -> Void = { _, _, _ in }
    ) throws -> PreparedData {
        // What is written wrongly is better known before minutes of reading.
        try checkFractions(images)
        var groups =
            divides(hasValidation: images.validation != nil)
            ? try grouping.map { try ImageGroups($0, of: images.train) } : nil
        let shape = try shape(ownShape ?? self.ownShape(of: images.train), networkInput: networkInput)
        let fitting = fitting(to: shape.size)
        func survey(_ part: any ImageDataset, augmentation: Augmentation?) throws -> SurveyedPart {
            try SurveyedPart(part, shape: shape, fitting: fitting, augmentation: augmentation, self) {
                try progress(part.name, $0, part.count)
            }
        }
        let train = try survey(images.train, augmentation: augmentation.augmentation(for: fitting))
        let others = try (
            validation: images.validation.map { try survey($0, augmentation: nil) },
            test: images.test.map { try survey($0, augmentation: nil) }
        )
        var notices = images.notices
        /// What nothing can be measured on is no part.
        func usable(_ part: SurveyedPart?, _ name: DatasetPart) -> SurveyedPart? {
            guard let part, part.good.isEmpty else { return part }
            notices.append(
                DatasetNotice(
                    "none of the \(part.dataset.count.counted("picture")) of the \(name) part can be used",
                    "The run goes on as without that part."))
            return nil
        }
        let bad = images.badFiles + [train, others.validation, others.test].compactMap { $0 }.flatMap(\.badFiles)
        guard bad.isEmpty || skipsBadImages else {
            throw DatasetError.badFiles(
                dataset: images.name, problems: bad.prefix(Self.mostListedFiles).map(\.problem), count: bad.count)
        }
        let (validation, test) = (usable(others.validation, .validation), usable(others.test, .test))
        if let grouping, groups == nil {
            if divides(hasValidation: validation != nil) {
                groups = try ImageGroups(grouping, of: images.train)
            } else if split == nil {
                notices.append(
                    DatasetNotice(
                        "nothing is divided, so that grouping by '\(printable(grouping))' does nothing",
                        "A share for validation or test is divided where there is no such part."))
            }
        }
        var result = try divide(train, validation, test, fitting, bad, name: images.name, groups: groups)
        result.notices = notices
        return result
    }

    /// Pictures as training sees them, for looking at, and for measuring. Only a few of them have been looked at: where others
    /// have colours or another size, training sees what ``prepare(_:networkInput:ownShape:progress:)`` makes of all.
    ///
    /// - Parameter networkInput: the shape that the network was made for.
    /// - Throws: ``ThreadError``.
    public func dataset(_ images: any ImageDataset, networkInput: Shape) throws -> PreparedDataset {
        let shape = try shape(ownShape(of: Self.sample(of: images)), networkInput: networkInput)
        let fitting = fitting(to: shape.size)
        return PreparedDataset(
            images, channels: shape.channels, fitting: fitting, augmentation: augmentation.augmentation(for: fitting),
            seed: seed, cacheBytes: cacheBytes)
    }

    /// Whether images that are there to learn from are kept for something else.
    private func divides(hasValidation: Bool) -> Bool {
        split == nil && (testFraction > 0 || !hasValidation && validationFraction > 0)
    }

    private func divide(
        _ train: SurveyedPart, _ validation: SurveyedPart?, _ test: SurveyedPart?, _ fitting: ImageFitting,
        _ badFiles: [BadFile], name: String, groups: ImageGroups?
    ) throws -> PreparedData {
        var result = PreparedData(
            name: name, training: train.usable, validation: validation?.usable, test: test?.usable,
            preprocessing: .identity, skipped: badFiles)
        var used = train.good
        if let split {
            let parts = try split.positions(in: train.dataset)
            let good = Set(train.good)
            used = parts.train.filter(good.contains)
            result.training = DatasetSubset(of: train.dataset, indices: used, name: "\(train.dataset.name), training")
            result.validation = DatasetSubset(
                of: train.dataset, indices: parts.validation.filter(good.contains),
                name: "\(train.dataset.name), validation")
            // Of a dataset that brings a part of its own the split has nothing to say.
            if parts.validation.isEmpty, let validation { result.validation = validation.usable }
            if let test = parts.test {
                result.test = DatasetSubset(
                    of: train.dataset, indices: test.filter(good.contains), name: "\(train.dataset.name), test")
            }
            result.split = split
            result.unused =
                train.good.count - used.count - parts.validation.count(where: good.contains)
                - (parts.test == nil ? 0 : result.test?.count ?? 0)
        } else if divides(hasValidation: validation != nil) {
            let parts = try draw(from: train, hasValidation: validation != nil, groups: groups)
            used = parts.training
            func subset(_ positions: [Int], _ part: String) -> DatasetSubset {
                DatasetSubset(of: train.dataset, indices: positions, name: "\(train.dataset.name), \(part)")
            }
            result.training = subset(used, "training")
            if validation == nil { result.validation = subset(parts.validation, "validation") }
            if let test = parts.test { result.test = subset(test, "test") }
            result.split = SplitFile(train.dataset, training: used, validation: parts.validation, test: parts.test)
            result.groups = groups
            let lacking: DatasetPart? =
                parts.test?.isEmpty == true
                ? .test : validation == nil && validationFraction > 0 && parts.validation.isEmpty ? .validation : nil
            if let groups, let lacking {
                throw SettingError(
                    "no group can be kept for \(lacking) without all images of a class, or more than its share (\(groups)); group "
                        + "by something else, or make the share larger")
            }
        }
        if result.validation?.count == 0 { result.validation = nil }
        if result.test?.count == 0 { result.test = nil }
        if result.training.count == 0 { throw TrainingError.emptyDataset(train.dataset.name) }
        result.preprocessing = train.survey.preprocessing(of: used)
        result.preprocessing.fitting = fitting
        return result
    }

    /// The positions of the parts: first the test images are drawn, then those for validation from the rest.
    private func draw(
        from train: SurveyedPart, hasValidation: Bool, groups: ImageGroups?
    ) throws -> (training: [Int], validation: [Int], test: [Int]?) {
        var left = train.good
        func take(_ fraction: Double) throws -> [Int] {
            // Positions in what is left become those in the whole part, which the file and the survey count by.
            let rest = DatasetSubset(of: train.dataset, indices: left, name: train.dataset.name)
            let places = left
            let group = groups.map { groups in { groups.key(at: places[$0]) } }
            let parts = try rest.split(validationFraction: fraction, seed: seed, group: group)
            let taken = parts.validation.indices.map { left[$0] }
            left = parts.training.indices.map { left[$0] }
            return taken
        }
        let test = testFraction > 0 ? try take(testFraction) : nil
        let validation = hasValidation ? [] : try take(validationFraction / (1 - testFraction))
        return (left, validation, test)
    }

    private func checkFractions(_ images: ImageDatasets) throws {
        guard split == nil, testFraction != 0 else { return }
        guard testFraction > 0, testFraction < 1 else {
            throw SettingError("the test share must be at least 0 and below 1, received \(testFraction)")
        }
        guard images.test == nil else {
            throw SettingError("\(images.name) has a test part of its own; leave out the test share")
        }
        guard images.validation != nil || validationFraction + testFraction < 1 else {
            throw SettingError(
                "the shares for validation and test, \(validationFraction) and \(testFraction), must leave some images to "
                    + "train on")
        }
    }
}

// MARK: - Shape

extension DataPreparation {
    /// Small images are taken whole; of others the shorter side is made a little longer than the network's, and the centre is
    /// cut out.
    private func fitting(to size: Size) -> ImageFitting {
        let side = min(size.height, size.width)
        let isNative = max(size.height, size.width) <= Self.largestNativeSide
        return ImageFitting(
            size: size, shorterSide: isNative ? side : side * 256 / (augmentation == .alexnet ? 227 : 224))
    }

    /// The shape of the network's images.
    private func shape(_ own: (channels: Int, size: Size?), networkInput: Shape) -> Shape {
        // Where the own shape was asked for, ``size`` may have said nothing yet.
        let size = size ?? own.size ?? networkInput.size
        return [own.channels, size.height, size.width]
    }

    /// What the network's images are like whatever the network: their channels, 1 where no picture has colours, and their
    /// size; nil where pictures are of several sizes or larger than ``largestNativeSide``, and ``size`` says nothing, so that
    /// the network decides. Looks at the headers of files, with ``threads``.
    ///
    /// - Throws: ``ThreadError``.
    public func ownShape(of images: any ImageDataset) throws -> (channels: Int, size: Size?) {
        // Datasets in memory have one shape, and know it.
        if let fixed = images as? any Dataset { return (fixed.imageShape.channels, size ?? fixed.imageShape.size) }
        var isGrey = true
        var common: Size?
        var isCommon = size == nil
        // What cannot be read is complained of later.
        func look(_ shapes: [Shape?]) {
            for shape in shapes.compactMap({ $0 }) {
                if shape.channels > 1 { isGrey = false }
                if max(shape.height, shape.width) > Self.largestNativeSide || shape.size != common ?? shape.size {
                    isCommon = false
                }
                common = shape.size
            }
        }
        // Of photographs the first one says it all.
        look((0..<min(1, images.count)).map { try? images.pictureShape(at: $0) })
        guard isGrey || isCommon else { return (3, size) }
        let reader = try ReadAhead(
            piecesOf: 1..<max(1, images.count), size: 16, threads: threads, window: 4 * threads
        ) { indices in indices.map { try? images.pictureShape(at: $0) } }
        while isGrey || isCommon, let shapes = try reader.next() { look(shapes) }
        return (isGrey ? 1 : 3, isCommon ? common : size)
    }

    /// As many pictures as are looked at where a few will do.
    private static let sampleCount = 8

    /// Some of a dataset's pictures, from everywhere in it; those of one that is in memory as they are.
    private static func sample(of images: any ImageDataset) -> any ImageDataset {
        guard !(images is any Dataset), images.count > sampleCount else { return images }
        return ImageDatasetSubset(
            of: images, indices: (0..<sampleCount).map { $0 * (images.count - 1) / (sampleCount - 1) },
            name: images.name)
    }
}
