/// Which images an epoch trains on.
public enum Sampling: String, CaseIterable, Codable, Sendable {
    /// Each once.
    case shuffled
    /// Each once, in the dataset's order: the same batches in every epoch.
    case sequential
    /// As many of each class: those of a small class come several times, of a large one some are left to other epochs.
    case balanced
}

extension Dataset {
    /// For each class, what one of its images has to count for all classes to count the same: images / (classes · images of
    /// the class), and 0 for classes without any. Of images with any number of classes see ``positiveWeights``.
    public var balancingWeights: [Double] {
        let counts = classCounts
        let present = counts.count { $0 > 0 }
        return counts.map { $0 > 0 ? Double(count) / Double(present * $0) : 0 }
    }

    /// For each class, what an image that has it has to count, beside one that has not, for both to count the same: images without the
    /// class / images with it, and 1 for classes without any. As PyTorch's `pos_weight` of `BCEWithLogitsLoss` takes them.
    public var positiveWeights: [Double] {
        classCounts.map { $0 > 0 && $0 < count ? Double(count - $0) / Double($0) : 1 }
    }
}
