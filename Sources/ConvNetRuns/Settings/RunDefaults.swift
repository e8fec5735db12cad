import ConvNetEngine
import ConvNetGraph
import ConvNetPages
import ConvNetVision
import ConvNetZoo

/// What a training run does where nobody has said it: a function of the data and the network and of nothing that is measured,
/// so that the same command means the same run on every machine.
///
///     let data = RunDefaults.Data(imageCount: 400, classCount: 8, channels: 3, size: nil)
///     let entry = try NetworkCatalog.entry(named: "resnet18")
///     let defaults = try RunDefaults(for: data, networkInput: entry.inputShape) {
///         try entry.network(input: $0, classes: 8)
///     }
///     print(defaults.size, defaults.epochs)
///
/// Images are made as small, and epochs as few, as a fixed ``budget`` of arithmetic asks; batches are small enough for
/// ``fewestSteps`` steps an epoch. Few images, and deep networks without batch norm, are trained with AdamW (Loshchilov and
/// Hutter, 2019), everything else with SGD.
public struct RunDefaults: Hashable, Sendable {
    /// The size of the network's images, in pixels.
    public var size: Size
    /// Images a step.
    public var batchSize: Int
    /// Passes over the training images.
    public var epochs: Int
    /// The kind of the optimizer, e.g. `adamw`.
    public var optimizer: String
    /// The base of the schedule; nil leaves it to the optimizer, which has a rate that suits it.
    public var learningRate: Double?
    /// The schedule's spelling, e.g. `one-cycle`.
    public var schedule: String
    /// The share of the training images that is kept for validation.
    public var validation: Double
    /// What is done to training images.
    public var augmentation: AugmentationPreset
    /// The images that are left to train on, but for how classes divide.
    public var trainingImages: Int
    /// Additions and multiplications of the whole run: two for each multiply-add, and three times a forward pass for training.
    public var operations: Double

    /// Ten minutes at 100 GFLOP/s, about what two cores with AVX2 do.
    public static let budget = 600 * 100e9
    /// Steps an epoch that there are at the least, as long as a batch can still be made smaller.
    public static let fewestSteps = 20
    /// Below so many images a larger share of them is kept for validation: 5 % of them would be too few to tell epochs apart.
    public static let fewImages = 2000
    /// From here on SGD has steps enough, and ends with better networks than AdamW.
    public static let manyImages = 10_000
}

extension RunDefaults {
    /// What is known of a dataset before its pictures are decoded.
    public struct Data: Hashable, Sendable {
        /// Images that the parts of the run are taken from.
        public var imageCount: Int
        /// How many classes they are of.
        public var classCount: Int
        /// 1 for grey, 3 for RGB.
        public var channels: Int
        /// The size that all of them have, where they are taken as they are; nil where they are brought to another.
        public var size: Size?
        /// Whether the dataset has validation images of its own, which are not among ``imageCount``.
        public var hasValidation: Bool

        /// What is known of a dataset.
        public init(imageCount: Int, classCount: Int, channels: Int, size: Size?, hasValidation: Bool = false) {
            self.imageCount = imageCount
            self.classCount = classCount
            self.channels = channels
            self.size = size
            self.hasValidation = hasValidation
        }
    }

    /// What has been said, and is kept to; nil where nothing was.
    public struct Given: Hashable, Sendable {
        /// ``RunDefaults/size``.
        public var size: Size?
        /// ``RunDefaults/batchSize``.
        public var batchSize: Int?
        /// The parts that a batch is computed in, below which it is not made smaller.
        public var accumulationSteps: Int?
        /// ``RunDefaults/epochs``.
        public var epochs: Int?
        /// ``RunDefaults/optimizer``.
        public var optimizer: String?
        /// ``RunDefaults/learningRate``. Without an optimizer it is one for SGD.
        public var learningRate: Double?
        /// Whether there is a momentum, or Nesterov's. Without an optimizer it is SGD's.
        public var hasMomentum: Bool
        /// ``RunDefaults/schedule``.
        public var schedule: String?
        /// ``RunDefaults/validation``.
        public var validation: Double?
        /// The share of the images that is kept to measure the finished network with.
        public var test: Double
        /// ``RunDefaults/augmentation``.
        public var augmentation: AugmentationPreset?

        /// Nothing, unless said otherwise.
        public init(
            size: Size? = nil, batchSize: Int? = nil, accumulationSteps: Int? = nil, epochs: Int? = nil,
            optimizer: String? = nil, learningRate: Double? = nil, hasMomentum: Bool = false, schedule: String? = nil,
            validation: Double? = nil, test: Double = 0, augmentation: AugmentationPreset? = nil
        ) {
            self.size = size
            self.batchSize = batchSize
            self.accumulationSteps = accumulationSteps
            self.epochs = epochs
            self.optimizer = optimizer
            self.learningRate = learningRate
            self.hasMomentum = hasMomentum
            self.schedule = schedule
            self.validation = validation
            self.test = test
            self.augmentation = augmentation
        }

        fileprivate var suggestsSGD: Bool { optimizer == nil && (learningRate != nil || hasMomentum) }
    }

    /// Chooses what is not given.
    ///
    /// - Parameters:
    ///   - networkInput: the shape C×H×W that the network was made for.
    ///   - network: the network for images of a shape C×H×W.
    /// - Throws: what `network` throws for the size that is given or, where none is, for the one that it was made for.
    public init(
        for data: Data, given: Given = Given(), networkInput: Shape, network: (Shape) throws -> Network
    ) throws {
        validation = given.validation ?? (data.imageCount < Self.fewImages ? 0.2 : 0.05)
        let share = 1 - given.test - (data.hasValidation ? 0 : validation)
        trainingImages = max(1, Int((Double(data.imageCount) * share).rounded()))
        let candidate = try Self.candidate(for: data, given, trainingImages, networkInput, network)
        size = candidate.size
        epochs = given.epochs ?? Self.epochs(trainingImages, of: data, operations: candidate.operations)
        batchSize = given.batchSize ?? Self.batchSize(trainingImages, parts: given.accumulationSteps ?? 1)
        operations = Double(epochs) * Double(trainingImages) * candidate.operations
        schedule = given.schedule ?? "one-cycle"
        // A colour picture shows the same thing mirrored and cut a little; a digit does not.
        augmentation = given.augmentation ?? (data.channels == 1 ? .none : .light)
        let isDelicate = candidate.network.isDeepWithoutBatchNorm
        let takesSGD = given.suggestsSGD || (data.imageCount >= Self.manyImages && !isDelicate)
        optimizer = given.optimizer ?? (takesSGD ? SGD.kind : AdamW.kind)
        learningRate =
            given.learningRate ?? Self.learningRate(optimizer, batchSize: batchSize, isDelicate: isDelicate)
    }

    /// Steps an epoch; the last one takes what images are left.
    public var stepsPerEpoch: Int { (trainingImages - 1) / batchSize + 1 }
}

// MARK: - Size and length

extension RunDefaults {
    /// A size of images, and what the network for it costs.
    private struct Candidate {
        var size: Size
        var network: Network
        /// Of training on one image.
        var operations: Double

        init(_ size: Size, _ network: Network) {
            self.size = size
            self.network = network
            operations = 6 * Double(network.summary().totals.multiplyAdds)
        }
    }

    /// The sizes that are tried below the network's own, in pixels a side.
    private static let sides = [192, 160, 128, 96, 64]
    /// Passes over images that a run has at the most, and all of them together: ten epochs of 60,000 images.
    private static let mostEpochs = 100
    private static let mostLooks = 600_000
    /// A run of fewer epochs is not worth it: if they take more than the budget, that is what they take.
    private static let fewestEpochs = 10

    private static func candidate(
        for data: Data, _ given: Given, _ trainingImages: Int, _ networkInput: Shape,
        _ network: (Shape) throws -> Network
    ) throws -> Candidate {
        func candidate(_ size: Size) throws -> Candidate {
            Candidate(size, try network([data.channels, size.height, size.width]))
        }
        if let size = given.size ?? data.size { return try candidate(size) }
        var best = try candidate(networkInput.size)
        let looks = Double(given.epochs ?? epochsWorthSmallerImages(trainingImages)) * Double(trainingImages)
        for side in sides where side < min(networkInput.size.height, networkInput.size.width) {
            if looks * best.operations <= budget { break }
            // A network may have too many poolings for smaller images.
            guard let smaller = try? candidate(Size(side)) else { break }
            best = smaller
        }
        return best
    }

    /// So many epochs are worth smaller images: the fewer images there are, the more often each has to be seen.
    private static func epochsWorthSmallerImages(_ trainingImages: Int) -> Int {
        min(max(24_000 / trainingImages, fewestEpochs), 30)
    }

    private static func epochs(_ trainingImages: Int, of data: Data, operations: Double) -> Int {
        let affordable = Int(min(budget / (operations * Double(trainingImages)), Double(mostEpochs)))
        return max(fewestEpochs, min(affordable, mostLooks / max(1, data.imageCount)))
    }
}

// MARK: - Steps

extension RunDefaults {
    private static let largestBatch = 64
    /// Batch norms need more than one image.
    private static let smallestBatch = 2

    private static func batchSize(_ trainingImages: Int, parts: Int) -> Int {
        var size = largestBatch
        while size / 2 >= max(smallestBatch, parts), trainingImages < fewestSteps * size { size /= 2 }
        return size
    }

    /// Small batches have noisier gradients and take smaller steps: SGD in proportion (Goyal et al., 2017, section 2.1), Adam's
    /// rules as the square root (Malladi et al., 2022).
    private static func learningRate(_ optimizer: String, batchSize: Int, isDelicate: Bool) -> Double? {
        switch optimizer {
        case AdamW.kind, Adam.kind:
            let rate = isDelicate ? 0.0003 : 0.001
            return (rate * min(1, Double(batchSize) / 32).squareRoot()).roundedToTwoDigits
        case SGD.kind:
            let rate = isDelicate ? 0.01 : 0.05
            return (rate * min(1, Double(batchSize) / Double(largestBatch))).roundedToTwoDigits
        default:
            return nil
        }
    }
}

extension Network {
    /// Whether gradients have a long way to go, and nothing keeps them at their size.
    fileprivate var isDeepWithoutBatchNorm: Bool {
        let operations = graph.nodes.map(\.operation)
        let layers = operations.count { $0 is Conv2D || $0 is Dense || $0 is LocallyConnected2D }
        return layers > 7 && !operations.contains { $0 is BatchNorm }
    }
}
