import ConvNetGraph
import ConvNetTraining

/// A dataset's classes in the order in which a model has them.
package struct ClassOrder {
    /// The model's.
    let classes: [String]
    /// By the dataset's label.
    private let labels: [Int]

    /// nil where the names are not the same, or say nothing because two are.
    package init?(_ own: [String], in classes: [String]) {
        guard own.count == classes.count, classes.firstReadingAlike == nil else { return nil }
        let positions = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        let labels = own.compactMap { positions[$0] }
        guard Set(labels).count == classes.count else { return nil }
        self.classes = classes
        self.labels = labels
    }

    func label(_ own: Int) -> Int { labels[own] }
}

/// Pictures with the labels that a model has for their classes.
struct RelabelledImages: ImageDataset {
    let base: any ImageDataset
    let order: ClassOrder

    var name: String { base.name }
    var count: Int { base.count }
    var classes: [String] { order.classes }
    func label(at index: Int) -> Int { order.label(base.label(at: index)) }
    func imageName(at index: Int) -> String { base.imageName(at: index) }
    func source(at index: Int) throws -> any ImageSource { try base.source(at: index) }
    func pictureShape(at index: Int) throws -> Shape { try base.pictureShape(at: index) }
}

/// Images with the labels that a model has for their classes.
struct RelabelledDataset: Dataset {
    let base: any Dataset
    let order: ClassOrder

    var name: String { base.name }
    var count: Int { base.count }
    var classes: [String] { order.classes }
    var imageShape: Shape { base.imageShape }
    var isCostlyToRead: Bool { base.isCostlyToRead }
    func label(at index: Int) -> Int { order.label(base.label(at: index)) }
    func imageName(at index: Int) -> String { base.imageName(at: index) }
    func contentChecksum(at index: Int) -> UInt32? { base.contentChecksum(at: index) }

    func copyImage(at index: Int, to destination: UnsafeMutableBufferPointer<Float>) throws {
        try base.copyImage(at: index, to: destination)
    }

    func copyImage(at index: Int, epoch: Int, to destination: UnsafeMutableBufferPointer<Float>) throws {
        try base.copyImage(at: index, epoch: epoch, to: destination)
    }
}
