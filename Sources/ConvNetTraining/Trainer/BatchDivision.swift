/// How the images of an epoch are divided into batches, and these into the parts that are computed one after the other.
///
/// Batches have one size but for the last, which takes what is left. A remainder that is smaller than the network can be
/// trained with (a single image, where a batch norm would see a single value a channel) joins the batch before it.
struct BatchDivision: Hashable {
    var images: Int
    var batchSize: Int
    /// The most images that are computed at once.
    var partSize: Int
    /// The fewest that the network can be trained with.
    var smallest: Int

    /// Batches in an epoch.
    var count: Int { Self.count(images, by: batchSize, smallest: smallest) }

    /// The positions, in the epoch's order, of one batch's images.
    func batch(_ index: Int) -> Range<Int> {
        Self.piece(index, of: 0..<images, by: batchSize, smallest: smallest)
    }

    /// The number of parts of a batch.
    func partCount(of batch: Range<Int>) -> Int { Self.count(batch.count, by: partSize, smallest: smallest) }

    /// One part of a batch.
    func part(_ index: Int, of batch: Range<Int>) -> Range<Int> {
        Self.piece(index, of: batch, by: partSize, smallest: smallest)
    }

    /// The sizes of all parts of all batches: plans are needed for these.
    var partSizes: Set<Int> {
        // All batches but the last are alike.
        let batches = Set([batch(0), batch(count - 1)])
        return Set(
            batches.flatMap { batch in
                // So are all parts but the last.
                [part(0, of: batch).count, part(partCount(of: batch) - 1, of: batch).count]
            })
    }

    private static func count(_ total: Int, by size: Int, smallest: Int) -> Int {
        let remainder = total % size
        return max(1, total / size + (remainder >= smallest ? 1 : 0))
    }

    private static func piece(_ index: Int, of range: Range<Int>, by size: Int, smallest: Int) -> Range<Int> {
        let start = range.lowerBound + index * size
        let isLast = index == count(range.count, by: size, smallest: smallest) - 1
        return start..<(isLast ? range.upperBound : start + size)
    }
}
