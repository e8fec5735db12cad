import ConvNetGraph

/// How fast images of a dataset are read, augmented and preprocessed.
package struct LoadingSpeed: Sendable, Hashable {
    /// Images that were read while the clock ran.
    package let imageCount: Int
    /// How long it took.
    package let seconds: Double

    /// Images a second.
    package var imagesPerSecond: Double { seconds > 0 ? Double(imageCount) / seconds : 0 }

    /// Reads images as an epoch of training does, in random order, and as often as it takes.
    ///
    /// - Parameters:
    ///   - shape: C×H×W of what they become.
    ///   - imageCount: how many, beside a few before the clock starts.
    ///   - threads: 1 reads on the calling thread alone.
    /// - Throws: what reading throws.
    package init(
        of dataset: any Dataset, preprocessing: Preprocessing, shape: Shape, imageCount: Int, threads: Int,
        seed: UInt64 = 0
    ) throws {
        let warmUp = min(20, imageCount)
        let order = EpochOrder(dataset, sampling: .shuffled, seed: seed)
        var indices: [Int] = []
        var epoch = 0
        while indices.count < warmUp + imageCount {
            indices += order.indices(epoch: epoch)
            epoch += 1
        }
        let batchSize = 16
        let reader = try SequenceReader(
            indices[..<(warmUp + imageCount)], of: dataset, preprocessing, shape: shape, epoch: 0, batchSize: batchSize,
            threads: threads > 1 ? threads : 0)
        let buffer = AlignedBuffer<Float>(count: shape.count)
        for _ in 0..<warmUp { try reader.read(1, to: buffer.elements) }
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<imageCount { try reader.read(1, to: buffer.elements) }
        self.imageCount = imageCount
        seconds = (clock.now - start) / .seconds(1)
    }
}
