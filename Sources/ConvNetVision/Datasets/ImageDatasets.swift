import ConvNetGraph
import Foundation

/// A dataset of pictures in its parts.
public struct ImageDatasets: Sendable {
    /// The name of the whole, e.g. `photos`.
    public let name: String
    /// What the network learns from; all pictures, where the dataset is not divided.
    public var train: any ImageDataset
    /// What epochs are compared by; nil where a part of `train` has to serve.
    public var validation: (any ImageDataset)?
    /// What the network is measured on.
    public var test: (any ImageDataset)?
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
        name: String, train: any ImageDataset, validation: (any ImageDataset)? = nil, test: (any ImageDataset)? = nil,
        badFiles: [BadFile] = []
    ) {
        self.name = name
        self.train = train
        self.validation = validation
        self.test = test
        self.badFiles = badFiles
    }

    /// The parts that there are, as the command calls them; `train`, where there is none, without pictures.
    public var parts: [(part: DatasetPart, images: any ImageDataset)] {
        [(.train, train)] + (validation.map { [(.validation, $0)] } ?? []) + (test.map { [(.test, $0)] } ?? [])
    }
}
