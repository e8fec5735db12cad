import ConvNetGraph
import Synchronization

@testable import ConvNetVision

/// A dataset that knows how often each of its pictures was read, and how often it was looked at.
final class CountedImages: ImageDataset {
    private let base: any ImageDataset
    private let counts: Mutex<(reads: [Int], looks: [Int])>

    init(_ base: any ImageDataset) {
        self.base = base
        let zeros = [Int](repeating: 0, count: base.count)
        counts = Mutex((zeros, zeros))
    }

    var reads: [Int] { counts.withLock { $0.reads } }
    var looks: [Int] { counts.withLock { $0.looks } }

    var name: String { base.name }
    var count: Int { base.count }
    var classes: [String] { base.classes }
    func label(at index: Int) -> Int { base.label(at: index) }
    func imageName(at index: Int) -> String { base.imageName(at: index) }

    func source(at index: Int) throws -> any ImageSource {
        counts.withLock { $0.reads[index] += 1 }
        return try base.source(at: index)
    }

    func pictureShape(at index: Int) throws -> Shape {
        counts.withLock { $0.looks[index] += 1 }
        return try base.pictureShape(at: index)
    }
}
