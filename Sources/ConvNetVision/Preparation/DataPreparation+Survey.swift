import ConvNetGraph
import ConvNetPages
import ConvNetTraining

/// What the second step has found.
struct DataSurvey {
    var train: SurveyedPart
    var validation, test: SurveyedPart?
    /// What is done to images; mean and standard deviation are measured on those that are trained on.
    var preprocessing: Preprocessing
    /// C×H×W of what the network gets.
    var shape: Shape
    var badFiles: [BadFile]
    var notices: [DatasetNotice]
}

/// The second step: which pictures can be read, and what they hold.
extension DataPreparation {
    /// Whether pictures are read to their end, and not only their headers.
    var readsPictures: Bool { normalization == nil && preprocessing == nil || skipsBadImages }

    /// - Parameter headers: what those of the training images say, where they have been read.
    /// - Throws: `DatasetError.badFiles` where pictures cannot be used and are not to be skipped, and what `progress` throws.
    func survey(
        _ images: DatasetParts, _ decided: Preprocessing, shape: Shape, headers: HeaderSurvey?,
        progress: (_ dataset: String, _ read: Int, _ all: Int) throws -> Void
    ) throws -> DataSurvey {
        func survey(
            _ part: any Dataset, _ augmentation: Augmentation?, headers: HeaderSurvey? = nil
        ) throws -> SurveyedPart {
            try SurveyedPart(part, decided, shape: shape, augmentation: augmentation, headers: headers, self) {
                try progress(part.name, $0, part.count)
            }
        }
        let train = try survey(
            images.train, decided.fitting.flatMap(augmentation.augmentation), headers: headers)
        let validation = try images.validation.map { try survey($0, nil) }
        let test = try images.test.map { try survey($0, nil) }
        let bad = images.badFiles + [train, validation, test].compactMap { $0 }.flatMap(\.badFiles)
        guard bad.isEmpty || skipsBadImages else {
            throw DatasetError.badFiles(
                dataset: images.name, problems: bad.prefix(Self.mostListedFiles).map(\.problem), count: bad.count)
        }
        var notices: [DatasetNotice] = []
        /// What nothing can be measured on is no part.
        func usable(_ part: SurveyedPart?, _ name: DatasetPart) -> SurveyedPart? {
            guard let part, part.good.isEmpty else { return part }
            notices.append(
                DatasetNotice(
                    "none of the \(part.dataset.count.counted("picture")) of the \(name) part can be used",
                    "The run goes on as without that part."))
            return nil
        }
        return DataSurvey(
            train: train, validation: usable(validation, .validation), test: usable(test, .test),
            preprocessing: decided, shape: shape, badFiles: bad, notices: notices)
    }
}
