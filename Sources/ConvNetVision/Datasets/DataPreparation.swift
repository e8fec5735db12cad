import ConvNetCore
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
    /// A regular expression: images of which it matches the same text (its first group, where it has one) in their names come
    /// into the same part.
    public var grouping: String?
    /// nil divides the training images by `validationFraction`.
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
    ///   - progress: called now and then with the pictures of a part that have been read.
    /// - Throws: `DatasetError.badFiles` where pictures cannot be used and are not to be skipped, `.badSplit`,
    ///   ``TrainingError/setting(_:)``, and what `progress` throws.
    public func prepare(
        _ images: ImageDatasets, networkInput: Shape,
        progress: (_ dataset: String, _ read: Int, _ all: Int) throws -> Void = { _, _, _ in }
    ) throws -> PreparedData {
        // What is written wrongly is better known before minutes of reading.
        let grouping = try grouping.map(Self.regex)
        let shape = shape(of: images.train, networkInput: networkInput)
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
        let bad = images.badFiles + [train, others.validation, others.test].compactMap { $0 }.flatMap(\.badFiles)
        guard bad.isEmpty || skipsBadImages else {
            throw DatasetError.badFiles(
                dataset: images.name, problems: bad.prefix(Self.mostListedFiles).map(\.problem), count: bad.count)
        }
        return try divide(train, others.validation, others.test, fitting, bad, name: images.name) { dataset in
            grouping.map { Self.groups(by: $0, in: dataset) }
        }
    }

    /// Pictures as training sees them, of which none has been read yet: for looking at, and for measuring.
    ///
    /// - Parameter networkInput: the shape that the network was made for.
    public func dataset(_ images: any ImageDataset, networkInput: Shape) -> PreparedDataset {
        let shape = shape(of: images, networkInput: networkInput)
        let fitting = fitting(to: shape.size)
        return PreparedDataset(
            images, channels: shape.channels, fitting: fitting, augmentation: augmentation.augmentation(for: fitting),
            seed: seed, cacheBytes: cacheBytes)
    }

    private func divide(
        _ train: SurveyedPart, _ validation: SurveyedPart?, _ test: SurveyedPart?, _ fitting: ImageFitting,
        _ badFiles: [BadFile], name: String, groups: (any Dataset) -> ((Int) -> String)?
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
            if let test = parts.test {
                result.test = DatasetSubset(
                    of: train.dataset, indices: test.filter(good.contains), name: "\(train.dataset.name), test")
            }
            result.split = split
            result.unused =
                train.good.count - used.count - (result.validation?.count ?? 0)
                - (parts.test == nil ? 0 : result.test?.count ?? 0)
        } else if validation == nil, validationFraction > 0 {
            let usable = train.usable
            // Positions in what is usable become those in the whole part, which the file and the survey count by.
            let parts = try usable.split(
                validationFraction: validationFraction, seed: seed, group: groups(usable))
            used = parts.training.indices.map { train.good[$0] }
            result.training = parts.training
            result.validation = parts.validation
            result.split = SplitFile(
                train.dataset, training: used, validation: parts.validation.indices.map { train.good[$0] })
        }
        if result.validation?.count == 0 { result.validation = nil }
        if result.training.count == 0 { throw TrainingError.emptyDataset(train.dataset.name) }
        result.preprocessing = train.survey.preprocessing(of: used)
        result.preprocessing.fitting = fitting
        return result
    }

    private static func regex(_ pattern: String) throws -> Regex<AnyRegexOutput> {
        do {
            return try Regex(pattern)
        } catch {
            throw TrainingError.setting("'\(pattern)' is not a regular expression: \(error)")
        }
    }

    /// What tells the groups of a dataset's images apart: images that do not match are alone in theirs.
    private static func groups(by regex: Regex<AnyRegexOutput>, in dataset: any Dataset) -> (Int) -> String {
        { index in
            let name = dataset.imageName(at: index)
            guard let match = try? regex.firstMatch(in: name) else { return name }
            let part = match.output.count > 1 ? match.output[1].substring : match.output[0].substring
            return part.map(String.init) ?? name
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
    private func shape(of images: any ImageDataset, networkInput: Shape) -> Shape {
        // Datasets in memory have one shape, and know it.
        if let fixed = images as? any Dataset {
            let shape = fixed.imageShape
            guard let size else { return shape }
            return [shape.channels, size.height, size.width]
        }
        let size = self.size ?? nativeSize(of: images) ?? networkInput.size
        return [isGrey(images) ? 1 : 3, size.height, size.width]
    }

    /// The size that all pictures have, if it is small. What cannot be read is complained of later.
    private func nativeSize(of images: any ImageDataset) -> Size? {
        var common: Size?
        for index in 0..<images.count {
            guard let size = try? images.source(at: index).size(obeyingOrientation: true) else { continue }
            guard size == common ?? size, max(size.height, size.width) <= Self.largestNativeSide else { return nil }
            common = size
        }
        return common
    }

    /// Whether no picture has colours.
    private func isGrey(_ images: any ImageDataset) -> Bool {
        (0..<images.count).allSatisfy { ((try? images.source(at: $0) as? ImageFile)?.header.isGrey) ?? true }
    }
}
