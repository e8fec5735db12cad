import ConvNet
import Foundation

/// A run as the command starts it: data, model, trainer and the directory that takes the results.
struct TrainingSession {
    let data: PreparedData
    let model: Model
    let directory: RunDirectory

    private let configuration: RunConfiguration
    private let trainer: Trainer
    private let checkpoint: TrainingCheckpoint?

    /// A dataset, and what ``DataPreparation/ownShape(of:)`` says of it.
    typealias OpenedImages = (images: ImageDatasets, ownShape: (channels: Int, size: Size?))

    /// A new run. The directory is made last, so that a mistake in the settings leaves nothing behind.
    ///
    /// - Parameters:
    ///   - opened: the dataset, where it has been looked at.
    ///   - notes: what is to be said of the settings, once nothing is wrong with them.
    init(
        _ configuration: RunConfiguration, opened: OpenedImages? = nil, notes: [String] = [], output: String?
    ) throws {
        let split = try configuration.split.map { try SplitFile(contentsOf: URL(filePath: $0)) }
        try self.init(configuration, opened: opened, split: split, checkpoint: nil) { name, data in
            let directory = try output.map(RunDirectory.create) ?? RunDirectory.createNext(for: name)
            // The settings last: what has them is a run, and is divided as it was begun.
            try data.split?.write(to: directory.splitFile)
            try configuration.write(to: directory.configurationFile)
            return directory
        }
        for note in notes { Terminal.writeError(wrapping: note, elsewhere: 79) }
    }

    /// A run that goes on.
    ///
    /// - Parameter directory: claimed, so that nobody changes what is read here.
    /// - Throws: ``RunDirectoryError/lacks(_:file:)`` where it has got further than its files say.
    init(resuming directory: RunDirectory, _ configuration: RunConfiguration) throws {
        let hasCheckpoint = try directory.checkpointFile.isThere()
        // The first epoch's metrics are written before its checkpoint.
        if !hasCheckpoint, try MetricsFile(directory.metricsFile).epochs() > 1 {
            throw RunDirectoryError.lacks(
                directory.path, file: "checkpoint/\(directory.checkpointFile.lastPathComponent)")
        }
        let checkpoint = hasCheckpoint ? try TrainingCheckpoint(contentsOf: directory.checkpointFile) : nil
        // Files may have come since: the run keeps to its own division.
        let hasSplit = try directory.splitFile.isThere()
        let split = hasSplit ? try SplitFile(contentsOf: directory.splitFile) : nil
        try self.init(configuration, opened: nil, split: split, checkpoint: checkpoint) { _, data in
            if split == nil, data.split != nil {
                throw RunDirectoryError.lacks(directory.path, file: directory.splitFile.lastPathComponent)
            }
            return directory
        }
        if let checkpoint {
            let told = try MetricsFile(directory.metricsFile).epochs()
            if told < checkpoint.finishedEpochs {
                Terminal.writeError(
                    "\(directory.metricsFile.relativePath) tells of \(told) of the \(checkpoint.finishedEpochs) epochs that "
                        + "are done: what the others came to is lost")
            }
        }
    }

    private init(
        _ configuration: RunConfiguration, opened: OpenedImages?, split: SplitFile?, checkpoint: TrainingCheckpoint?,
        directory makeDirectory: (_ name: String, _ data: PreparedData) throws -> RunDirectory
    ) throws {
        self.configuration = configuration
        self.checkpoint = checkpoint
        var trainer = try configuration.trainer()
        let entry = try NetworkCatalog.entry(named: configuration.model)
        data = try configuration.preparedData(opened: opened, split: split)
        let training = data.training
        let engine = try configuration.makeEngine()
        let network = try entry.network(for: training.imageShape, classes: training.classes.count)
        if configuration.balance == .weights, var loss = trainer.loss as? SoftmaxCrossEntropy {
            loss.classWeights = training.balancingWeights
            trainer.loss = loss
        }
        self.trainer = trainer
        try trainer.validate(for: network, hasValidation: data.validation != nil)
        model = try Model(
            network, classes: training.classes, preprocessing: data.preprocessing, engine: engine,
            seed: configuration.seed)
        directory = try makeDirectory(entry.name, data)
        Terminal.writeError(
            "\(entry.name): \(network.parameterCount.grouped) parameters, \(model.engineVersion)"
                + (engine.precision == .fp32 ? "" : " in \(engine.precision)")
                + " on \(engine.threads) thread\(engine.threads == 1 ? "" : "s")"
                + (engine.threads == AvailableProcessors.count ? " (\(AvailableProcessors.explanation))" : ""))
        Terminal.writeWarnings(of: engine)
        Terminal.writeError(
            "\(data.name): \(training.count.grouped) training, \(data.validation?.count.grouped ?? "no") validation and "
                + "\(data.test?.count.grouped ?? "no") test images; run in \(directory.path)")
        if !directory.isExclusive {
            Terminal.writeError(
                "Warning: the file system of \(directory.path) has no locks; start no second run in that directory")
        }
        if let groups = data.groups { Terminal.writeError("grouped by their names: \(groups)") }
        Terminal.writeNotices(data.notices)
        Terminal.writeSkipped(data.skipped)
        if data.unused > 0 {
            Terminal.writeError("\(data.unused.grouped) images are in no part of the split, and are left out")
        }
    }

    /// What the finished model is measured on: the test images or, without any, those of validation.
    var measured: (part: DatasetPart, images: any Dataset)? {
        data.test.map { (.test, $0) } ?? data.validation.map { (.validation, $0) }
    }

    /// The epochs that the run was started for.
    var epochs: Int { configuration.epochs }

    /// Whether a run that was gone on with had come to this end before.
    func hadEnded(with end: RunEnd) -> Bool {
        checkpoint.map { $0.finishedEpochs == end.epochs && $0.stepsInEpoch == 0 } ?? false
    }

    /// The command that goes on with the run; nil where nothing of it is saved.
    var resumingCommand: String? {
        (try? directory.checkpointFile.isThere()) == true ? directory.resumingCommand : nil
    }

    /// What to do after a run that has diverged: a sentence, and the command that it speaks of.
    var adviceAfterDivergence: Advice {
        let hasModel = (try? directory.modelFile.isThere()) == true
        return Advice(
            sentence: (hasModel
                ? "\(directory.modelFile.relativePath) holds the weights of the best epoch before that; " : "")
                + "to start again with smaller steps",
            command: TroubleNotices.advice(configuration, directory))
    }

    func run() async throws -> RunEnd {
        // Compiling may try algorithms for a while.
        let waiting = WaitingLine()
        waiting.begin("compiling")
        defer { waiting.end() }
        let progress: any TrainingListener = Terminal.canRedraw ? ProgressBar(waiting) : ProgressLines(waiting)
        let best = BestModelWriter(directory, resuming: checkpoint)
        // Metrics first, so that a checkpoint never knows of an epoch that they do not.
        return try await trainer.train(
            model, on: data.training, validation: data.validation, resuming: checkpoint,
            listeners: [
                progress, TroubleNotices(configuration, in: directory), MetricsFile(directory.metricsFile), best,
                CheckpointWriter(directory, best: best),
                Interruption(),
            ])
    }
}

extension RunConfiguration {
    /// The images of a run with these settings, ready for the network. Reads all pictures.
    ///
    /// - Parameters:
    ///   - opened: the dataset, where it has been looked at.
    ///   - split: which images are in which part, where that has been decided.
    func preparedData(opened: TrainingSession.OpenedImages? = nil, split: SplitFile?) throws -> PreparedData {
        var preparation = try dataPreparation()
        preparation.split = split
        let images =
            try opened?.images
            ?? WaitingLine().during("opening \(dataset)") { try DatasetCatalog.openImages(dataset) }
        let progress = CountingLine("reading")
        defer { progress.erase() }
        return try preparation.prepare(
            images, networkInput: NetworkCatalog.entry(named: model).inputShape, ownShape: opened?.ownShape,
            progress: { progress.show($0, $1, of: $2) })
    }

    /// What was asked for stays in the configuration, so that the same line resumes the run. The default engine has a warning
    /// where only another one can stand in for it.
    fileprivate func makeEngine() throws -> any Engine {
        try Engines.makeGranted(
            named: engine == Engines.names[0] ? nil : engine, threads: threads, precision: precision,
            algorithms: algorithms)
    }
}
