import ConvNetEngine
import ConvNetGraph
import ConvNetPages

/// What a training run tells its listeners, in the order in which it happens.
public enum TrainingEvent: Sendable {
    /// The first event.
    case runStarted(RunStart)
    /// Epochs are counted from 1.
    case epochStarted(epoch: Int)
    /// The parameters have been updated.
    case stepCompleted(StepReport)
    /// The epoch has been validated, too.
    case epochCompleted(EpochReport)
    /// The last event, unless the run fails.
    case runEnded(RunEnd)
    /// The last event of a run that could not do the next thing, because a picture is gone, say. Where
    /// ``TrainingRun/isBetweenSteps`` says so, what has been done can be saved. Answers and errors of listeners count for
    /// nothing.
    case runFailed(any Error)
}

/// What a run is about to do.
public struct RunStart: Hashable, Sendable {
    /// Epochs of the whole run.
    public var epochs: Int
    /// Batches in an epoch.
    public var stepsPerEpoch: Int
    /// Images a step.
    public var batchSize: Int
    /// Images in an epoch.
    public var trainingImages: Int
    /// 0 where there are none.
    public var validationImages: Int
    /// Steps done before, in the run that this one resumes.
    public var completedSteps: Int
}

/// How a step went.
public struct StepReport: Hashable, Sendable {
    /// Counted from 1.
    public var epoch: Int
    /// Counted from 1 within the epoch.
    public var step: Int
    /// Batches in an epoch.
    public var stepsPerEpoch: Int
    /// The rate of this step.
    public var learningRate: Float
    /// Mean loss of this step's batch.
    public var loss: Double
    /// Mean loss and accuracy over the epoch so far, each image judged before its own update.
    public var epochLoss: Double
    /// See ``epochLoss``.
    public var epochAccuracy: Double
    /// Images seen in this epoch.
    public var imageCount: Int
    /// The share of the epoch's time so far in which nothing was computed, because images had to be waited for.
    public var dataShare: Double
}

/// How an epoch went.
public struct EpochReport: Hashable, Sendable {
    /// Counted from 1.
    public var epoch: Int
    /// The mean loss over the epoch, each image judged before its own update; the ``TotalLoss`` in a network with auxiliary
    /// classifiers.
    public var trainingLoss: Double
    /// The share of the images whose answer was right, judged alike: ``Accuracy``.
    public var trainingAccuracy: Double
    /// nil without validation images.
    public var validation: Evaluation?
    /// The rate of the epoch's last step.
    public var learningRate: Float
    /// Time that training took, validation not counted.
    public var seconds: Double
    /// Training images a second.
    public var imagesPerSecond: Double
    /// The share of ``seconds`` in which nothing was computed, because images had to be waited for.
    public var dataShare: Double
    /// Time that validation took; 0 without validation images.
    public var validationSeconds: Double
    /// Whether the weights of this epoch are the best so far, by ``Trainer/objective`` (of equal ones the lower loss).
    public var isBest: Bool
    /// nil where the network learns.
    public var trouble: TrainingTrouble?
}

/// How a run ended.
public struct RunEnd: Hashable, Sendable {
    /// Why there is no further epoch.
    public enum Reason: String, Sendable {
        /// All epochs are done.
        case completed
        /// Validation had not become better for as long as ``Trainer/earlyStopping`` allows.
        case stoppedEarly
        /// A listener, or the task's cancellation, asked for it.
        case stopped
    }

    /// Why the run ended.
    public var reason: Reason
    /// Epochs that were finished, those of a resumed run included.
    public var epochs: Int
    /// Steps since the run's first start.
    public var steps: Int
    /// The best epoch, counted from 1, and how it did in validation; nil without validation images.
    public var best: BestEpoch?
}

/// The epoch whose weights a run keeps.
public struct BestEpoch: Hashable, Codable, Sendable {
    /// Counted from 1.
    public var epoch: Int
    /// How it did on the validation images.
    public var validation: Evaluation
    /// Those that fit the validation images, one for each class; nil where ``Trainer/thresholds`` does not ask for them.
    public var thresholds: [Float]?
}

/// Receives a run's events, between steps, on the model's thread.
///
/// Listeners are called one after the other in the order in which they were given, and all see every event, also when one
/// of them answers ``TrainingDecision/stop``.
public protocol TrainingListener: AnyObject {
    /// Takes note of an event.
    ///
    /// - Returns: whether the run may go on.
    /// - Throws: anything; the run ends with it, and the model has the weights of its best epoch.
    func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision
}

/// A listener's answer.
public enum TrainingDecision: Sendable {
    /// The run may go on.
    case `continue`
    /// Ends the run before the next step.
    case stop
}

/// Data that a network cannot be trained on, and runs that had to end.
public enum TrainingError: Error, Hashable, Sendable {
    /// Images of another shape than the network's input.
    case datasetShape(dataset: String, images: Shape, network: Shape)
    /// Not as many classes as the network has outputs.
    case classCount(dataset: String, classes: Int, outputs: Int)
    /// Images with any number of classes where the outputs are for exactly one, or the other way round.
    case targetKind(dataset: String, outputs: OutputKind)
    /// The name of a dataset without images.
    case emptyDataset(String)
    /// An image with a value that is no number, or infinite, as it is or once it has been preprocessed.
    case imageNotFinite(image: String, value: Float)
    /// Epoch and step are counted from 1.
    case lossNotFinite(loss: Double, epoch: Int, step: Int, learningRate: Float)
    /// A mean loss over the epoch, counted from 1, that is so far above that of guessing that it will not come back.
    case diverged(loss: Double, guessingLoss: Double, epoch: Int, learningRate: Float)
    /// A parameter with infinities, or values that are no numbers.
    case weightsNotFinite(parameter: String, epoch: Int)
    /// A checkpoint of another network or of other settings, and in what it differs.
    case checkpointMismatch(String)
    /// The file of the best weights that a checkpoint names, and what is wrong with it, as the end of a sentence.
    case bestModelUnusable(file: String, problem: String)
}

extension TrainingError {
    /// Whether the steps were too large, so that the weights grew beyond all bounds.
    public var isDivergence: Bool {
        switch self {
        case .lossNotFinite, .diverged, .weightsNotFinite: true
        default: false
        }
    }
}

extension TrainingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .datasetShape(let dataset, let images, let network):
            "the images of \(dataset) are \(images), but the network takes \(network)"
        case .classCount(let dataset, let classes, let outputs):
            "\(dataset) has \(classes) classes, but the network has \(outputs) outputs"
        case .targetKind(let dataset, .exclusive):
            "the images of \(dataset) have any number of classes, but the network's outputs are a softmax, which gives each image "
                + "exactly one"
        case .targetKind(let dataset, .independent):
            "the images of \(dataset) have one class each, but the network's outputs are a sigmoid each, which give an image any "
                + "number of classes"
        case .emptyDataset(let dataset):
            "\(dataset) has no images"
        case .imageNotFinite(let image, let value):
            "\(printable(image)) has a value that is not finite (\(value)), as it is or once it has been preprocessed; mend the "
                + "image or leave it out"
        case .lossNotFinite(let loss, let epoch, let step, let learningRate):
            "the loss became \(loss.isNaN ? "nan" : "\(loss)") in epoch \(epoch), step \(step), at learning rate \(learningRate); "
                + "try a smaller learning rate or a warm-up"
        case .diverged(let loss, let guessingLoss, let epoch, let learningRate):
            "the run has diverged: its loss is \(loss.fourDigits) in epoch \(epoch), at learning rate \(learningRate), where "
                + "guessing has \(guessingLoss.fourDigits); try a smaller learning rate or a warm-up"
        case .weightsNotFinite(let parameter, let epoch):
            "\(parameter) holds values that are not finite after epoch \(epoch); try a smaller learning rate"
        case .checkpointMismatch(let problem):
            "this checkpoint belongs to another run: \(problem)"
        case .bestModelUnusable(let file, let problem):
            "\(printable(file)), which has the best weights of the run that is to go on, \(problem); put it back as it was (the run's "
                + "model.safetensors is the same file, unless a later epoch was better), or start a new run"
        }
    }
}
