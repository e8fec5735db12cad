import ConvNetEngine
import ConvNetGraph

/// What happens to an image between its dataset and the network, in this order:
///
/// 1. a picture is turned upright as its file says (``obeysOrientation``),
/// 2. where it is transparent, ``background`` is seen,
/// 3. it is made grey or RGB (``channels``),
/// 4. it is resized, and the centre is cut out or what is missing filled (``fitting``),
/// 5. its bytes are divided by ``divisor``,
/// 6. each channel's values become (x − mean) / standard deviation.
///
/// Arrays of numbers take part in the last step only. A model carries its own, so that predictions see what training saw.
public struct Preprocessing: Hashable, Sendable {
    /// Whether pictures are turned upright as they say themselves (EXIF). Models from elsewhere were often trained without.
    public var obeysOrientation: Bool
    /// What is seen where pictures are transparent.
    public var background: Background
    /// How pictures of any size come to the network's; nil where only those of its own size are taken.
    public var fitting: ImageFitting?
    /// 1 for grey, 3 for RGB; nil for the network's. Colours become grey by the formula of ITU-R BT.601.
    public var channels: Int?
    /// What bytes are divided by: 255 for values of 0 ... 1, 1 for 0 ... 255.
    public var divisor: Float
    /// One number a channel, in the units that the step before leaves. Empty for both means that nothing is done.
    public var mean: [Float]
    /// As many as there are means, each above 0.
    public var standardDeviation: [Float]

    /// Values known beforehand; ``init(measuring:)`` takes those of a dataset.
    public init(
        mean: [Float] = [], standardDeviation: [Float] = [], fitting: ImageFitting? = nil, channels: Int? = nil,
        obeysOrientation: Bool = true, background: Background = .white, divisor: Float = 255
    ) {
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.fitting = fitting
        self.channels = channels ?? (mean.isEmpty ? nil : mean.count)
        self.obeysOrientation = obeysOrientation
        self.background = background
        self.divisor = divisor
    }

    /// Takes pictures of the network's size, as values of 0 ... 1, and leaves arrays as they are.
    public static let identity = Preprocessing()

    /// Mean and standard deviation of each channel over all images of a dataset, whose images have one shape.
    ///
    /// A channel that is the same everywhere gets a standard deviation of 1.
    ///
    /// - Throws: what reading the images throws, and ``DatasetSurvey/init(of:preparedBy:shape:threads:progress:)``.
    public init(measuring dataset: any Dataset) throws {
        let survey = try DatasetSurvey(of: dataset)
        if let failure = survey.failures.first { throw failure.error }
        self = survey.preprocessing(of: Array(0..<dataset.count))
    }

    /// The shape C×H×W that a dataset's images have behind it; nil for pictures of any size, where it does not say to which.
    public func outputShape(of dataset: any Dataset) -> Shape? {
        guard let fitting, !dataset.holdsArrays else { return dataset.imageShape }
        return [channels ?? dataset.imageShape?.channels ?? 3, fitting.size.height, fitting.size.width]
    }
}

// MARK: - Applying

extension Preprocessing {
    /// One image as a network that takes `shape` gets it: C×H×W, row-major.
    ///
    /// - Throws: ``PictureError`` and ``ModelError/imageSize(expected:received:)`` where it does not fit the network, and why a
    ///   picture cannot be decoded.
    public func values(of item: DatasetItem, shape: Shape) throws -> [Float] {
        try [Float](unsafeUninitializedCapacity: shape.count) { values, count in
            values.initialize(repeating: 0)
            count = shape.count
            try write(item, to: values, shape: shape)
        }
    }

    /// Writes one image as a network that takes `shape` gets it. All images take this way, wherever they come from.
    package func write(
        _ item: DatasetItem, to destination: UnsafeMutableBufferPointer<Float>, shape: Shape
    ) throws {
        switch item {
        case .array(let values):
            guard values.count == shape.count else {
                throw ModelError.imageSize(expected: shape, received: values.count)
            }
            _ = destination.update(fromContentsOf: values)
        case .picture(let picture):
            try image(of: picture, for: shape).copyPlanes(to: destination, divisor: divisor)
        case .fitted(let image):
            guard image.shape == shape else {
                throw ModelError.imageSize(expected: shape, received: image.pixels.count)
            }
            image.copyPlanes(to: destination, divisor: divisor)
        }
        normalize(destination, shape: shape)
    }

    /// A picture at the size and with the channels that a network takes. All of it is decoded, so that what is broken is found.
    ///
    /// - Throws: ``PictureError`` where it cannot be made that, and why it cannot be decoded.
    public func image(of picture: any ImageSource, for shape: Shape) throws -> Image {
        guard shape.isFeatureMap, shape.channels == 1 || shape.channels == 3 else {
            throw PictureError.notPictures(shape)
        }
        let decoding = decoding(channels: shape.channels)
        let size = picture.size(obeyingOrientation: obeysOrientation)
        guard let fitting else {
            guard size == shape.size else {
                throw PictureError.size(file: picture.name, expected: shape.size, received: size)
            }
            return try picture.decode(decoding)
        }
        return fitting.fit(try picture.decode(decoding))
    }

    /// How pictures are decoded for a network of so many channels.
    package func decoding(channels: Int) -> Decoding {
        Decoding(channels: channels, obeysOrientation: obeysOrientation, background: background)
    }

    /// Changes one image C×H×W in place: the last step.
    func normalize(_ image: UnsafeMutableBufferPointer<Float>, shape: Shape) {
        if mean.isEmpty { return }
        let area = shape.height * shape.width
        for channel in 0..<shape.channels {
            let (mean, deviation) = (mean[channel], standardDeviation[channel])
            for i in channel * area..<(channel + 1) * area { image[i] = (image[i] - mean) / deviation }
        }
    }
}

// MARK: - Checking

extension Preprocessing {
    /// Checks that there is a mean and a usable standard deviation for each channel of a network's images, and that pictures
    /// are brought to their size.
    ///
    /// - Throws: ``ModelError/preprocessing(_:)``.
    package func validate(for input: Shape) throws {
        try fitting?.validate(for: input)
        guard divisor.isFinite, divisor > 0 else {
            throw ModelError.preprocessing("bytes cannot be divided by \(divisor)")
        }
        if mean.isEmpty, standardDeviation.isEmpty {
            guard (channels ?? input.channels) == input.channels else {
                throw ModelError.preprocessing(
                    "pictures get \(channels ?? 0) channels for a network that takes \(input)")
            }
            return
        }
        guard mean.count == input.channels, standardDeviation.count == input.channels,
            (channels ?? input.channels) == input.channels
        else {
            throw ModelError.preprocessing(
                "\(mean.count) means and \(standardDeviation.count) standard deviations for \(input.channels) channels")
        }
        guard mean.allSatisfy(\.isFinite), standardDeviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw ModelError.preprocessing("means must be finite, standard deviations finite and above 0")
        }
        let largest = 255 / divisor
        for (mean, deviation) in zip(mean, standardDeviation)
        where !((0 - mean) / deviation).isFinite || !((largest - mean) / deviation).isFinite {
            throw ModelError.preprocessing(
                "a mean of \(mean) and a standard deviation of \(deviation) leave no finite number")
        }
    }
}
