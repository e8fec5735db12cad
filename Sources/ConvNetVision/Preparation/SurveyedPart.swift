import ConvNetGraph
import ConvNetTraining

/// A part of a dataset of which every picture, or its header, has been read.
struct SurveyedPart {
    /// All pictures, as they are read in every epoch.
    let dataset: any Dataset
    /// nil where no more than headers were read.
    let survey: DatasetSurvey?
    /// The positions of those that can be read.
    let good: [Int]
    let badFiles: [BadFile]

    /// - Parameters:
    ///   - shape: C×H×W of what the network gets.
    ///   - headers: what reading all headers has found, where that has been done.
    init(
        _ images: any Dataset, _ preprocessing: Preprocessing, shape: Shape, augmentation: Augmentation?,
        headers: HeaderSurvey? = nil, _ preparation: DataPreparation, progress: (Int) throws -> Void
    ) throws {
        var prepared: PreparedDataset?
        if augmentation != nil || images.isCostlyToRead || !images.holdsArrays && images.imageShape != shape {
            prepared = PreparedDataset(
                images, preparedBy: preprocessing, augmentation: augmentation, seed: preparation.seed,
                cacheBytes: preparation.cacheBytes)
        }
        let failures: [DatasetSurvey.Failure]
        if preparation.readsPictures {
            let survey = try DatasetSurvey(
                of: prepared ?? images, preparedBy: preprocessing, shape: shape, threads: preparation.threads,
                progress: progress)
            prepared?.contentChecksums = survey.contentChecksums
            failures = survey.failures
            self.survey = survey
        } else {
            failures = try (headers ?? HeaderSurvey(of: images, threads: preparation.threads, progress: progress))
                .failures
            survey = nil
        }
        dataset = prepared ?? images
        badFiles = failures.map { BadFile(path: images.imageName(at: $0.index), problem: "\($0.error)") }
        let bad = Set(failures.map(\.index))
        good = (0..<images.count).filter { !bad.contains($0) }
    }

    /// What can be read.
    var usable: any Dataset {
        good.count == dataset.count ? dataset : DatasetSubset(of: dataset, indices: good, name: dataset.name)
    }
}
