import ConvNetGraph
import ConvNetTraining
import Foundation

/// A dataset in its parts.
public struct DatasetParts: Sendable {
    /// The name of the whole, e.g. `photos`.
    public let name: String
    /// What the network learns from; all pictures, where the dataset is not divided.
    public var train: any Dataset
    /// What epochs are compared by; nil where a part of `train` has to serve.
    public var validation: (any Dataset)?
    /// What the network is measured on.
    public var test: (any Dataset)?
    /// What was found beside the pictures and cannot be used.
    public var badFiles: [BadFile] = []
    /// What is left aside, and what may have been meant otherwise.
    public internal(set) var notices: [DatasetNotice] = []
    /// The names of the parts' directories, where parts are directories.
    var directories: [DatasetPart: String] = [:]
    /// The directory that a table lies in and is known by; its pictures should all be in the table.
    var tableDirectory: URL?
    /// Files in the classes' directories that have no picture's name.
    var unrecognizedFiles: ImageFileDataset?

    /// Parts that somebody else has made.
    public init(
        name: String, train: any Dataset, validation: (any Dataset)? = nil, test: (any Dataset)? = nil,
        badFiles: [BadFile] = []
    ) {
        self.name = name
        self.train = train
        self.validation = validation
        self.test = test
        self.badFiles = badFiles
    }

    /// The parts that there are, as the command calls them; `train`, where there is none, without pictures.
    public var parts: [(part: DatasetPart, images: any Dataset)] {
        [(.train, train)] + (validation.map { [(.validation, $0)] } ?? []) + (test.map { [(.test, $0)] } ?? [])
    }

    /// What a model is measured on where nobody says it: the images for testing, where there are none those for validation, and
    /// all of a dataset that is not divided.
    public var measured: (part: DatasetPart, images: any Dataset) {
        if let test { return (.test, test) }
        return validation.map { (.validation, $0) } ?? (.train, train)
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
