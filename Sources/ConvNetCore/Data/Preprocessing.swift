/// What happens to an image's numbers between the dataset and the network: x ↦ (x − mean) / standard deviation, channel by
/// channel. A model carries its own, so that predictions see what training saw.
public struct Preprocessing: Hashable, Codable, Sendable {
    /// One number a channel, in the dataset's units: 0 ... 1 for pixels. Empty for both means that nothing is done.
    public var mean: [Float]
    /// As many as there are means, each above 0.
    public var standardDeviation: [Float]

    /// Values known beforehand; ``init(measuring:)`` takes those of a dataset.
    public init(mean: [Float], standardDeviation: [Float]) {
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// Leaves images as they are.
    public static let identity = Preprocessing(mean: [], standardDeviation: [])

    /// Mean and standard deviation of each channel over all images of a dataset.
    ///
    /// A channel that is the same everywhere gets a standard deviation of 1.
    ///
    /// - Throws: what reading the images throws.
    public init(measuring dataset: any Dataset) throws {
        let shape = dataset.imageShape
        let area = shape.height * shape.width
        var sums = [Double](repeating: 0, count: shape.channels)
        var squares = sums
        // Values are summed as differences from the first one: of equal values the variance is then exactly 0, and where
        // the mean is large the squares do not cancel.
        var origins = [Float](repeating: 0, count: shape.channels)
        let image = AlignedBuffer<Float>(count: shape.count)
        for index in 0..<dataset.count {
            try dataset.copyImage(at: index, to: image.elements)
            for channel in 0..<shape.channels {
                // Four sums side by side, so that the processor need not wait for one addition before the next.
                var sum = SIMD4<Float>()
                var square = SIMD4<Float>()
                let start = image.pointer + channel * area
                if index == 0 { origins[channel] = start[0] }
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
                sums[channel] += Double(sum.sum())
                squares[channel] += Double(square.sum())
            }
        }
        let count = Double(max(1, dataset.count * area))
        mean = zip(origins, sums).map { Float(Double($0) + $1 / count) }
        standardDeviation = zip(sums, squares).map { sum, square in
            let variance = square / count - (sum / count) * (sum / count)
            return variance > 0 ? Float(variance.squareRoot()) : 1
        }
    }

    /// Checks that there is a mean and a usable standard deviation for each channel.
    ///
    /// - Throws: ``ModelError/preprocessing(_:)``.
    package func validate(channels: Int) throws {
        if self == .identity { return }
        guard mean.count == channels, standardDeviation.count == channels else {
            throw ModelError.preprocessing(
                "\(mean.count) means and \(standardDeviation.count) standard deviations for \(channels) channels")
        }
        guard mean.allSatisfy(\.isFinite), standardDeviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw ModelError.preprocessing("means must be finite, standard deviations finite and above 0")
        }
    }

    /// Changes one image C×H×W in place.
    func apply(to image: UnsafeMutableBufferPointer<Float>, shape: Shape) {
        if mean.isEmpty { return }
        let area = shape.height * shape.width
        for channel in 0..<shape.channels {
            let (mean, deviation) = (mean[channel], standardDeviation[channel])
            for i in channel * area..<(channel + 1) * area { image[i] = (image[i] - mean) / deviation }
        }
    }
}
