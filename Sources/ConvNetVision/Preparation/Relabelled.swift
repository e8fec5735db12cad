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

    func target(_ own: Target) -> Target {
        switch own {
        case .label(let label): return .label(labels[label])
        case .labels(let set): return .labels(set.map { labels[$0] }.sorted())
        case .distribution(let shares):
            var reordered = shares
            for (label, share) in shares.enumerated() { reordered[labels[label]] = share }
            return .distribution(reordered)
        }
    }
}

/// Images with the labels that a model has for their classes.
struct RelabelledDataset: Dataset {
    let base: any Dataset
    let order: ClassOrder

    var name: String { base.name }
    var count: Int { base.count }
    var classes: [String] { order.classes }
    var imageShape: Shape? { base.imageShape }
    var isCostlyToRead: Bool { base.isCostlyToRead }
    var targetKind: TargetKind { base.targetKind }
    func target(at index: Int) -> Target { order.target(base.target(at: index)) }
    func item(at index: Int) throws -> DatasetItem { try base.item(at: index) }
    func item(at index: Int, epoch: Int) throws -> DatasetItem { try base.item(at: index, epoch: epoch) }
    func imageShape(at index: Int) throws -> Shape { try base.imageShape(at: index) }
    func imageName(at index: Int) -> String { base.imageName(at: index) }
    func contentChecksum(at index: Int) -> UInt32? { base.contentChecksum(at: index) }
}
