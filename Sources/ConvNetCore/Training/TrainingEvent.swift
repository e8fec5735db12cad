/// What a training run tells its listeners, in the order in which it happens.
public enum TrainingEvent: Sendable {
    case runStarted(RunStart)
    /// Epochs are counted from 1.
    case epochStarted(epoch: Int)
    case stepCompleted(StepReport)
    case epochCompleted(EpochReport)
    case runEnded(RunEnd)
}

public struct RunStart: Hashable, Sendable {
    public var epochs: Int
    public var stepsPerEpoch: Int
    public var batchSize: Int
    public var trainingImages: Int
    public var validationImages: Int
    /// Steps done before, in the run that this one resumes.
    public var completedSteps: Int
}

public struct StepReport: Hashable, Sendable {
    /// Counted from 1.
    public var epoch: Int
    /// Counted from 1 within the epoch.
    public var step: Int
    public var stepsPerEpoch: Int
    public var learningRate: Float
    /// Mean loss of this step's batch.
    public var loss: Double
    /// Mean loss and accuracy over the epoch so far, each image judged before its own update.
    public var epochLoss: Double
    public var epochAccuracy: Double
    /// Images seen in this epoch.
    public var images: Int
}

public struct EpochReport: Hashable, Sendable {
    /// Counted from 1.
    public var epoch: Int
    public var trainingLoss: Double
    public var trainingAccuracy: Double
    /// nil without validation images.
    public var validation: Evaluation?
    /// The rate of the epoch's last step.
    public var learningRate: Float
    /// Time that training took, validation not counted.
    public var seconds: Double
    public var imagesPerSecond: Double
    /// Whether the weights of this epoch are the best so far, by validation accuracy (of equal ones the lower loss).
    public var isBest: Bool
}

public struct RunEnd: Hashable, Sendable {
    public enum Reason: String, Sendable {
        case completed
        /// Validation had not become better for as long as ``Trainer/earlyStopping`` allows.
        case stoppedEarly
        /// A listener, or the task's cancellation, asked for it.
        case stopped
    }

    public var reason: Reason
    /// Epochs that were finished, those of a resumed run included.
    public var epochs: Int
    public var steps: Int
    /// The best epoch, counted from 1, and how it did in validation; nil without validation images.
    public var best: BestEpoch?
}

public struct BestEpoch: Hashable, Codable, Sendable {
    public var epoch: Int
    public var validation: Evaluation
}

/// Receives a run's events, between steps, on the model's thread.
///
/// Listeners are called one after the other in the order in which they were given, and all see every event, also when one
/// of them answers ``TrainingDecision/stop``.
public protocol TrainingListener: AnyObject {
    func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision
}

public enum TrainingDecision: Sendable {
    case `continue`
    /// Ends the run before the next step.
    case stop
}

/// Settings that cannot work, and runs that had to end.
public enum TrainingError: Error, Hashable, Sendable {
    case setting(String)
    case datasetShape(dataset: String, images: Shape, network: Shape)
    case classCount(dataset: String, classes: Int, outputs: Int)
    case emptyDataset(String)
    /// Epoch and step are counted from 1.
    case lossNotFinite(loss: Double, epoch: Int, step: Int, learningRate: Float)
    case weightsNotFinite(parameter: String, epoch: Int)
    case checkpointMismatch(String)
}

extension TrainingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .setting(let problem):
            problem
        case .datasetShape(let dataset, let images, let network):
            "the images of \(dataset) are \(images), but the network takes \(network)"
        case .classCount(let dataset, let classes, let outputs):
            "\(dataset) has \(classes) classes, but the network has \(outputs) outputs"
        case .emptyDataset(let dataset):
            "\(dataset) has no images"
        case .lossNotFinite(let loss, let epoch, let step, let learningRate):
            "the loss became \(loss.isNaN ? "nan" : "\(loss)") in epoch \(epoch), step \(step), at learning rate \(learningRate); "
                + "try a smaller learning rate or a warm-up"
        case .weightsNotFinite(let parameter, let epoch):
            "\(parameter) holds values that are not finite after epoch \(epoch); try a smaller learning rate"
        case .checkpointMismatch(let problem):
            "this checkpoint belongs to another run: \(problem)"
        }
    }
}
