import ConvNetTraining

/// A dataset in its two parts.
public struct TrainTestDatasets: Sendable {
    /// The name of the whole, e.g. `fashion-mnist`.
    public let name: String

    /// What the network learns from.
    public let train: any Dataset

    /// What it is measured on; images of the same shape, labels of the same classes.
    public let test: any Dataset

    /// Two parts that somebody else has read.
    public init(name: String, train: any Dataset, test: any Dataset) {
        self.name = name
        self.train = train
        self.test = test
    }
}

/// One of the parts of a dataset.
public enum DatasetPart: String, CaseIterable, Sendable {
    /// What networks learn from.
    case train
    /// What the epochs of a training run are compared by.
    case validation
    /// What they are measured on.
    case test
}
