import ConvNetEngine
import ConvNetGraph

/// Trains a model. It stands for this loop:
///
///     for epoch in 1...epochs {
///         for batch in the training images, in an order drawn from seed and epoch {
///             let loss = loss(model(batch.images), batch.labels)
///             optimizer.update(model.parameters, clipped(gradients(of: loss)), at: schedule's learning rate)
///         }
///         validation = evaluate(model)                    // the weights of the best epoch are kept
///     }
///
///     let trainer = Trainer(epochs: 3, learningRate: 0.1, schedule: .oneCycle)
///     let end = try await trainer.train(model, on: training, validation: validation)
///
/// The same settings, seed, engine version, number of threads and algorithms give the same bits. Every event of a run is told
/// to its listeners, which do everything else: progress, metrics, checkpoints.
public struct Trainer: Sendable {
    /// Passes over the training images.
    public var epochs: Int
    /// Images a step; the last step of an epoch takes what is left.
    public var batchSize: Int
    /// The parts that a batch is computed in, one after the other, to save memory: 1 ... batchSize. Their gradients are
    /// accumulated before the one update, each weighted by what its mean was taken over, so that the step is that of the whole
    /// batch but for rounding, and for batch norms, which see one part at a time. The parts have ⌈batchSize / parts⌉
    /// images, the last one what is left.
    public var accumulationSteps: Int
    /// What the schedule's factor is applied to.
    public var learningRate: Float
    /// How the learning rate changes in the course of the run.
    public var schedule: Schedule
    /// The rule that changes parameters by their gradients.
    public var optimizer: any Optimizer
    /// What training minimises.
    public var loss: any Loss
    /// nil leaves gradients as they are.
    public var gradientClipping: GradientClipping?
    /// Parameters with a learning rate or weight decay of their own; of several that match, the last decides.
    public var parameterGroups: [ParameterGroup]
    /// Parameters that stand still, by patterns like those of ``ParameterGroup``, whatever the groups say: `features.*`. A batch
    /// norm all of whose parameters are among them normalises by its running statistics and leaves these as they are too. nil
    /// freezes what the network itself says: see ``BatchNorm/isFrozen``.
    public var frozen: [String]?
    /// Whether the optimizer's weight decay applies to parameters of one dimension too: biases, scales and shifts.
    public var decaysBiasesAndNorms: Bool
    /// nil validates and saves the weights as they are.
    public var averaging: WeightAveraging?
    /// What one epoch is better than another by, in validation: it decides which epoch's weights are kept (of equal values, the lower
    /// loss), early stopping, and the plateau schedule. nil is what was before there was a choice: weights by accuracy, early
    /// stopping by its own measure, the plateau by the loss.
    public var objective: (any Metric)?
    /// What validation computes beside loss, accuracy, accuracy among the first five, and the objective.
    public var metrics: [any Metric]
    /// From which probabilities on a validation answers with a class, where an image has any number of classes.
    public var thresholds: Thresholds
    /// nil trains for all epochs.
    public var earlyStopping: EarlyStopping?
    /// Which images an epoch trains on.
    public var sampling: Sampling
    /// nil leaves images as they are.
    public var mixing: BatchMixing?
    /// Images that a validation computes at a time; nil for ``Graph/evaluationBatchSize``. Another number may give other last
    /// digits.
    public var evaluationBatchSize: Int?
    /// What the order of the images, dropout and mixing are drawn from.
    public var seed: UInt64
    /// Whether the model ends with the weights of its best epoch; without validation images it ends with the last.
    public var restoresBestWeights: Bool
    /// Whether steps note how far they move each parameter, for ``TrainingRun/updateStatistics`` and
    /// ``Model/parameterStatistics()``. The numbers of the run stay the same; a step takes a little longer.
    public var recordsUpdates: Bool
    /// Whether validation notes what came of each image, for ``TrainingRun/validationReport``. The numbers of the run stay the same.
    public var recordsOutcomes: Bool

    /// Settings, which ``validate()`` checks; a run does so before it starts.
    public init(
        epochs: Int, batchSize: Int = 64, accumulationSteps: Int = 1, learningRate: Float,
        schedule: Schedule = .constant,
        optimizer: any Optimizer = SGD(), loss: any Loss = SoftmaxCrossEntropy(),
        gradientClipping: GradientClipping? = nil, parameterGroups: [ParameterGroup] = [],
        frozen: [String]? = nil, decaysBiasesAndNorms: Bool = true, averaging: WeightAveraging? = nil,
        objective: (any Metric)? = Accuracy(), metrics: [any Metric] = [], thresholds: Thresholds = .ofModel,
        earlyStopping: EarlyStopping? = nil,
        sampling: Sampling = .shuffled, mixing: BatchMixing? = nil, evaluationBatchSize: Int? = nil, seed: UInt64 = 0,
        restoresBestWeights: Bool = true, recordsUpdates: Bool = false,
        recordsOutcomes: Bool = false
    ) {
        self.epochs = epochs
        self.batchSize = batchSize
        self.accumulationSteps = accumulationSteps
        self.learningRate = learningRate
        self.schedule = schedule
        self.optimizer = optimizer
        self.loss = loss
        self.gradientClipping = gradientClipping
        self.parameterGroups = parameterGroups
        self.frozen = frozen
        self.decaysBiasesAndNorms = decaysBiasesAndNorms
        self.averaging = averaging
        self.objective = objective
        self.metrics = metrics
        self.thresholds = thresholds
        self.earlyStopping = earlyStopping
        self.sampling = sampling
        self.mixing = mixing
        self.evaluationBatchSize = evaluationBatchSize
        self.seed = seed
        self.restoresBestWeights = restoresBestWeights
        self.recordsUpdates = recordsUpdates
        self.recordsOutcomes = recordsOutcomes
    }

    /// Trains `model` and returns how the run ended. Cancelling the task stops the run after its current step.
    ///
    /// - Parameters:
    ///   - validation: images that the epochs are compared by.
    ///   - checkpoint: where to go on; the settings must be those that it was made with.
    ///   - listeners: called in order with every event.
    /// - Throws: ``TrainingError``, what reading images throws and what listeners throw. The model then has the weights of
    ///   the best epoch, where there was one.
    @discardableResult
    public func train(
        _ model: Model, on training: any Dataset, validation: (any Dataset)? = nil,
        resuming checkpoint: TrainingCheckpoint? = nil, listeners: sending [any TrainingListener] = []
    ) async throws -> RunEnd {
        try await model.train(
            self, on: training, validation: validation, resuming: checkpoint, listeners: listeners)
    }

    /// The run as a sequence of events, which advances as it is read and ends where reading ends.
    ///
    /// Steps are told about ten times a second at the most: telling takes time.
    public func events(
        _ model: Model, on training: any Dataset, validation: (any Dataset)? = nil,
        resuming checkpoint: TrainingCheckpoint? = nil
    ) -> TrainingEvents {
        TrainingEvents(
            trainer: self, model: model, training: training, validation: validation, checkpoint: checkpoint)
    }

    /// - Throws: ``SettingError`` where a number is out of its range.
    public func validate() throws {
        guard epochs > 0 else { throw SettingError("epochs must be at least 1, received \(epochs)") }
        guard batchSize > 0 else {
            throw SettingError("the batch size must be at least 1, received \(batchSize)")
        }
        guard learningRate > 0, learningRate.isFinite else {
            throw SettingError("the learning rate must be above 0 and finite, received \(learningRate)")
        }
        guard (1...batchSize).contains(accumulationSteps) else {
            throw SettingError(
                "a batch of \(batchSize) can be computed in 1 to \(batchSize) parts, received \(accumulationSteps)")
        }
        try Self.validate(evaluationBatchSize: evaluationBatchSize)
        try loss.validate(classes: nil)
        try schedule.validate(epochs: epochs)
        try optimizer.validate()
        try gradientClipping?.validate()
        for group in parameterGroups { try group.validate() }
        try averaging?.validate()
        try earlyStopping?.validate()
        try mixing?.validate()
    }
}

extension Trainer {
    /// What ``evaluationBatchSize`` may be.
    package static let evaluationBatchSizes = 1...65_536

    /// - Throws: ``SettingError``.
    static func validate(evaluationBatchSize: Int?) throws {
        guard let size = evaluationBatchSize, !evaluationBatchSizes.contains(size) else { return }
        throw SettingError("the evaluation's batch size must be 1 to 65536, received \(size)")
    }

    /// The images that are computed at a time.
    var partSize: Int { (batchSize - 1) / accumulationSteps + 1 }

    /// - Parameters:
    ///   - step: counted from 0 over the whole run.
    ///   - reductions: how often validation has come to a plateau.
    func learningRate(step: Int, stepsPerEpoch: Int, reductions: Int) -> Float {
        let factor = schedule.factor(
            step: step, stepsPerEpoch: stepsPerEpoch, totalSteps: epochs.saturatingProduct(stepsPerEpoch),
            reductions: reductions)
        return Float(Double(learningRate) * factor)
    }

    /// Batches in an epoch of so many images.
    package func stepsPerEpoch(images: Int, for network: Network) -> Int { division(of: images, for: network).count }

    func division(of images: Int, for network: Network) -> BatchDivision {
        BatchDivision(
            images: images, batchSize: batchSize, partSize: partSize,
            smallest: network.graph.smallestTrainingBatch(frozenNorms: frozenNorms(of: network.graph)))
    }

    /// Checks the settings against what is to be trained, before anything is compiled.
    ///
    /// - Parameters:
    ///   - training: the images to learn from.
    ///   - hasValidation: whether there are validation images.
    /// - Throws: ``SettingError`` where class weights or parameter groups do not fit the network, where loss, metrics or sampling
    ///   do not fit the images' targets, or where a setting asks what only validation images can tell.
    public func validate(for network: Network, training: any Dataset, hasValidation: Bool) throws {
        try validate()
        try loss.validate(classes: network.outputShape.count)
        _ = try parameterSettings(for: network)
        try validate(for: training)
        guard !hasValidation else { return }
        if let objective, !(objective is Accuracy) {
            throw SettingError("the objective \(objective.name) needs validation images, and this run has none")
        }
        if thresholds == .fitted {
            throw SettingError("thresholds are fitted to validation images, and this run has none")
        }
        if case .reduceOnPlateau = schedule.shape {
            throw SettingError("the plateau schedule needs validation images, and this run has none")
        }
        if earlyStopping != nil {
            throw SettingError("early stopping needs validation images, and this run has none")
        }
    }
}

extension Trainer {
    private func validate(for training: any Dataset) throws(SettingError) {
        let kind = training.targetKind
        let loss = type(of: loss).kind
        switch (self.loss.outputs, kind.outputs) {
        case (.exclusive, .independent):
            throw SettingError(
                "the loss \(loss) is for one class an image; the images of \(training.name) have any number of them, which "
                    + "\(BinaryCrossEntropy.kind) is for")
        case (.independent, .exclusive):
            throw SettingError(
                "the loss \(loss) is for images with any number of classes; those of \(training.name) have one each, which "
                    + "\(SoftmaxCrossEntropy.kind) is for")
        default: break
        }
        try ([objective].compactMap { $0 } + metrics).check(for: training)
        guard kind == .labels else {
            guard thresholds == .ofModel else {
                throw SettingError(
                    "thresholds are for images with any number of classes; those of \(training.name) have one each")
            }
            return
        }
        if sampling == .balanced {
            throw SettingError(
                "balanced sampling is for one class an image; those of \(training.name) have any number of them: weights balance "
                    + "those")
        }
    }

    /// What validation computes.
    func validationMetrics(for kind: TargetKind) -> [any Metric] {
        [MeanLoss(loss.forEvaluation), Accuracy()] + [TopAccuracy(5)].filter { $0.fits(kind) }
            + [objective].compactMap { $0 } + metrics + (thresholds == .fitted ? [FittedThresholds()] : [])
    }

    /// Takes over what a run was begun with that had no choice of these: the rules before there was an objective.
    mutating func adoptRules(of checkpoint: TrainingCheckpoint) {
        guard checkpoint.settings.objective == nil else { return }
        if objective is Accuracy { objective = nil }
        if objective == nil, earlyStopping?.measure == nil { earlyStopping?.measure = .accuracy }
    }

    /// Whether an epoch is better than the best so far.
    func isBetter(_ evaluation: Evaluation, than best: Evaluation) -> Bool {
        let objective = objective ?? Accuracy()
        switch (evaluation[objective.name], best[objective.name]) {
        case (let value?, let other?) where value != other: return objective.direction.isBetter(value, than: other)
        case (nil, _?): return false
        case (_?, nil): return true
        default: return evaluation.loss < best.loss
        }
    }
}

/// From which probabilities on an image is answered with a class, where it may have any number of them.
public enum Thresholds: String, Codable, Sendable {
    /// The model's own, which stay as they are.
    case ofModel
    /// Those that give each class the best F1 on the validation images, found anew in each epoch; the best epoch's are the model's in the
    /// end.
    case fitted
}

/// A training run read event by event. Made by ``Trainer/events(_:on:validation:resuming:)``.
public struct TrainingEvents: AsyncSequence {
    let trainer: Trainer
    let model: Model
    let training: any Dataset
    let validation: (any Dataset)?
    let checkpoint: TrainingCheckpoint?

    public func makeAsyncIterator() -> Iterator { Iterator(events: self) }

    /// Advances the run by an event at a time.
    public struct Iterator: AsyncIteratorProtocol {
        let events: TrainingEvents
        private var run: TrainingRunReference?
        private var hasFailed = false

        init(events: TrainingEvents) {
            self.events = events
        }

        /// - Throws: as ``Trainer/train(_:on:validation:resuming:listeners:)``, and `CancellationError`.
        public mutating func next() async throws -> TrainingEvent? {
            if hasFailed { return nil }
            do {
                return try await events.model.advance(try await startedRun())
            } catch {
                hasFailed = true
                throw error
            }
        }

        private mutating func startedRun() async throws -> TrainingRunReference {
            if let run { return run }
            let run = try await events.model.makeRun(
                events.trainer, on: events.training, validation: events.validation, resuming: events.checkpoint)
            self.run = run
            return run
        }
    }
}
