import ConvNetGraph
import ConvNetTraining
import Synchronization

@testable import ConvNetVision

/// A dataset that knows how often each of its pictures was read, and how often it was looked at.
final class CountedImages: Dataset {
    private let base: any Dataset
    private let counts: Mutex<(reads: [Int], looks: [Int])>

    init(_ base: any Dataset) {
        self.base = base
        let zeros = [Int](repeating: 0, count: base.count)
        counts = Mutex((zeros, zeros))
    }

    var reads: [Int] { counts.withLock { $0.reads } }
    var looks: [Int] { counts.withLock { $0.looks } }

    var name: String { base.name }
    var count: Int { base.count }
    var classes: [String] { base.classes }
    var imageShape: Shape? { base.imageShape }
    var isCostlyToRead: Bool { base.isCostlyToRead }
    func target(at index: Int) -> Target { base.target(at: index) }
    func imageName(at index: Int) -> String { base.imageName(at: index) }

    func item(at index: Int) throws -> DatasetItem {
        counts.withLock { $0.reads[index] += 1 }
        return try base.item(at: index)
    }

    func imageShape(at index: Int) throws -> Shape {
        counts.withLock { $0.looks[index] += 1 }
        return try base.imageShape(at: index)
    }
}
