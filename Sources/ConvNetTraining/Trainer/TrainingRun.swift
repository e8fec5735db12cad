import ConvNetEngine
import ConvNetGraph
import Foundation

/// A run in progress: what has been done, and the next thing to do.
///
/// Listeners get one with every event, to ask for a ``checkpoint()`` or for the weights. It lives on its model's thread.
public final class TrainingRun {
    /// The run's settings.
    public let trainer: Trainer

    let model: CompiledModel
    let training: DataLoader
    private let validation: DataLoader?
    private let division: BatchDivision
    let configuration: TrainingConfiguration
    private let epochOrder: EpochOrder
    private let clock = ContinuousClock()
    /// Reads all names and labels, and what contents there are in memory: not before it is asked for.
    package private(set) lazy var data = DataFingerprint(
        classes: training.dataset.classes, preprocessing: model.preprocessing, training: training.dataset,
        validation: validation?.dataset)
    /// What computes otherwise than before the run was cut off, as the beginning of a sentence; nil where nothing does, and in a
    /// run that does not go on: its last digits may then differ from those of a run that was not cut off.
    public private(set) var arithmeticDifference: String?

    /// Whether all that the model has learnt belongs to steps that are counted, so that ``checkpoint()`` tells where the run
    /// stands. Only not so where a step has failed half way.
    public private(set) var isBetweenSteps = true

    private var phase = Phase.starting
    private var stopRequested = false

    /// Steps done in the current epoch, and epochs finished.
    var stepsInEpoch = 0
    var finishedEpochs = 0
    private var order: [Int] = []
    var sums = Sums()
    private var trainingTime = Duration.zero
    var lastLearningRate: Float = 0

    /// The best epoch by validation so far; nil before there is one.
    package var best: BestEpoch?
    var bestValues: [[Float]]?
    var history = ValidationHistory()
    var troubleWatch: TroubleWatch

    private enum Phase {
        case starting, startingEpoch, stepping, finishingEpoch, ended
    }

    /// Sums over the images of the current epoch.
    struct Sums: Hashable, Codable {
        var loss = 0.0
        /// What the losses' sum is divided by to give their mean.
        var weight = 0.0
        var correct = 0
        var images = 0
        /// Images of this process, which a resumed run's speed is measured by.
        var timedImages = 0

        private enum CodingKeys: CodingKey { case loss, weight, correct, images }

        init() {}

        mutating func add(_ result: StepResult, right: Int, images count: Int) {
            loss += result.lossSum
            weight += result.weight
            correct += right
            images += count
            timedImages += count
        }

        var meanLoss: Double { weight == 0 ? 0 : loss / weight }
        var accuracy: Double { Double(correct) / Double(images) }
    }

    init(
        _ trainer: Trainer, model: CompiledModel, training: any Dataset, validation: (any Dataset)?,
        resuming checkpoint: TrainingCheckpoint?
    ) throws {
        var trainer = trainer
        trainer.evaluationBatchSize =
            trainer.evaluationBatchSize ?? checkpoint?.evaluationBatchSize ?? model.network.graph.evaluationBatchSize
        if let checkpoint { trainer.adoptRules(of: checkpoint) }
        try trainer.validate(for: model.network, training: training, hasValidation: validation != nil)
        for dataset in [training, validation].compactMap({ $0 }) { try model.check(dataset) }
        self.trainer = trainer
        self.model = model
        division = trainer.division(of: training.count, for: model.network)
        self.training = model.loader(of: training)
        self.validation = validation.map(model.loader)
        troubleWatch = TroubleWatch(trainer, model.network, resuming: checkpoint?.trouble ?? TroubleWatch.State())
        epochOrder = EpochOrder(training, sampling: trainer.sampling, seed: trainer.seed)
        configuration = TrainingConfiguration(
            loss: trainer.loss, optimizer: trainer.optimizer, seed: trainer.seed,
            parameterSettings: try trainer.parameterSettings(for: model.network),
            frozenNorms: trainer.frozenNorms(of: model.network.graph), gradientClipping: trainer.gradientClipping,
            averaging: trainer.averaging, accumulatesGradients: trainer.accumulationSteps > 1,
            usesSoftTargets: training.targetKind != .label || trainer.mixing != nil,
            recordsUpdates: trainer.recordsUpdates)
        if let checkpoint {
            try checkpoint.check(
                TrainingCheckpoint.Settings(trainer, imageCount: training.count), data, network: model.network)
            model.adopt(algorithms: checkpoint.algorithms)
        }
        try compilePlans()
        model.lastUpdates = []
        if let checkpoint {
            try restore(checkpoint)
            arithmeticDifference = checkpoint.arithmeticDifference(from: model.engine, algorithms: model.algorithms)
        } else {
            try clearStates()
        }
    }

    /// Before the first step: what cannot be compiled is better known now than after an epoch, and every checkpoint holds
    /// the algorithms that the whole run computes with.
    private func compilePlans() throws {
        for size in division.partSizes.sorted() {
            _ = try model.trainingPlan(batchSize: size, configuration)
        }
        if let validation {
            try model.compileEvaluation(of: validation.dataset.count, batchSize: trainer.evaluationBatchSize)
        }
    }

    // MARK: What has been done

    /// Batches in an epoch.
    public var stepsPerEpoch: Int { division.count }

    /// Steps done since the run's first start.
    public var steps: Int { finishedEpochs * stepsPerEpoch + stepsInEpoch }

    /// The network that is trained.
    public var network: Network { model.network }

    /// The current values of all parameters, by name, in PyTorch's layout; their averages where the run averages.
    public func weights() throws -> [String: [Float]] { named(try averagedWeights()) }

    /// The values of the best epoch by validation; nil before there is one.
    public func bestWeights() -> [String: [Float]]? { bestValues.map(named) }

    /// How far the last step has moved each of the network's parameters, in their order; empty before the first, and where
    /// ``Trainer/recordsUpdates`` does not ask for it.
    public var updateStatistics: [UpdateStatistics] { model.lastUpdates }

    /// The images that epochs are compared by; nil where there are none.
    public var validationImages: (any Dataset)? { validation?.dataset }

    /// What came of each validation image in the last epoch: a ``ClassificationReport`` or a ``MultiLabelReport``, with the thresholds
    /// that were fitted to it. nil before the first epoch's end, and where ``Trainer/recordsOutcomes`` does not ask for it.
    public private(set) var validationReport: (any EvaluationReport)?

    /// The current values of one parameter.
    ///
    /// - Parameter index: its position among the network's.
    package func parameter(_ index: Int) throws -> [Float] { try model.parameter(index) }

    /// What the model is called and made of, which a model file needs besides the weights.
    public var classes: [String] { model.classes }
    /// What is done to images before they reach the network.
    public var preprocessing: Preprocessing { model.preprocessing }
    /// What the outputs say of the classes, with the thresholds that belong to ``bestWeights()`` where they are fitted.
    public var bestOutputs: ClassOutputs {
        best?.thresholds.map { .independent(thresholds: $0) } ?? model.outputs
    }
    /// The engine's name and version.
    public var engineVersion: String { model.engine.version }
    package var engine: any Engine { model.engine }

    // MARK: The next thing to do

    func requestStop() { stopRequested = true }

    /// Does the next thing and returns what happened; nil after the end.
    func advance() throws -> TrainingEvent? {
        if stopRequested, phase != .ended, phase != .finishingEpoch {
            // What is asked for after the last epoch has nothing left to stop.
            return try end((phase == .startingEpoch ? naturalEnd : nil) ?? .stopped)
        }
        switch phase {
        case .starting:
            // A checkpoint may have been made between the last step of an epoch and its end.
            let next: Phase =
                stepsInEpoch == 0 ? .startingEpoch : stepsInEpoch < stepsPerEpoch ? .stepping : .finishingEpoch
            if next == .stepping { try beginReading() }
            phase = next
            return .runStarted(
                RunStart(
                    epochs: trainer.epochs, stepsPerEpoch: stepsPerEpoch, batchSize: trainer.batchSize,
                    trainingImages: training.dataset.count, validationImages: validation?.dataset.count ?? 0,
                    completedSteps: steps))
        case .startingEpoch:
            if let reason = naturalEnd { return try end(reason) }
            sums = Sums()
            trainingTime = .zero
            try beginReading()
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

    /// Why the run ends where the next epoch would start; nil where it does not.
    private var naturalEnd: RunEnd.Reason? {
        if finishedEpochs >= trainer.epochs { return .completed }
        return history.isOver(in: trainer) ? .stoppedEarly : nil
    }

    /// Gives the model the weights that the run leaves: those of its best epoch or, without one, the last averages.
    func restoreBest() throws {
        if trainer.restoresBestWeights, let bestValues {
            try model.setWeights(bestValues)
            model.outputs = bestOutputs
        } else if trainer.averaging != nil {
            try model.setWeights(averagedWeights())
        }
    }

    /// From here on the images of the current epoch are read, from the next step's on.
    private func beginReading() throws {
        order = epochOrder.indices(epoch: finishedEpochs)
        training.waitingTime = .zero
        let next = division.batch(stepsInEpoch).lowerBound
        try training.begin(order[next...], epoch: finishedEpochs, batchSize: trainer.partSize)
    }

    /// - Parameter step: counted from 0 over the whole run.
    func learningRate(step: Int) -> Float {
        trainer.learningRate(step: step, stepsPerEpoch: stepsPerEpoch, reductions: history.plateau.reductions)
    }

    private func step() throws -> StepReport {
        let start = clock.now
        let batch = division.batch(stepsInEpoch)
        lastLearningRate = learningRate(step: steps)
        let (result, right) = try step(on: batch)
        stepsInEpoch += 1
        sums.add(result, right: right, images: batch.count)
        isBetweenSteps = true
        trainingTime += clock.now - start
        guard result.loss.isFinite else { throw notFinite(result.loss) }
        return StepReport(
            epoch: finishedEpochs + 1, step: stepsInEpoch, stepsPerEpoch: stepsPerEpoch,
            learningRate: lastLearningRate, loss: result.loss, epochLoss: sums.meanLoss,
            epochAccuracy: sums.accuracy, imageCount: sums.images, dataShare: dataShare)
    }

    /// Trains on a batch, part by part.
    ///
    /// - Returns: also the number of images that were answered rightly, before the update.
    private func step(on batch: Range<Int>) throws -> (result: StepResult, right: Int) {
        var total = StepResult()
        var accuracy = Accuracy.Accumulator()
        let parts = division.partCount(of: batch)
        for index in 0..<parts {
            let part = division.part(index, of: batch)
            let plan = try model.trainingPlan(batchSize: part.count, configuration)
            try training.load(order[part], into: plan)
            mix(plan, part: part)
            isBetweenSteps = false
            total += try plan.step(
                TrainingStep(
                    learningRate: lastLearningRate, epoch: finishedEpochs, update: steps + 1,
                    part: BatchPart(isFirst: index == 0, isLast: index == parts - 1, weightBefore: total.weight)))
            accuracy.add(
                logits: plan.logits, targets: order[part].map(training.dataset.target), outputs: model.outputs)
            if trainer.recordsUpdates, index == parts - 1 { model.lastUpdates = plan.updateStatistics }
        }
        return (total, accuracy.right)
    }

    private func mix(_ plan: any TrainingPlan, part: Range<Int>) {
        guard let mixing = trainer.mixing else { return }
        var random = SampleRandom(
            RandomStream(
                seed: trainer.seed, purpose: .mixing, first: UInt32(truncatingIfNeeded: finishedEpochs),
                second: UInt32(truncatingIfNeeded: part.lowerBound)))
        mixing.apply(
            to: plan.images, shape: network.inputShape, targets: plan.softTargets, classes: model.classes.count,
            random: &random)
    }

    private func finishEpoch() throws -> EpochReport {
        let epoch = finishedEpochs + 1
        // Nothing of the run changes before all that can fail has been done: it may be saved then, and tried again.
        var troubleWatch = troubleWatch
        let trouble = try troubleWatch.observe(epoch: epoch, loss: sums.meanLoss, learningRate: lastLearningRate)
        try checkWeights(epoch: epoch)
        let validationStart = clock.now
        var (evaluation, outcomes) = try withAverages { try validate() }
        let validationTime = clock.now - validationStart
        let thresholds = evaluation?.takeThresholds()
        if let thresholds { outcomes = (outcomes as? MultiLabelReport)?.answered(with: thresholds) }
        if let evaluation, !evaluation.loss.isFinite { throw notFinite(evaluation.loss) }
        let isBest = evaluation.map { evaluation in
            best.map { trainer.isBetter(evaluation, than: $0.validation) } ?? true
        }
        if isBest == true, let evaluation {
            bestValues = try averagedWeights()
            best = BestEpoch(epoch: epoch, validation: evaluation, thresholds: thresholds)
        }
        self.troubleWatch = troubleWatch
        validationReport = outcomes
        if let evaluation { history.observe(evaluation, in: trainer) }
        let seconds = trainingTime / .seconds(1)
        let report = EpochReport(
            epoch: epoch, trainingLoss: sums.meanLoss, trainingAccuracy: sums.accuracy,
            validation: evaluation, learningRate: lastLearningRate, seconds: seconds,
            imagesPerSecond: seconds > 0 ? Double(sums.timedImages) / seconds : 0, dataShare: dataShare,
            validationSeconds: validationTime / .seconds(1), isBest: isBest ?? false, trouble: trouble)
        finishedEpochs = epoch
        stepsInEpoch = 0
        sums = Sums()
        return report
    }

    /// How the validation images do, and what comes of each where that is to be noted.
    private func validate() throws -> (Evaluation?, (any EvaluationReport)?) {
        guard let validation else { return (nil, nil) }
        let metrics = trainer.validationMetrics(for: validation.dataset.targetKind)
        guard trainer.recordsOutcomes else {
            let evaluation = try model.evaluate(
                validation, metrics: metrics, batchSize: trainer.evaluationBatchSize, checksLogits: false)
            return (evaluation, nil)
        }
        let report = try model.reportSums(
            validation, metrics: metrics, views: 1, batchSize: trainer.evaluationBatchSize, checksLogits: false
        ).anyReport
        return (report.evaluation, report)
    }

    /// The share of the epoch's time in which nothing was computed, for want of images.
    private var dataShare: Double { trainingTime > .zero ? training.waitingTime / trainingTime : 0 }

    private func end(_ reason: RunEnd.Reason) throws -> TrainingEvent {
        phase = .ended
        // Those of a whole epoch have been checked.
        if stepsInEpoch > 0 { try checkWeights(epoch: finishedEpochs) }
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
