import ConvNet
import Foundation

/// A run as the command starts it: data, model, trainer and the directory that takes the results.
struct TrainingSession {
    let data: TrainTestDatasets
    let model: Model
    let directory: RunDirectory

    private let configuration: RunConfiguration
    private let trainer: Trainer
    private let training: any Dataset
    private let validation: (any Dataset)?
    private let checkpoint: TrainingCheckpoint?

    /// A new run. The directory is made last, so that a mistake in the settings leaves nothing behind.
    init(_ configuration: RunConfiguration, output: String?) throws {
        try self.init(configuration, checkpoint: nil) { name in
            let directory = try output.map(RunDirectory.create) ?? RunDirectory.createNext(for: name)
            try configuration.write(to: directory.configurationFile)
            return directory
        }
    }

    /// A run that goes on.
    init(resuming directory: RunDirectory, _ configuration: RunConfiguration) throws {
        let hasCheckpoint = FileManager.default.fileExists(atPath: directory.checkpointFile.path)
        let checkpoint = hasCheckpoint ? try TrainingCheckpoint(contentsOf: directory.checkpointFile) : nil
        try self.init(configuration, checkpoint: checkpoint) { _ in directory }
        if let checkpoint, checkpoint.engine != model.engineVersion {
            Terminal.writeError(
                "the run was made with \(checkpoint.engine), this is \(model.engineVersion): "
                    + "the last digits of its results may differ")
        }
    }

    private init(
        _ configuration: RunConfiguration, checkpoint: TrainingCheckpoint?,
        directory makeDirectory: (_ name: String) throws -> RunDirectory
    ) throws {
        self.configuration = configuration
        self.checkpoint = checkpoint
        trainer = try configuration.trainer()
        let entry = try NetworkCatalog.entry(named: configuration.model)
        data = try DatasetCatalog.open(configuration.dataset)
        let parts = try data.train.split(validationFraction: configuration.validation, seed: configuration.seed)
        training = parts.training
        validation = parts.validation.count > 0 ? parts.validation : nil
        let engine = try Engines.make(
            named: configuration.engine, threads: configuration.threads, precision: configuration.precision,
            algorithms: configuration.algorithms)
        let network = try entry.network(for: data.train.imageShape, classes: data.train.classes.count)
        try trainer.validate(for: network, hasValidation: validation != nil)
        model = try Model(
            network, classes: data.train.classes, preprocessing: Preprocessing(measuring: training),
            engine: engine, seed: configuration.seed)
        directory = try makeDirectory(entry.name)
        Terminal.writeError(
            "\(entry.name): \(network.parameterCount.grouped) parameters, \(model.engineVersion)"
                + (engine.precision == .fp32 ? "" : " in \(engine.precision)")
                + " on \(engine.threads) thread\(engine.threads == 1 ? "" : "s")"
                + (engine.threads == AvailableProcessors.count ? " (\(AvailableProcessors.explanation))" : ""))
        Terminal.writeWarnings(of: engine)
        Terminal.writeError(
            "\(data.name): \(training.count.grouped) training, \(validation?.count.grouped ?? "no") validation and "
                + "\(data.test.count.grouped) test images; run in \(directory.path)")
    }

    func run() async throws -> RunEnd {
        let progress: any TrainingListener = Terminal.errorIsTerminal ? ProgressBar() : ProgressLines()
        // Metrics first, so that a checkpoint never knows of an epoch that they do not.
        return try await trainer.train(
            model, on: training, validation: validation, resuming: checkpoint,
            listeners: [
                progress, MetricsFile(directory.metricsFile), BestModelWriter(directory.modelFile),
                CheckpointWriter(directory.checkpointFile), Interruption(),
            ])
    }
}
