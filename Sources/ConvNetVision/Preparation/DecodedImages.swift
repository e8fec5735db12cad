import ConvNetTraining
import Synchronization

/// Decoded pictures that are kept for the next epoch, as many as fit into a given amount of memory: the first ones that come.
final class DecodedImages: Sendable {
    private let limit: Int
    private let kept = Mutex(Kept())

    private struct Kept {
        var images: [Int: Image] = [:]
        var bytes = 0
    }

    /// - Parameter limit: in bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// The picture that was kept, or the one that `decode` gives.
    func image(at index: Int, _ decode: () throws -> Image) rethrows -> Image {
        if let image = kept.withLock({ $0.images[index] }) { return image }
        let image = try decode()
        kept.withLock { kept in
            guard kept.images[index] == nil, kept.bytes + image.pixels.count <= limit else { return }
            kept.images[index] = image
            kept.bytes += image.pixels.count
        }
        return image
    }
}
