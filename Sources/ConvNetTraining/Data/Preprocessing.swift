import ConvNetEngine
import ConvNetGraph

/// What happens to an image between the dataset and the network: x ↦ (x − mean) / standard deviation, channel by channel, and
/// before that what brings a picture to the network's size. A model carries its own, so that predictions see what training
/// saw.
public struct Preprocessing: Hashable, Codable, Sendable {
    /// One number a channel, in the dataset's units: 0 ... 1 for pixels. Empty for both means that nothing is done.
    public var mean: [Float]
    /// As many as there are means, each above 0.
    public var standardDeviation: [Float]
    /// How pictures of any size come to the network's; nil where only those of its own size are taken.
    public var fitting: ImageFitting?

    /// Values known beforehand; ``init(measuring:)`` takes those of a dataset.
    public init(mean: [Float], standardDeviation: [Float], fitting: ImageFitting? = nil) {
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.fitting = fitting
    }

    /// Leaves images as they are.
    public static let identity = Preprocessing(mean: [], standardDeviation: [])

    /// Mean and standard deviation of each channel over all images of a dataset.
    ///
    /// A channel that is the same everywhere gets a standard deviation of 1.
    ///
    /// - Throws: what reading the images throws.
    public init(measuring dataset: any Dataset) throws {
        let survey = try DatasetSurvey(of: dataset)
        if let failure = survey.failures.first { throw failure.error }
        self = survey.preprocessing(of: Array(0..<dataset.count))
    }

    /// Checks that there is a mean and a usable standard deviation for each channel of a network's images, and that pictures
    /// are brought to their size.
    ///
    /// - Throws: ``ModelError/preprocessing(_:)``.
    package func validate(for input: Shape) throws {
        try fitting?.validate(for: input)
        if mean.isEmpty, standardDeviation.isEmpty { return }
        guard mean.count == input.channels, standardDeviation.count == input.channels else {
            throw ModelError.preprocessing(
                "\(mean.count) means and \(standardDeviation.count) standard deviations for \(input.channels) channels")
        }
        guard mean.allSatisfy(\.isFinite), standardDeviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw ModelError.preprocessing("means must be finite, standard deviations finite and above 0")
        }
        for (mean, deviation) in zip(mean, standardDeviation)
        where !((0 - mean) / deviation).isFinite || !((1 - mean) / deviation).isFinite {
            throw ModelError.preprocessing(
                "a mean of \(mean) and a standard deviation of \(deviation) leave no finite number")
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
