import ConvNetGraph

/// Some of the images of a dataset, in a given order.
public struct DatasetSubset: Dataset {
    /// The dataset that the images are from.
    public let base: any Dataset
    /// Positions in `base`.
    public let indices: [Int]
    public let name: String

    /// The images of `base` at `indices`, in that order; an index may occur more than once.
    public init(of base: any Dataset, indices: [Int], name: String) {
        self.base = base
        self.indices = indices
        self.name = name
    }

    public var count: Int { indices.count }
    public var imageShape: Shape? { base.imageShape }
    public var classes: [String] { base.classes }
    public var targetKind: TargetKind { base.targetKind }
    public func target(at index: Int) -> Target { base.target(at: indices[index]) }
    public func item(at index: Int) throws -> DatasetItem { try base.item(at: indices[index]) }
    public func imageShape(at index: Int) throws -> Shape { try base.imageShape(at: indices[index]) }
    public func imageName(at index: Int) -> String { base.imageName(at: indices[index]) }
    public func contentChecksum(at index: Int) -> UInt32? { base.contentChecksum(at: indices[index]) }
    public var isCostlyToRead: Bool { base.isCostlyToRead }

    public func item(at index: Int, epoch: Int) throws -> DatasetItem {
        try base.item(at: indices[index], epoch: epoch)
    }
}
