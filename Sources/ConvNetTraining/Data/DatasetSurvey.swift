import ConvNetEngine
import ConvNetGraph

/// What reading every image of a dataset once has found: which ones cannot be read, and what the others' channels hold.
public struct DatasetSurvey: Sendable {
    /// An image that cannot be read.
    public struct Failure: Sendable {
        /// Its position in the dataset.
        public let index: Int
        /// Why.
        public let error: any Error

        package init(index: Int, error: any Error) {
            self.index = index
            self.error = error
        }
    }

    /// The images that cannot be read, in the dataset's order.
    public let failures: [Failure]

    private let channels: Int
    private let area: Int
    /// A number for each channel, which all others are counted from: of equal values the variance is then exactly 0, and
    /// where the mean is large the squares do not cancel.
    private let origins: [Float]
    /// Of each image and channel, the sum of its values and of their squares.
    private let sums: [SIMD2<Float>]

    /// Reads all images, as they are, each once.
    ///
    /// - Parameters:
    ///   - preprocessing: what is done to them before they are measured, but for mean and standard deviation.
    ///   - shape: C×H×W of what they become; nil where the preprocessing or the dataset says it.
    ///   - threads: how many read, where reading is costly.
    ///   - progress: called now and then with the number of images that have been read.
    /// - Throws: ``ModelError/preprocessing(_:)`` for pictures of any size that are not brought to one, ``EngineError`` where
    ///   memory has no room for the images, ``ThreadError``, and what `progress` throws.
    public init(
        of dataset: any Dataset, preparedBy preprocessing: Preprocessing = .identity, shape: Shape? = nil,
        threads: Int = AvailableProcessors.count, progress: (Int) throws -> Void = { _ in }
    ) throws {
        guard let shape = shape ?? preprocessing.outputShape(of: dataset) else {
            throw ModelError.preprocessing(
                "the pictures of \(dataset.name) are of any size, and are not brought to one")
        }
        var preprocessing = preprocessing
        (preprocessing.mean, preprocessing.standardDeviation) = ([], [])
        try EngineError.checkRoom(forImages: dataset.isCostlyToRead ? threads : 1, of: shape)
        channels = shape.channels
        area = shape.height * shape.width
        let area = area
        var sums: [SIMD2<Float>] = []
        sums.reserveCapacity(dataset.count * channels)
        var failures: [Failure] = []
        func add(_ result: Result<[SIMD2<Float>], any Error>, at index: Int) {
            switch result {
            case .success(let found):
                sums += found
            case .failure(let error):
                failures.append(Failure(index: index, error: error))
                sums += [SIMD2<Float>](repeating: .zero, count: shape.channels)
            }
        }
        // The first image that can be read says where to count from.
        let first = AlignedBuffer<Float>(count: shape.count)
        var origins = [Float](repeating: 0, count: shape.channels)
        var start = 0
        while start < dataset.count {
            let result = Result {
                try preprocessing.write(dataset.item(at: start), to: first.elements, shape: shape)
                origins = origins.indices.map { first.elements[$0 * area] }
                return Self.sums(of: first.elements, area: area, origins: origins)
            }
            add(result, at: start)
            start += 1
            try progress(start)
            if case .success = result { break }
        }
        self.origins = origins
        // Pieces, so that handing over costs nothing beside measuring.
        let reader = try ReadAhead(
            piecesOf: start..<dataset.count, size: max(1, (1 << 16) / shape.count),
            threads: dataset.isCostlyToRead ? threads : 0, window: 4 * threads
        ) { [origins, preprocessing] indices in
            let image = AlignedBuffer<Float>(count: shape.count)
            return indices.map { index in
                Result {
                    try preprocessing.write(dataset.item(at: index), to: image.elements, shape: shape)
                    return Self.sums(of: image.elements, area: area, origins: origins)
                }
            }
        }
        while let results = try reader.next() {
            for result in results {
                add(result, at: start)
                start += 1
            }
            try progress(start)
        }
        self.sums = sums
        self.failures = failures
    }

    /// Of each image a number that its pixels decide on: the CRC-32 of their sums.
    package var contentChecksums: [UInt32] {
        guard channels > 0 else { return [] }
        return stride(from: 0, to: sums.count, by: channels).map { first in
            var checksum = CRC32()
            sums[first..<first + channels].withUnsafeBytes { checksum.append($0) }
            return checksum.value
        }
    }

    private static func sums(
        of image: UnsafeMutableBufferPointer<Float>, area: Int, origins: [Float]
    ) -> [SIMD2<Float>] {
        origins.indices.map { channel in
            // Four sums side by side, so that the processor need not wait for one addition before the next.
            var sum = SIMD4<Float>()
            var square = SIMD4<Float>()
            let start = UnsafeMutableBufferPointer(rebasing: image[channel * area..<(channel + 1) * area])
            let origin = origins[channel]
            for first in stride(from: 0, to: area - area % 4, by: 4) {
                let x = SIMD4(start[first], start[first + 1], start[first + 2], start[first + 3]) - origin
                sum += x
                square += x * x
            }
            for i in area - area % 4..<area {
                let x = start[i] - origin
                sum[0] += x
                square[0] += x * x
            }
            return SIMD2(sum.sum(), square.sum())
        }
    }

    /// Mean and standard deviation of each channel over some of the images, which must be readable. A channel that is the
    /// same everywhere gets a standard deviation of 1.
    ///
    /// - Parameter indices: positions in the dataset.
    public func preprocessing(of indices: [Int]) -> Preprocessing {
        var totals = [SIMD2<Double>](repeating: .zero, count: channels)
        for index in indices {
            for channel in 0..<channels { totals[channel] += SIMD2<Double>(sums[index * channels + channel]) }
        }
        let count = Double(max(1, indices.count * area))
        return Preprocessing(
            mean: zip(origins, totals).map { Float(Double($0) + $1.x / count) },
            standardDeviation: totals.map { total in
                let variance = total.y / count - (total.x / count) * (total.x / count)
                return variance > 0 ? Float(variance.squareRoot()) : 1
            })
    }
}
