import ConvNetEngine
import ConvNetGraph
import ConvNetTraining
import Foundation

/// A small run with everything that a checkpoint must carry: momentum, dropout, a schedule over the whole run, a short
/// last batch and validation.
public struct ResumableRun: Sendable {
    public var trainer = Trainer(
        epochs: 3, batchSize: 4, learningRate: 0.5, schedule: .oneCycle,
        optimizer: SGD(momentum: 0.9, weightDecay: 1e-3), loss: SoftmaxCrossEntropy(labelSmoothing: 0.1), seed: 5)
    public var network: @Sendable () throws -> Network = Corners.network
    public let stepsPerEpoch = 3
    public let engine: any Engine
    private let directory: ScratchDirectory

    public init(engine: any Engine) throws {
        self.engine = engine
        directory = try ScratchDirectory()
    }

    /// Batch norms, and the settings of a trainer that leave something behind from step to step.
    public static func withEverything(engine: any Engine) throws -> ResumableRun {
        var run = try ResumableRun(engine: engine)
        run.network = Corners.residualNetwork
        run.trainer.optimizer = AdamW(weightDecay: 0.01)
        run.trainer.learningRate = 0.05
        run.trainer.accumulationSteps = 2
        run.trainer.gradientClipping = .norm(1)
        run.trainer.averaging = WeightAveraging(decay: 0.9)
        run.trainer.earlyStopping = EarlyStopping(patience: 3)
        return run
    }

    /// All that a run comes to.
    public struct Outcome: Equatable {
        public let end: RunEnd
        /// Of the run's own epochs, without the times.
        public let epochs: [EpochReport]
        /// What the model has in the end: the weights of the best epoch.
        public let parameters: [String: [UInt32]]
        /// The checkpoint that the run could have ended with, byte for byte: weights, best weights, momentum and counts.
        public let checkpoint: Data
    }

    /// Runs in a new model, whose own first weights a checkpoint must replace.
    public func run(
        resuming checkpoint: TrainingCheckpoint? = nil, observer: TrainingObserver = TrainingObserver()
    ) async throws -> Outcome {
        let model = try Model(
            network(), classes: Corners.classes, engine: engine, seed: checkpoint == nil ? 0 : 99)
        let last = directory.file("\(UUID().uuidString).safetensors")
        let writer = TrainingObserver { event, run in
            if event.isEnd { try run.checkpoint().write(to: last) }
            return .continue
        }
        let end = try await trainer.train(
            model, on: Corners.dataset(count: 10), validation: Corners.dataset(count: 7, seed: 2),
            resuming: checkpoint, listeners: [observer, writer])
        let epochs = observer.epochs.map { report in
            var report = report
            report.seconds = 0
            report.imagesPerSecond = 0
            report.dataShare = 0
            report.validationSeconds = 0
            return report
        }
        return Outcome(
            end: end, epochs: epochs, parameters: try await model.weights().bits,
            checkpoint: try Data(contentsOf: last))
    }

    /// The checkpoints of a whole run by the event at which they were made, each written to a file and read again.
    public func checkpoints() async throws -> [(event: String, checkpoint: TrainingCheckpoint)] {
        let writer = TrainingObserver { [directory] event, run in
            try run.checkpoint().write(to: directory.file(event.outline))
            return .continue
        }
        _ = try await run(observer: writer)
        return try writer.outline.map { ($0, try TrainingCheckpoint(contentsOf: directory.file($0))) }
    }

    /// Stops a run after that many steps and returns what it left in a file.
    public func checkpoint(stoppedAfterStep step: Int) async throws -> TrainingCheckpoint {
        let file = directory.file("stopped.safetensors")
        let stopper = TrainingObserver { event, run in
            if event.isEnd { try run.checkpoint().write(to: file) }
            return event.step != nil && run.steps == step ? .stop : .continue
        }
        _ = try await run(observer: stopper)
        return try TrainingCheckpoint(contentsOf: file)
    }
}
