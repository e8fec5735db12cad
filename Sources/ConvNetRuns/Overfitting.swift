import ConvNet
import ConvNetEngine
import ConvNetGraph
import ConvNetTraining
import ConvNetVision

/// Learning a few batches by heart, which every network without a mistake in it can do: whether data, network, loss and steps fit one
/// another shows in a minute.
extension RunConfiguration {
    /// Images a step where nobody has said it.
    private static let overfittingBatchSize = 32

    /// Without what keeps a network from learning its images by heart; as they are, where that is not wanted.
    var forOverfitting: RunConfiguration {
        guard self.overfitBatches != nil else { return self }
        var result = self
        result.batchSize = said(\.batchSize) ?? Self.overfittingBatchSize
        result.augment = .none
        result.mixup = nil
        result.cutmix = nil
        result.labelSmoothing = 0
        result.weightDecay = 0
        result.average = nil
        result.patience = nil
        result.minimumImprovement = nil
        result.monitor = nil
        result.balance = nil
        // What was learnt is what the training itself says.
        result.validation = 0
        result.test = 0
        result.split = nil
        result.groupBy = nil
        if self.objective != RunSettings.separateRules { result.objective = Accuracy().name }
        return result
    }

    /// The images that the run has to learn from and to divide.
    ///
    /// - Parameter isDivided: whether a split says which these are; files may have come since it was made.
    /// - Throws: `SettingError`.
    func selecting(from images: DatasetParts, isDivided: Bool = false) throws -> DatasetParts {
        var result = images
        if let limit = self.limit, !isDivided { result.train = try images.train.sample(limit, seed: self.seed) }
        guard let batches = self.overfitBatches else { return result }
        let chosen = try result.train.sample(batches.saturatingProduct(self.batchSize), seed: self.seed)
        // In the order of the dataset a batch might be of one class.
        let order = RandomStream(seed: self.seed, purpose: .splitting, first: 2).permutation(chosen.count)
        result.train = DatasetSubset(of: chosen, indices: order, name: images.train.name)
        result.validation = nil
        result.test = nil
        return result
    }

    /// The network as the run trains it.
    package func adapted(_ network: Network) throws -> Network {
        guard self.overfitBatches != nil else { return network }
        return try network.mapOperations { node in
            switch node.operation {
            case is Dropout: Dropout(0)
            case is StochasticDepth: StochasticDepth(0)
            case let operation: operation
            }
        }
    }
}

/// Whether a run has learnt its few batches by heart.
public struct OverfittingVerdict: Hashable, Sendable {
    /// The share of the images that were answered rightly in the last epoch, each judged before its own update.
    public let accuracy: Double
    /// The mean loss of the last epoch, judged alike.
    public let loss: Double
    /// How many images there are to learn.
    public let imageCount: Int
    /// Epochs that were done.
    public let epochs: Int

    /// What is learnt by heart.
    public static let leastAccuracy = 0.99

    /// Whether it is.
    public var isLearnt: Bool { accuracy >= Self.leastAccuracy }
}

extension Run {
    /// Whether the batches are learnt that ``RunSettings/overfitBatches`` asks for; nil where it does not, or no epoch is done.
    ///
    /// - Parameter history: what ``RunDirectory/history()`` says.
    public func overfittingVerdict(_ history: [MetricsFile.Line]) -> OverfittingVerdict? {
        guard configuration.overfitBatches != nil, let last = history.last else { return nil }
        return OverfittingVerdict(
            accuracy: last.trainAccuracy, loss: last.trainLoss, imageCount: data.training.count, epochs: last.epoch)
    }
}
