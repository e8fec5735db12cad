import ConvNet
import ConvNetEngine
import ConvNetGraph
import ConvNetTraining
import ConvNetVision
import ConvNetZoo
import Foundation

/// A training run: settings in, a directory of results out.
///
///     let run = try Run(RunConfiguration(dataset: "photos", model: "resnet18"), in: "runs/photos")
///     let end = try await run.start()
///     print(end.epochs, run.directory.modelFile)
///
/// Whatever ends it, ``init(resuming:with:own:progress:)`` goes on where it stood, with the same bits. What settings name may be
/// given as a value instead: see ``Own``.
public struct Run: Sendable {
    /// Every setting, with what was chosen.
    public let configuration: RunConfiguration
    /// The images, divided and made ready.
    public let data: PreparedData
    /// The network, with the weights that the run begins with and, in the end, those that it has come to.
    public let model: Model
    /// What the settings come to.
    public let trainer: Trainer
    /// Where the results are. No other process can write a run there as long as this value lives.
    public let directory: RunDirectory
    /// What the run goes on from; nil at the beginning.
    public let checkpoint: TrainingCheckpoint?
    /// Sentences on what was chosen, for the user.
    public private(set) var notes: [String]
    /// What the network is called.
    public let networkName: String
    /// Told, in sentences, what the run can do without and could not write: pages, event files, predictions. Nobody is told, unless
    /// said otherwise.
    public var warn: @Sendable (String) -> Void = { _ in }
    /// What computes.
    public var engine: any Engine { model.engine }

    private let reasons: [String: String]
    /// What `config.yaml` does not hold yet.
    private var changedSettings: RunConfiguration?
    /// Whether the run has been started, in all copies of the value.
    private let startFlag = Flag()

    /// What settings name, as values: a program's own network, dataset, loss, optimizer or engine. A run that goes on needs the
    /// same ones.
    public struct Own: Sendable {
        /// In the place of `model`, which then is only what the run's directory is called after.
        public var network: Network?
        /// In the place of `dataset`.
        public var images: DatasetParts?
        /// In the place of the settings of the section `loss`.
        public var loss: (any Loss)?
        /// In the place of the settings of the section `optimizer`.
        public var optimizer: (any Optimizer)?
        /// Beside those of `MetricCatalog`: computed in validation, and may be named as `objective`.
        public var metrics: [any Metric]
        /// In the place of `engine`, `threads`, `precision` and `algorithms`.
        public var engine: (any Engine)?

        /// Nothing, unless said otherwise.
        public init(
            network: Network? = nil, images: DatasetParts? = nil, loss: (any Loss)? = nil,
            optimizer: (any Optimizer)? = nil, metrics: [any Metric] = [], engine: (any Engine)? = nil
        ) {
            self.network = network
            self.images = images
            self.loss = loss
            self.optimizer = optimizer
            self.metrics = metrics
            self.engine = engine
        }
    }

    /// A new run. What nobody has said is chosen for images and network, as ``RunDefaults`` does it. The directory is made last,
    /// so that a mistake in the settings leaves nothing behind.
    ///
    /// - Parameters:
    ///   - configuration: with a dataset, unless there is an own one.
    ///   - path: the run's directory; nil takes the next free one, `runs/<model>-<n>`.
    ///   - progress: told what takes long.
    /// - Throws: ``ConfigurationError``, `SettingError`, ``RunDirectoryError``, and what reading the dataset and making the
    ///   network throw.
    public init(
        _ configuration: RunConfiguration, in path: String? = nil, own: Own = Own(),
        progress: any RunProgress = SilentProgress()
    ) throws {
        if let path { try RunDirectory.checkFree(path) }
        let preparation = try RunPreparation(configuration.withAbsolutePaths, own, progress)
        try self.init(preparation, own, checkpoint: nil) { name, data, configuration in
            let directory = try path.map(RunDirectory.create) ?? RunDirectory.createNext(for: name)
            // The settings last: what has them is a run, and is divided as it was begun.
            try data.split?.write(to: directory.splitFile)
            try configuration.write(to: directory.configurationFile)
            return directory
        }
    }

    /// A run that goes on where it stood, with its own settings.
    ///
    /// - Parameters:
    ///   - path: the run's directory.
    ///   - settings: what has been said anew, which must be what it was; only a run that has done all its epochs may go on for
    ///     more, with a schedule that spans all of them.
    /// - Throws: ``RunDirectoryError/lacks(_:file:)`` where it has got further than its files say, ``ConfigurationError`` where a
    ///   setting is not what it was, and as ``init(_:in:own:progress:)``.
    public init(
        resuming path: String, with settings: RunConfiguration = RunConfiguration(), own: Own = Own(),
        progress: any RunProgress = SilentProgress()
    ) throws {
        // Claimed, so that nobody changes what is read here.
        let directory = try RunDirectory.open(path).claimed()
        var recorded = try RunConfiguration(of: directory)
        let hasCheckpoint = try directory.checkpointFile.isThere()
        // The first epoch's metrics are written before its checkpoint.
        if !hasCheckpoint, try MetricsFile(directory.metricsFile).epochs() > 1 {
            throw RunDirectoryError.lacks(
                directory.path, file: "checkpoint/\(directory.checkpointFile.lastPathComponent)")
        }
        let found = hasCheckpoint ? try TrainingCheckpoint(contentsOf: directory.checkpointFile) : nil
        // Files may have come since: the run keeps to its own division.
        let split = try directory.splitFile.isThere() ? SplitFile(contentsOf: directory.splitFile) : nil
        recorded = try recorded.locatingDataset(in: directory, of: found, split: split, own: own, progress: progress)
        // Runs that were begun before there was a choice had 128.
        recorded.evaluationBatchSize = recorded.evaluationBatchSize ?? found?.evaluationBatchSize ?? 128
        let configuration = try recorded.continued(
            with: recorded.comparingNetworks(with: settings, own, found?.graph()), from: found, in: directory)
        // What was finished may go on for longer: the next checkpoint is one of the longer run.
        let isExtended = found.map { $0.isFinished && configuration.epochs > $0.settings.epochs } ?? false
        let checkpoint = try isExtended ? found?.extended(toEpochs: configuration.epochs) : found
        let preparation = try RunPreparation(resuming: configuration, split, own, progress)
        try self.init(preparation, own, checkpoint: checkpoint) { _, data, _ in
            if split == nil, data.split != nil {
                throw RunDirectoryError.lacks(directory.path, file: directory.splitFile.lastPathComponent)
            }
            return directory
        }
        if configuration != recorded { changedSettings = configuration }
        if let checkpoint {
            let told = try MetricsFile(directory.metricsFile).epochs()
            if told < checkpoint.finishedEpochs {
                notes.append(
                    "\(directory.metricsFile.relativePath) tells of \(told) of the \(checkpoint.finishedEpochs) epochs that "
                        + "are done: what the others came to is lost")
            }
        }
        if isExtended, let found { notes.append(try noteOnExtension(of: found)) }
    }

    /// From which learning rate to which a finished run goes on.
    private func noteOnExtension(of checkpoint: TrainingCheckpoint) throws -> String {
        var former = trainer
        former.epochs = checkpoint.settings.epochs
        let (last, next) = checkpoint.learningRates(
            from: former, to: trainer,
            stepsPerEpoch: trainer.stepsPerEpoch(images: data.training.count, for: model.network))
        return
            "the run had ended after \(former.epochs.counted("epoch")) and goes on to \(trainer.epochs); its schedule now spans "
            + "all of them: the learning rate goes from \(last) to \(next)"
    }

    private init(
        _ preparation: RunPreparation, _ own: Own, checkpoint: TrainingCheckpoint?,
        directory makeDirectory: (_ name: String, _ data: PreparedData, _ configuration: RunConfiguration) throws ->
            RunDirectory
    ) throws {
        var configuration = preparation.configuration
        notes = preparation.notes
        reasons = preparation.reasons
        networkName = preparation.network.name
        self.checkpoint = checkpoint
        var trainer = preparation.trainer
        data = try preparation.data()
        let training = data.training
        let engine = try own.engine ?? configuration.makeEngine()
        let network = try configuration.adapted(
            preparation.network.network(for: data.imageShape, classes: training.classes.count))
        if configuration.balance == .weights {
            if var loss = trainer.loss as? SoftmaxCrossEntropy {
                loss.classWeights = training.balancingWeights
                trainer.loss = loss
            } else if var loss = trainer.loss as? BinaryCrossEntropy {
                loss.positiveWeights = training.positiveWeights
                trainer.loss = loss
            }
        }
        if configuration.metrics == nil, trainer.objective != nil {
            trainer.metrics = MetricCatalog.suited(to: training.targetKind, classes: training.classes.count)
        }
        trainer.metrics += own.metrics
        // Kept with the run's settings.
        configuration.evaluationBatchSize = configuration.evaluationBatchSize ?? network.graph.evaluationBatchSize
        trainer.evaluationBatchSize = configuration.evaluationBatchSize
        trainer.recordsOutcomes = true
        self.configuration = configuration
        self.trainer = trainer
        try trainer.validate(for: network, training: training, hasValidation: data.validation != nil)
        let frozenNorms = trainer.frozen == nil ? network.graph.frozenNorms.count : 0
        if frozenNorms > 0 {
            notes.append(
                "\(frozenNorms.counted("batch norm")) with statistics that stand still, since the network says so; the setting 'freeze' names "
                    + "what stands still instead, or none")
        }
        model = try Model(
            network, classes: training.classes, preprocessing: data.preprocessing,
            outputs: configuration.outputs(for: training.targetKind, classes: training.classes.count), engine: engine,
            seed: configuration.seed)
        directory = try makeDirectory(preparation.network.directoryName, data, configuration)
    }

    /// Trains. The directory gets the best model, a checkpoint after each epoch, and metrics. To be called once.
    ///
    /// - Parameter listeners: called in order with every event, before what writes metrics, models and checkpoints.
    /// - Throws: ``RunDirectoryError/alreadyStarted(_:)``, ``RunDirectoryError/recordUnusable(_:problem:)``, and as
    ///   `Trainer.train(_:on:validation:resuming:listeners:)`.
    @discardableResult
    public func start(listeners: sending [any TrainingListener] = []) async throws -> RunEnd {
        guard startFlag.set() else { throw RunDirectoryError.alreadyStarted(directory.path) }
        // The model's thread lets go of listeners some time after the run has ended; the right to write ends with this value.
        let directory = directory.unclaimed
        let best = BestModelWriter(directory, resuming: checkpoint)
        // What the run is comes before anybody else can end it.
        let begun = Flag()
        let first: [any TrainingListener] = [
            SettingsWriter(changedSettings, to: directory), try RunRecorder(self, reasons: reasons, begun),
        ]
        // Metrics first, so that a checkpoint never knows of an epoch that they do not.
        func optional(_ writer: any TrainingListener, _ what: String) -> any TrainingListener {
            OptionalWriter(writer, writing: "\(directory.path)/\(what)", warn: warn)
        }
        let writers: [any TrainingListener] = [
            MetricsFile(directory.metricsFile), ResultsFile(directory.resultsFile, of: directory.metricsFile), best,
            optional(PredictionsWriter(directory), "predictions.csv"),
            optional(TensorBoardWriter(directory, configuration), "tensorboard"),
            CheckpointWriter(directory, best: best),
            // Last, so that it tells of all that has been written.
            optional(ReportWriter(self), "report.html"),
        ]
        do {
            return try await trainer.train(
                model, on: data.training, validation: data.validation, resuming: checkpoint,
                listeners: first + listeners + writers)
        } catch {
            if begun.isSet {
                directory.noteFailure(error)
                writeReport()
            }
            throw error
        }
    }

    /// Whether the learning rate is far below what is usual for the optimizer.
    package var isSlow: Bool { configuration.isSlow }

    /// The command that starts the run again with another learning rate, where this one has led nowhere.
    package var commandWithOtherSteps: String {
        "\(directory.repeatingCommand) --learning-rate \(configuration.otherLearningRate)"
    }

    /// Whether a run that was gone on with had come to this end before.
    public func hadEnded(with end: RunEnd) -> Bool {
        checkpoint.map { $0.finishedEpochs == end.epochs && $0.stepsInEpoch == 0 } ?? false
    }
}

/// Writes the settings that a run goes on with, once nothing refuses to go on with them.
private final class SettingsWriter: TrainingListener {
    private let settings: RunConfiguration?
    private let directory: RunDirectory

    /// - Parameter settings: nil where the file has them.
    init(_ settings: RunConfiguration?, to directory: RunDirectory) {
        self.settings = settings
        self.directory = directory
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        if case .runStarted = event { try settings?.write(to: directory.configurationFile) }
        return .continue
    }
}

extension RunConfiguration {
    /// The settings of a run that was started before.
    ///
    /// - Throws: ``ConfigurationFileError``, ``ConfigurationError`` where they are not usable.
    public init(of directory: RunDirectory) throws {
        let file = try RunConfiguration(contentsOf: directory.configurationFile)
        guard file.dataset != nil, file.model != nil else {
            throw ConfigurationFileError(file: directory.configurationFile, problem: "it names no dataset or no model")
        }
        self = try file.resolved().withAbsolutePaths
    }

    /// Settings with the text of this run's network, where theirs makes the same one, however it is written.
    ///
    /// - Parameter graph: what the run trains, where it is known.
    /// - Throws: ``ConfigurationError`` where it makes another one.
    fileprivate func comparingNetworks(
        with settings: RunConfiguration, _ own: Run.Own, _ graph: Graph?
    ) throws -> RunConfiguration {
        guard let wanted = settings.model, let recorded = self.model, wanted != recorded, own.network == nil else {
            return settings
        }
        let (network, former) = (try NetworkSource(wanted), try NetworkSource(recorded))
        let graph = try graph ?? former.network().graph
        let difference: String?
        do {
            difference = try network.network(for: graph.inputShape, classes: graph.outputShape.count).graph
                .firstDifference(from: graph)
        } catch {
            difference = "\(error)"
        }
        if let difference {
            throw ConfigurationError(
                "a resumed run keeps its settings: "
                    + (network.name == former.name
                        ? "the network \(network.name) has changed: \(difference)"
                        : "model was \(former.name), not \(network.name)"))
        }
        var result = settings
        result.model = recorded
        return result
    }

    /// These settings; with more epochs, where that is all that is wanted and the run has done all that it had.
    ///
    /// - Throws: ``ConfigurationError`` where other settings are wanted.
    fileprivate func continued(
        with settings: RunConfiguration, from checkpoint: TrainingCheckpoint?, in directory: RunDirectory
    ) throws -> RunConfiguration {
        let wanted = try settings.namingObjective(over: self).applied(to: self).resolved().withAbsolutePaths
        guard let change = wanted.differences(from: self).first else { return self }
        var longer = self
        longer.epochs = wanted.epochs
        if checkpoint?.isFinished == true, wanted.epochs > self.epochs {
            guard let other = wanted.differences(from: longer).first else { return longer }
            throw ConfigurationError("a resumed run keeps its settings: \(other)")
        }
        throw ConfigurationError(
            "a resumed run keeps its settings: \(change)"
                + (wanted.epochs == self.epochs
                    ? ""
                    : ", and the learning rate of every step depends on it until the run is finished; for more epochs, start "
                        + "another run: \(directory.repeatingCommand) --epochs \(wanted.epochs)"))
    }
}
