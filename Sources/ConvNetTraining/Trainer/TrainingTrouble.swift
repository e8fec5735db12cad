import ConvNetEngine
import ConvNetGraph

/// A run that learns nothing: its training loss is not below what guessing would have.
///
/// It is said of an epoch from the third on, of the last one of a shorter run, and earlier where the loss is far above that.
public struct TrainingTrouble: Hashable, Sendable {
    /// The epoch's mean training loss.
    public var loss: Double
    /// The loss of a network that holds all classes for equally probable: log C for cross-entropy.
    public var guessingLoss: Double
    /// Whether the loss has become less from each epoch to the next, of two epochs at least: a run that begins slowly, as it
    /// does while the learning rate rises.
    public var isFalling: Bool

    /// Whether the loss is far above that of guessing: the steps are too large.
    public var isDivergence: Bool { loss > TroubleWatch.divergence * guessingLoss }
}

/// Watches the training loss of a run, epoch by epoch.
struct TroubleWatch {
    private let guessingLoss: Double
    private let epochs: Int
    /// What the epochs so far have led to.
    private(set) var state: State

    struct State: Hashable, Codable, Sendable {
        /// Whether the last epoch was in trouble.
        var isInTrouble = false
        var previousLoss: Double?
        var hasOnlyFallen = true
    }

    /// Below this share of the loss of guessing, something has been learnt.
    private static let learnt = 0.9
    /// What the loss must become less by from one epoch to the next, as a share of that of guessing: less is chance.
    private static let smallestFall = 0.0005
    /// Times the loss of guessing above which nobody need wait for the third epoch.
    static let divergence = 2.0
    /// Times the loss of guessing that, after as long as a network gets to begin with, it does not come back from.
    private static let hopeless = 10.0
    /// The epoch by which a network should have begun to learn.
    private static let patience = 3

    init(_ trainer: Trainer, _ network: Network, resuming state: State = State()) {
        self.state = state
        let classes = network.outputShape.count
        // Of one class there is nothing to learn.
        guessingLoss =
            classes > 1 ? trainer.loss.ofGuessing(classes: classes) * (1 + network.graph.auxiliaryWeight) : .infinity
        epochs = trainer.epochs
    }

    /// Takes note of an epoch's mean training loss.
    ///
    /// - Parameter epoch: counted from 1.
    /// - Returns: the trouble that the run is in; nil where there is none, or where it is over.
    /// - Throws: ``TrainingError/diverged(loss:guessingLoss:epoch:learningRate:)``
    mutating func observe(epoch: Int, loss: Double, learningRate: Float) throws(TrainingError) -> TrainingTrouble? {
        let hasHadTime = epoch >= min(Self.patience, epochs)
        if hasHadTime, loss > Self.hopeless * guessingLoss {
            throw .diverged(loss: loss, guessingLoss: guessingLoss, epoch: epoch, learningRate: learningRate)
        }
        if let previous = state.previousLoss, loss >= previous - Self.smallestFall * guessingLoss {
            state.hasOnlyFallen = false
        }
        let trouble = TrainingTrouble(
            loss: loss, guessingLoss: guessingLoss, isFalling: state.previousLoss != nil && state.hasOnlyFallen)
        state.previousLoss = loss
        state.isInTrouble =
            loss > Self.learnt * guessingLoss && (hasHadTime || trouble.isDivergence || state.isInTrouble)
        return state.isInTrouble ? trouble : nil
    }
}

extension Loss {
    /// The mean over all classes where every class gets the same logit: the same zeros or, for a loss that compares the logits
    /// themselves with the targets, equal shares of 1, whichever is better.
    fileprivate func ofGuessing(classes: Int) -> Double {
        let labels = (0..<classes).map { Int32($0) }
        return [0, 1 / Float(classes)].map { logit in
            let logits = [Float](repeating: logit, count: classes * classes)
            return evaluate(
                logits: logits, labels: labels, softTargets: nil, samples: classes, classes: classes, gradient: nil
            ).loss
        }.min() ?? 0
    }
}

extension Graph {
    /// What the losses of all auxiliary classifiers count together.
    fileprivate var auxiliaryWeight: Double {
        nodes.reduce(0) { $0 + (($1.operation as? AuxiliaryOutput)?.weight ?? 0) }
    }
}
