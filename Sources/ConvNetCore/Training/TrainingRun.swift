/// A run in progress: what has been done, and the next thing to do.
///
/// Listeners get one with every event, to ask for a ``checkpoint()`` or for the weights. It lives on its model's thread.
public final class TrainingRun {
    public let trainer: Trainer

    private let model: CompiledModel
    private let training: DataLoader
    private let validation: DataLoader?
    private let clock = ContinuousClock()

    private var phase = Phase.starting
    private var stopRequested = false

    /// Steps done in the current epoch, and epochs finished.
    private var stepsInEpoch = 0
    private var finishedEpochs = 0
    private var order: [Int] = []
    private var sums = Sums()
    private var trainingTime = Duration.zero
    private var lastLearningRate: Float = 0

    private var best: BestEpoch?
    private var bestValues: [[Float]]?

    private enum Phase {
        case starting, startingEpoch, stepping, finishingEpoch, ended
    }

    /// Sums over the images of the current epoch.
    struct Sums: Hashable, Codable {
        var loss = 0.0
        var correct = 0
        var images = 0
        /// Images of this process, which a resumed run's speed is measured by.
        var timedImages = 0

        private enum CodingKeys: CodingKey { case loss, correct, images }

        init() {}
    }

    init(
        _ trainer: Trainer, model: CompiledModel, training: any Dataset, validation: (any Dataset)?,
        resuming checkpoint: TrainingCheckpoint?
    ) throws {
        try trainer.validate()
        for dataset in [training, validation].compactMap({ $0 }) { try model.check(dataset) }
        self.trainer = trainer
        self.model = model
        self.training = DataLoader(dataset: training, preprocessing: model.preprocessing)
        self.validation = validation.map { DataLoader(dataset: $0, preprocessing: model.preprocessing) }
        // Plans are compiled before the first step: what cannot be compiled is better known now than after an epoch.
        let count = training.count
        for size in Set([min(trainer.batchSize, count), count % trainer.batchSize]) where size > 0 {
            _ = try model.trainingPlan(batchSize: size, configuration)
        }
        if let checkpoint { try restore(checkpoint) } else { try clearOptimizer() }
    }

    // MARK: What has been done

    public var stepsPerEpoch: Int { (training.dataset.count - 1) / trainer.batchSize + 1 }

    /// Steps done since the run's first start.
    public var steps: Int { finishedEpochs * stepsPerEpoch + stepsInEpoch }

    public var network: Network { model.network }

    /// The current values of all parameters, by name, in PyTorch's layout.
    public func parameters() throws -> [String: [Float]] { try model.namedParameters() }

    /// The values of the best epoch by validation; nil before there is one.
    public func bestParameters() -> [String: [Float]]? {
        bestValues.map { Dictionary(uniqueKeysWithValues: zip(model.network.parameters.map(\.name), $0)) }
    }

    /// What the model is called and made of, which a model file needs besides the weights.
    public var classes: [String] { model.classes }
    public var preprocessing: Preprocessing { model.preprocessing }
    public var engineVersion: String { model.engineVersion }

    /// The outputs of the current weights for images that have been preprocessed already, N×C×H×W.
    package func rawLogits(_ images: [Float]) throws -> [Float] { try model.logits(images) }

    /// All that is needed to go on from here and come to the same end.
    ///
    /// - Throws: ``TrainingError/weightsNotFinite(parameter:epoch:)``: a checkpoint with such weights would take the place
    ///   of a good one.
    public func checkpoint() throws -> TrainingCheckpoint {
        let parameters = try model.parameters()
        for (parameter, values) in zip(model.network.parameters, parameters) where !values.allSatisfy(\.isFinite) {
            throw TrainingError.weightsNotFinite(parameter: parameter.name, epoch: finishedEpochs)
        }
        let states = try trainer.optimizer.stateNames.map { ($0, try model.optimizerState($0)) }
        return TrainingCheckpoint(
            settings: TrainingCheckpoint.Settings(trainer, images: training.dataset.count),
            engine: model.engineVersion, threads: model.threads, finishedEpochs: finishedEpochs,
            stepsInEpoch: stepsInEpoch, sums: sums, best: best, parameterNames: model.network.parameters.map(\.name),
            parameterShapes: model.network.parameters.map(\.shape), parameters: parameters,
            optimizerStates: Dictionary(uniqueKeysWithValues: states), bestParameters: bestValues)
    }

    private func restore(_ checkpoint: TrainingCheckpoint) throws {
        try checkpoint.check(
            TrainingCheckpoint.Settings(trainer, images: training.dataset.count), network: model.network)
        let states = try trainer.optimizer.stateNames.map { name in
            guard let state = checkpoint.optimizerStates[name] else {
                throw TrainingError.checkpointMismatch("it has no optimizer state \"\(name)\"")
            }
            return (name, state)
        }
        try model.setParameters(checkpoint.parameters)
        for (name, state) in states { try model.setOptimizerState(name, to: state) }
        finishedEpochs = checkpoint.finishedEpochs
        stepsInEpoch = checkpoint.stepsInEpoch
        sums = checkpoint.sums
        if steps > 0 { lastLearningRate = learningRate(step: steps - 1) }
        best = checkpoint.best
        bestValues = checkpoint.bestParameters
    }

    /// Forgets what the model's last run has left, above all numbers that are not finite.
    private func clearOptimizer() throws {
        let zeros = model.network.parameters.map { [Float](repeating: 0, count: $0.count) }
        for name in trainer.optimizer.stateNames { try model.setOptimizerState(name, to: zeros) }
    }

    // MARK: The next thing to do

    func requestStop() { stopRequested = true }

    /// Does the next thing and returns what happened; nil after the end.
    func advance() throws -> TrainingEvent? {
        if stopRequested, phase != .ended, phase != .finishingEpoch {
            // What is asked for after the last epoch has nothing left to stop.
            return try end(phase == .startingEpoch && finishedEpochs == trainer.epochs ? .completed : .stopped)
        }
        switch phase {
        case .starting:
            // A checkpoint may have been made between the last step of an epoch and its end.
            phase = stepsInEpoch == 0 ? .startingEpoch : stepsInEpoch < stepsPerEpoch ? .stepping : .finishingEpoch
            order = epochOrder()
            return .runStarted(
                RunStart(
                    epochs: trainer.epochs, stepsPerEpoch: stepsPerEpoch, batchSize: trainer.batchSize,
                    trainingImages: training.dataset.count, validationImages: validation?.dataset.count ?? 0,
                    completedSteps: steps))
        case .startingEpoch:
            guard finishedEpochs < trainer.epochs else { return try end(.completed) }
            order = epochOrder()
            sums = Sums()
            trainingTime = .zero
            phase = .stepping
            return .epochStarted(epoch: finishedEpochs + 1)
        case .stepping:
            let report = try step()
            if stepsInEpoch == stepsPerEpoch { phase = .finishingEpoch }
            return .stepCompleted(report)
        case .finishingEpoch:
            let report = try finishEpoch()
            phase = .startingEpoch
            return .epochCompleted(report)
        case .ended:
            return nil
        }
    }

    /// Gives the model the weights of its best epoch.
    func restoreBest() throws {
        if trainer.restoresBestWeights, let bestValues { try model.setParameters(bestValues) }
    }

    private var configuration: TrainingConfiguration {
        TrainingConfiguration(loss: trainer.loss, optimizer: trainer.optimizer, seed: trainer.seed)
    }

    private func epochOrder() -> [Int] {
        RandomStream(seed: trainer.seed, purpose: .shuffling, first: UInt32(truncatingIfNeeded: finishedEpochs))
            .permutation(training.dataset.count)
    }

    /// - Parameter step: counted from 0 over the whole run.
    private func learningRate(step: Int) -> Float {
        let factor = trainer.schedule.factor(
            step: step, stepsPerEpoch: stepsPerEpoch, totalSteps: trainer.epochs.saturatingProduct(stepsPerEpoch))
        return Float(Double(trainer.learningRate) * factor)
    }

    private func step() throws -> StepReport {
        let start = clock.now
        let first = stepsInEpoch * trainer.batchSize
        let batch = order[first..<min(first + trainer.batchSize, order.count)]
        let plan = try model.trainingPlan(batchSize: batch.count, configuration)
        try training.load(batch, into: plan)
        lastLearningRate = learningRate(step: steps)
        let result = try plan.step(TrainingStep(learningRate: lastLearningRate, epoch: finishedEpochs))
        stepsInEpoch += 1
        sums.loss += result.lossSum
        sums.correct += result.correct
        sums.images += batch.count
        sums.timedImages += batch.count
        trainingTime += clock.now - start
        let loss = result.lossSum / Double(batch.count)
        guard loss.isFinite else { throw notFinite(loss) }
        return StepReport(
            epoch: finishedEpochs + 1, step: stepsInEpoch, stepsPerEpoch: stepsPerEpoch,
            learningRate: lastLearningRate, loss: loss, epochLoss: sums.loss / Double(sums.images),
            epochAccuracy: Double(sums.correct) / Double(sums.images), images: sums.images)
    }

    private func finishEpoch() throws -> EpochReport {
        let evaluation = try validation.map { try model.evaluate($0) }
        if let evaluation, !evaluation.loss.isFinite { throw notFinite(evaluation.loss) }
        let epoch = finishedEpochs + 1
        let isBest = evaluation.map { evaluation in
            guard let best = best?.validation else { return true }
            return (evaluation.accuracy, -evaluation.loss) > (best.accuracy, -best.loss)
        }
        if isBest == true, let evaluation {
            best = BestEpoch(epoch: epoch, validation: evaluation)
            bestValues = try model.parameters()
        }
        let seconds = trainingTime / .seconds(1)
        let report = EpochReport(
            epoch: epoch, trainingLoss: sums.loss / Double(sums.images),
            trainingAccuracy: Double(sums.correct) / Double(sums.images), validation: evaluation,
            learningRate: lastLearningRate, seconds: seconds,
            imagesPerSecond: seconds > 0 ? Double(sums.timedImages) / seconds : 0, isBest: isBest ?? false)
        finishedEpochs = epoch
        stepsInEpoch = 0
        sums = Sums()
        return report
    }

    private func end(_ reason: RunEnd.Reason) throws -> TrainingEvent {
        phase = .ended
        return .runEnded(RunEnd(reason: reason, epochs: finishedEpochs, steps: steps, best: best))
    }

    private func notFinite(_ loss: Double) -> TrainingError {
        .lossNotFinite(
            loss: loss, epoch: finishedEpochs + 1, step: stepsInEpoch, learningRate: lastLearningRate)
    }
}

/// Carries a run between calls to its model's actor, which alone looks inside.
final class TrainingRunReference: @unchecked Sendable {
    let run: TrainingRun

    init(_ run: TrainingRun) {
        self.run = run
    }
}
