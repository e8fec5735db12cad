import ConvNetGraph
import Synchronization

/// Reads given images of a dataset one after the other, preprocessed.
///
/// Threads read pieces of the sequence ahead: single images where these are large, otherwise so many that handing them over
/// costs nothing beside reading them.
final class SequenceReader {
    private let shape: Shape
    private let source: Source
    private let reader: ReadAhead<Piece>?
    /// The images that have been read, and the piece that the next one is from.
    private var position = 0
    private var piece: Piece?
    private let pieceSize: Int

    /// - Parameters:
    ///   - shape: the network's input.
    ///   - epoch: nil for images as they are.
    ///   - threads: how many read ahead; 0 reads only when asked.
    /// - Throws: ``ThreadError``.
    init(
        _ indices: ArraySlice<Int>, of dataset: any Dataset, _ preprocessing: Preprocessing, shape: Shape, epoch: Int?,
        batchSize: Int, threads: Int
    ) throws {
        self.shape = shape
        let source = Source(
            indices: indices, dataset: dataset, preprocessing: preprocessing, epoch: epoch, shape: shape)
        self.source = source
        let pieceSize = max(1, min(batchSize, (1 << 16) / shape.count))
        self.pieceSize = pieceSize
        guard threads > 0 else {
            reader = nil
            return
        }
        let buffers = BufferPool(count: pieceSize * shape.count)
        let size = shape.count
        // Two batches, so that a batch can be computed with while the next one is read.
        let window = (2 * batchSize + pieceSize - 1) / pieceSize + threads
        reader = try ReadAhead(
            piecesOf: 0..<indices.count, size: pieceSize, threads: threads, window: window
        ) { positions in
            let piece = Piece(from: buffers)
            for position in positions {
                let start = position % pieceSize * size
                try source.read(
                    position, to: UnsafeMutableBufferPointer(rebasing: piece.elements[start..<start + size]))
            }
            return piece
        }
    }

    /// Writes the next `count` images one after the other.
    ///
    /// - Throws: what reading the first unreadable one of them throws.
    func read(_ count: Int, to destination: UnsafeMutableBufferPointer<Float>) throws {
        let size = shape.count
        for image in 0..<count {
            let target = UnsafeMutableBufferPointer(rebasing: destination[image * size..<(image + 1) * size])
            if let reader {
                if position % pieceSize == 0 {
                    piece = nil
                    piece = try reader.next()
                }
                guard let piece else { preconditionFailure("more images than were announced") }
                let start = position % pieceSize * size
                _ = target.update(fromContentsOf: piece.elements[start..<start + size])
            } else {
                try source.read(position, to: target)
            }
            position += 1
        }
    }

    /// What is read, and how.
    private struct Source: Sendable {
        let indices: ArraySlice<Int>
        let dataset: any Dataset
        let preprocessing: Preprocessing
        let epoch: Int?
        let shape: Shape

        func read(_ position: Int, to destination: UnsafeMutableBufferPointer<Float>) throws {
            let index = indices[indices.startIndex + position]
            let item = try epoch.map { try dataset.item(at: index, epoch: $0) } ?? dataset.item(at: index)
            try preprocessing.write(item, to: destination, shape: shape)
            try dataset.checkFinite(UnsafeBufferPointer(destination), at: index)
        }
    }
}

/// Images that were read ahead; their memory goes back to its pool when nobody needs them any more.
private final class Piece: Sendable {
    private let buffer: AlignedBuffer<Float>
    private let pool: BufferPool

    init(from pool: BufferPool) {
        self.pool = pool
        buffer = pool.take()
    }

    var elements: UnsafeMutableBufferPointer<Float> { buffer.elements }

    deinit { pool.giveBack(buffer) }
}

/// Memory that is used again: fresh pages would cost as much as decoding a tenth of a picture.
private final class BufferPool: Sendable {
    private let count: Int
    private let free = Mutex<[AlignedBuffer<Float>]>([])

    init(count: Int) {
        self.count = count
    }

    func take() -> AlignedBuffer<Float> {
        free.withLock { $0.popLast() } ?? AlignedBuffer<Float>(count: count)
    }

    func giveBack(_ buffer: AlignedBuffer<Float>) { free.withLock { $0.append(buffer) } }
}
