import ConvNetGraph

/// A collection of labelled pictures, each of a size of its own. A ``PreparedDataset`` brings them to one size, for networks.
///
/// Implementations are immutable and may be read from several threads at once.
public protocol ImageDataset: Sendable {
    /// What messages call this dataset, e.g. `photos (validation)`.
    var name: String { get }

    /// The number of pictures.
    var count: Int { get }

    /// The class names; a label is an index into them.
    var classes: [String] { get }

    /// The class index of one picture.
    func label(at index: Int) -> Int

    /// What identifies one picture to a person: its file's path within the dataset, or its position.
    func imageName(at index: Int) -> String

    /// One picture, not yet decoded.
    ///
    /// - Throws: why its file cannot be read, or is none of a picture.
    func source(at index: Int) throws -> any ImageSource

    /// What one picture says of itself before it is decoded: C×H×W, with 1 channel where it is grey and 3 otherwise, upright.
    ///
    /// - Throws: as ``source(at:)``.
    func pictureShape(at index: Int) throws -> Shape
}

extension ImageDataset {
    /// Of a source that is decoded already its own; any other is taken to have colours.
    public func pictureShape(at index: Int) throws -> Shape {
        let source = try source(at: index)
        let size = source.size(obeyingOrientation: true)
        return [source.isStoredGrey ? 1 : 3, size.height, size.width]
    }
}

/// Some of the pictures of a dataset.
public struct ImageDatasetSubset: ImageDataset {
    /// The dataset that the pictures are from.
    public let base: any ImageDataset
    /// Positions in `base`.
    public let indices: [Int]
    public let name: String

    /// The pictures of `base` at `indices`, in that order.
    public init(of base: any ImageDataset, indices: [Int], name: String) {
        self.base = base
        self.indices = indices
        self.name = name
    }

    public var count: Int { indices.count }
    public var classes: [String] { base.classes }
    public func label(at index: Int) -> Int { base.label(at: indices[index]) }
    public func imageName(at index: Int) -> String { base.imageName(at: indices[index]) }
    public func source(at index: Int) throws -> any ImageSource { try base.source(at: indices[index]) }
    public func pictureShape(at index: Int) throws -> Shape { try base.pictureShape(at: indices[index]) }
}
