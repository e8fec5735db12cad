import ConvNetGraph
import ConvNetTraining

/// What a network is trained with and measured on. Made by ``DataPreparation``.
public struct PreparedData: Sendable {
    /// The dataset's name.
    public let name: String
    /// Augmented, where that was asked for.
    public internal(set) var training: any Dataset
    /// nil where epochs are not compared.
    public internal(set) var validation: (any Dataset)?
    /// nil where the dataset has no such part.
    public internal(set) var test: (any Dataset)?
    /// Mean and standard deviation of the training images, and how pictures are brought to their size.
    public internal(set) var preprocessing: Preprocessing
    /// The files that cannot be used, and were left out.
    public let skipped: [BadFile]
    /// Which images are in which part; nil where the dataset came in its parts.
    public internal(set) var split: SplitFile?
    /// Images that a given split does not name.
    public internal(set) var unused = 0
    /// How the training images were grouped; nil where they were not.
    public internal(set) var groups: ImageGroups?
    /// What is left aside, and what may have been meant otherwise.
    public internal(set) var notices: [DatasetNotice] = []
}

/// A part of a dataset of which every picture has been read.
struct SurveyedPart {
    /// All pictures, made ready for the network.
    let dataset: any Dataset
    let survey: DatasetSurvey
    /// The positions of those that can be read.
    let good: [Int]
    let badFiles: [BadFile]

    init(
        _ images: any ImageDataset, shape: Shape, fitting: ImageFitting, augmentation: Augmentation?,
        _ preparation: DataPreparation, progress: (Int) throws -> Void
    ) throws {
        if augmentation == nil, let ready = images as? any Dataset, ready.imageShape == shape {
            dataset = ready
            survey = try DatasetSurvey(of: ready, threads: preparation.threads, progress: progress)
        } else {
            var prepared = PreparedDataset(
                images, channels: shape.channels, fitting: fitting, augmentation: augmentation, seed: preparation.seed,
                cacheBytes: preparation.cacheBytes)
            survey = try DatasetSurvey(of: prepared, threads: preparation.threads, progress: progress)
            prepared.contentChecksums = survey.contentChecksums
            dataset = prepared
        }
        badFiles = survey.failures.map { BadFile(path: images.imageName(at: $0.index), problem: "\($0.error)") }
        let bad = Set(survey.failures.map(\.index))
        good = (0..<images.count).filter { !bad.contains($0) }
    }

    /// What can be read.
    var usable: any Dataset {
        good.count == dataset.count ? dataset : DatasetSubset(of: dataset, indices: good, name: dataset.name)
    }
}
