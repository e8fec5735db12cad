import ConvNetEngine
import ConvNetGraph
import ConvNetPages
import ConvNetTraining

/// The third step: which images are in which part.
extension DataPreparation {
    /// Whether images that are there to learn from are kept for something else.
    func divides(_ images: DatasetParts) -> Bool { divides(hasValidation: images.validation != nil) }

    private func divides(hasValidation: Bool) -> Bool {
        split == nil && (testFraction > 0 || !hasValidation && validationFraction > 0)
    }

    /// - Parameter groups: of the training images, where they are to be divided and have been grouped.
    /// - Throws: `DatasetError.badSplit`, ``SettingError`` where groups leave nothing for a part, ``TrainingError/emptyDataset(_:)``.
    func divide(_ survey: DataSurvey, name: String, groups: ImageGroups?) throws -> PreparedData {
        let (train, validation, test) = (survey.train, survey.validation, survey.test)
        var groups = groups
        var notices: [DatasetNotice] = []
        // A part of which no image can be used has gone since.
        if let grouping, groups == nil {
            if divides(hasValidation: validation != nil) {
                groups = try ImageGroups(grouping, of: train.dataset)
            } else if split == nil {
                notices.append(
                    DatasetNotice(
                        "nothing is divided, so that grouping by '\(printable(grouping))' does nothing",
                        "A share for validation or test is divided where there is no such part."))
            }
        }
        var result = PreparedData(
            name: name, training: train.usable, validation: validation?.usable, test: test?.usable,
            preprocessing: survey.preprocessing, imageShape: survey.shape, skipped: survey.badFiles)
        result.notices = notices
        var used = train.good
        func subset(_ positions: [Int], _ part: String) -> DatasetSubset {
            DatasetSubset(of: train.dataset, indices: positions, name: "\(train.dataset.name), \(part)")
        }
        if let split {
            let parts = try split.positions(in: train.dataset)
            let good = Set(train.good)
            used = parts.train.filter(good.contains)
            result.training = subset(used, "training")
            result.validation = subset(parts.validation.filter(good.contains), "validation")
            // Of a dataset that brings a part of its own the split has nothing to say.
            if parts.validation.isEmpty, let validation { result.validation = validation.usable }
            if let test = parts.test { result.test = subset(test.filter(good.contains), "test") }
            result.split = split
            result.unused =
                train.good.count - used.count - parts.validation.count(where: good.contains)
                - (parts.test == nil ? 0 : result.test?.count ?? 0)
        } else if divides(hasValidation: validation != nil) {
            let parts = try draw(from: train, hasValidation: validation != nil, groups: groups)
            used = parts.training
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
        if normalization == nil, preprocessing == nil, let measured = train.survey?.preprocessing(of: used) {
            result.preprocessing.mean = measured.mean
            result.preprocessing.standardDeviation = measured.standardDeviation
            result.preprocessing.channels = measured.channels
        }
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

    /// Refuses shares that cannot be met.
    func checkFractions(_ images: DatasetParts) throws {
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
