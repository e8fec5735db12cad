import ArgumentParser
import ConvNet
import Foundation

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a network on a dataset.",
        discussion: """
            convnet train photos
            convnet train fashion-mnist --model convnet4 --out runs/long
            convnet train --resume --out runs/long
            convnet train runs/long/config.yaml --seed 2

            What is not given is chosen for the images and the network, for about ten minutes on two cores; the first lines \
            say what, and config.yaml keeps it.
            Ctrl-C finishes the step, saves, and prints the command that goes on. A run that diverges ends with status 3.
            """)

    @Argument(
        help: ArgumentHelp(
            """
            A dataset: its name ('convnet datasets' lists them), its directory or its .csv table. Or a YAML file of settings, \
            such as an earlier run's config.yaml; options given here go first.
            """, valueName: "dataset|config"))
    var input: String?

    @Option(help: "The dataset, where a file of settings is given or none is named.")
    var dataset: String?

    @Option(
        help: """
            The network: \(NetworkCatalog.all.map(\.name).joined(separator: ", ")). (default: one for the number and the size \
            of the images)
            """)
    var model: String?

    @Option(help: "Passes over the training images. (default: chosen)")
    var epochs: Int?

    @Option(help: "Images a step. (default: chosen, for 20 steps an epoch or more; at most 64)")
    var batchSize: Int?

    @Option(help: "Parts that a batch is computed in, one after the other, to save memory. (default: 1)")
    var accumulate: Int?

    @OptionGroup(title: "Optimizer") var update: UpdateOptions
    @OptionGroup(title: "Loss and schedule") var course: CourseOptions

    @OptionGroup(title: "Data") var data: DataOptions

    @Option(help: "What weights, split, order and dropout are drawn from. (default: 1)")
    var seed: UInt64?

    @Option(name: .customLong("out"), help: "The run's directory. (default: runs/<model>-<n>)")
    var output: String?

    @Flag(help: "Go on with the run in --out, with its own settings.")
    var resume = false

    @OptionGroup var engineOptions: EngineOptions
    @OptionGroup var algorithmOptions: AlgorithmOptions
    @OptionGroup var format: OutputOptions

    func validate() throws {
        if output == "" { throw ValidationError("--out needs the path of a directory, received an empty one") }
        if resume, output == nil {
            let run = input.flatMap { try? RunDirectory.open($0) }
            throw ValidationError(
                "--resume needs --out, the directory of the run" + (run.map { ": \($0.resumingCommand)" } ?? ""))
        }
        if resume, let input {
            throw ValidationError("--resume goes on with the run's own settings; leave out '\(input)'")
        }
    }

    func run() async throws {
        let session = resume ? try resumedSession() : try newSession()
        do {
            try await report(session, session.run())
        } catch let error as TrainingError where error.isDivergence {
            let advice = session.adviceAfterDivergence
            throw EarlyEnd(
                kind: .divergence, message: "\(error)", lines: ["Error: \(error)"] + advice.lines, next: advice.command,
                exitCode: ExitCode(3))
        } catch let error where !(error is ExitCode || error is EarlyEnd || Self.isRefusal(error)) {
            guard let command = session.resumingCommand else { throw error }
            let advice = Advice(
                sentence: "the run has ended with an error; once its cause is mended, go on with", command: command)
            let message = Self.message(for: error)
            throw EarlyEnd(
                kind: FailureKind(of: error), message: message, lines: advice.lines + ["Error: \(message)"],
                next: command,
                exitCode: .failure)
        }
    }

    /// Whether a run was refused before it did anything, so that there is nothing to mend and go on with.
    private static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case is SettingError, TrainingError.checkpointMismatch, TrainingError.bestModelUnusable: true
        default: false
        }
    }

    private var given: PartialConfiguration {
        PartialConfiguration(
            dataset: dataset, model: model, epochs: epochs, batchSize: batchSize, accumulate: accumulate,
            optimizer: update.optimizer, learningRate: update.learningRate, momentum: update.momentum,
            nesterov: update.nesterov, beta1: update.beta1, beta2: update.beta2, alpha: update.alpha,
            centered: update.centered, epsilon: update.epsilon, weightDecay: update.weightDecay,
            decayBiasesAndNorms: update.decayBiasesAndNorms, groups: update.group.isEmpty ? nil : update.group,
            clipNorm: update.clipNorm, clipValue: update.clipValue, loss: course.loss,
            labelSmoothing: course.labelSmoothing, classWeights: course.classWeights, schedule: course.schedule,
            warmup: course.warmup, average: course.average, patience: course.patience,
            minimumImprovement: course.minimumImprovement, monitor: course.monitor, validation: data.validation,
            test: data.test, size: data.size,
            augment: data.augment, mixup: data.mixup, cutmix: data.cutmix, balance: data.balance, groupBy: data.groupBy,
            split: data.split, skipBadImages: data.skipBadImages, cache: data.cache, seed: seed,
            engine: engineOptions.engine, threads: engineOptions.threads, precision: engineOptions.precision,
            algorithms: algorithmOptions.choice)
    }

    private func newSession() throws -> TrainingSession {
        var file: PartialConfiguration?
        var dataset = dataset
        switch try input.map(TrainingInput.init) {
        case .settings(let url): file = try RunConfiguration.settings(in: url)
        case .dataset(let name):
            if let dataset {
                throw ValidationError("two datasets are named, '\(name)' and '\(dataset)'; leave out one of them")
            }
            dataset = name
        case nil: break
        }
        guard let dataset = dataset ?? file?.dataset else {
            throw ValidationError("name a dataset, as in 'convnet train photos'")
        }
        let model = model ?? file?.model
        var configuration = RunConfiguration(dataset: dataset, model: model ?? "")
        if let file { configuration = file.applied(to: configuration) }
        configuration = given.applied(to: configuration)
        configuration.dataset = dataset
        configuration = configuration.withAbsolutePaths
        if let output { try RunDirectory.checkFree(output) }
        if file?.isFinished == true { return try TrainingSession(try configuration.resolved(), output: output) }
        return try session(choosing: OpenSettings(file: file, given: given, in: configuration), in: configuration)
    }

    /// A run of which the images decide on what is open.
    private func session(choosing open: OpenSettings, in settings: RunConfiguration) throws -> TrainingSession {
        // What is wrong with the settings is better known before pictures are looked at.
        let sketch = try open.sketch(of: settings).resolved()
        _ = try sketch.trainer()
        let preparation = try sketch.dataPreparation()
        if !settings.model.isEmpty { _ = try NetworkCatalog.entry(named: settings.model) }
        let (images, own) = try WaitingLine().during("opening \(settings.dataset)") {
            let images = try DatasetCatalog.openImages(settings.dataset)
            return (images, try preparation.ownShape(of: images.train))
        }
        var configuration = settings
        var notes: [String] = []
        if configuration.model.isEmpty {
            let choice = DefaultNetwork.name(images: images.train.count, channels: own.channels, size: own.size)
            notes.append(
                "the network is \(choice.name), for \(choice.reason); --model NAME takes another ('convnet zoo' lists them)"
            )
            configuration.model = choice.name
        }
        let chosen = try open.chosen(in: configuration, for: images, ownShape: own)
        notes += chosen.sentences
        return try TrainingSession(chosen.configuration, opened: (images, own), notes: notes, output: output)
    }

    private func resumedSession() throws -> TrainingSession {
        let directory = try RunDirectory.open(output ?? "").claimed()
        let recorded = try RunConfiguration(of: directory)
        let wanted = try given.applied(to: recorded).resolved().withAbsolutePaths
        if let change = wanted.differences(from: recorded).first {
            throw ValidationError(
                "a resumed run keeps its settings: \(change)"
                    + (wanted.epochs == recorded.epochs
                        ? ""
                        : ", and the learning rate of every step depends on it; for more epochs, start another run: "
                            + "\(directory.repeatingCommand) --epochs \(wanted.epochs)"))
        }
        return try TrainingSession(resuming: directory, recorded)
    }

    private struct Report: Encodable {
        var run: String
        var model: String
        var epochs: Int
        var bestEpoch: Int?
        /// How it does on a part of the dataset; nil where no image is left to measure it on.
        var measured: (part: DatasetPart, evaluation: Evaluation)?

        private enum CodingKeys: String, CodingKey {
            case run, model, epochs, part
            case bestEpoch = "best_epoch"
            case accuracy
            case top5Accuracy = "top5_accuracy"
            case loss, images
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(run, forKey: .run)
            try container.encode(model, forKey: .model)
            try container.encode(epochs, forKey: .epochs)
            try container.encode(bestEpoch, forKey: .bestEpoch)
            guard let (part, evaluation) = measured else { return }
            try container.encode(part.rawValue, forKey: .part)
            try container.encode(evaluation.accuracy, forKey: .accuracy)
            try container.encode(evaluation.top5Accuracy, forKey: .top5Accuracy)
            try container.encode(evaluation.loss, forKey: .loss)
            try container.encode(evaluation.imageCount, forKey: .images)
        }
    }

    /// Prints how the run ended: after its last epoch the accuracy on the test images (without any, on those of validation)
    /// and what to do with the model, else the command that goes on.
    private func report(_ session: TrainingSession, _ end: RunEnd) async throws {
        let directory = session.directory
        guard end.reason != .stopped else {
            let message = "stopped after step \(end.steps.grouped), epochs finished: \(end.epochs)"
            let advice = Advice(sentence: "\(message); go on with", command: directory.resumingCommand)
            throw EarlyEnd(
                kind: .stopped, message: message, lines: advice.lines, next: advice.command, exitCode: ExitCode(130))
        }
        if end.reason == .stoppedEarly {
            Terminal.writeError("ended after epoch \(end.epochs): validation has not improved for long enough")
        }
        if session.hadEnded(with: end) {
            Terminal.writeError(
                "the run had ended before, after epoch \(end.epochs) of \(session.epochs): nothing was trained")
        }
        var measured: (part: DatasetPart, evaluation: Evaluation)?
        if let (part, dataset) = session.measured {
            let evaluation = try await WaitingLine().during("measuring on \(dataset.count.grouped) \(part) images") {
                try await session.model.evaluate(dataset)
            }
            measured = (part, evaluation)
        }
        if format.json {
            return try Terminal.write(
                json: Report(
                    run: directory.path, model: directory.modelFile.relativePath, epochs: end.epochs,
                    bestEpoch: end.best?.epoch, measured: measured))
        }
        if let (part, test) = measured {
            let best = end.best.map { " (epoch \($0.epoch), the best in validation)" } ?? ""
            Terminal.write(
                wrapping:
                    "\(part) accuracy \(test.accuracy.percent), loss \(test.loss.fourDigits) "
                    + "on \(test.imageCount.grouped) images\(best)")
        }
        Terminal.write("model \(directory.modelFile.relativePath)")
        Terminal.write("next: \(directory.predictingCommand)")
    }
}

extension RunConfiguration {
    /// The settings that differ, each as a sentence.
    fileprivate func differences(from recorded: RunConfiguration) -> [String] {
        func compare<T: Equatable>(_ key: CodingKeys, _ path: KeyPath<RunConfiguration, T>) -> String? {
            self[keyPath: path] == recorded[keyPath: path]
                ? nil : "\(key.rawValue) was \(recorded[keyPath: path]), not \(self[keyPath: path])"
        }
        func compare<T: Equatable>(_ key: CodingKeys, _ path: KeyPath<RunConfiguration, T?>) -> String? {
            func word(_ value: T?) -> String { value.map { "\($0)" } ?? "off" }
            return self[keyPath: path] == recorded[keyPath: path]
                ? nil : "\(key.rawValue) was \(word(recorded[keyPath: path])), not \(word(self[keyPath: path]))"
        }
        return [
            DatasetCatalog.areSame(dataset, recorded.dataset) ? nil : compare(.dataset, \.dataset),
            compare(.model, \.model),
            compare(.epochs, \.epochs),
            compare(.batchSize, \.batchSize),
            compare(.accumulate, \.accumulate),
            compare(.optimizer, \.optimizer),
            compare(.learningRate, \.learningRate),
            compare(.momentum, \.momentum),
            compare(.nesterov, \.nesterov),
            compare(.beta1, \.beta1),
            compare(.beta2, \.beta2),
            compare(.alpha, \.alpha),
            compare(.centered, \.centered),
            compare(.epsilon, \.epsilon),
            compare(.weightDecay, \.weightDecay),
            compare(.decayBiasesAndNorms, \.decayBiasesAndNorms),
            compare(.groups, \.groups),
            compare(.clipNorm, \.clipNorm),
            compare(.clipValue, \.clipValue),
            compare(.loss, \.loss),
            compare(.labelSmoothing, \.labelSmoothing),
            compare(.classWeights, \.classWeights),
            compare(.schedule, \.schedule),
            compare(.warmup, \.warmup),
            compare(.average, \.average),
            compare(.patience, \.patience),
            compare(.minimumImprovement, \.minimumImprovement),
            compare(.monitor, \.monitor),
            compare(.validation, \.validation),
            compare(.test, \.test),
            compare(.size, \.size),
            compare(.augment, \.augment),
            compare(.mixup, \.mixup),
            compare(.cutmix, \.cutmix),
            compare(.balance, \.balance),
            compare(.groupBy, \.groupBy),
            DatasetCatalog.areSame(split ?? "", recorded.split ?? "") ? nil : compare(.split, \.split),
            compare(.skipBadImages, \.skipBadImages),
            compare(.cache, \.cache),
            compare(.seed, \.seed),
            compare(.engine, \.engine),
            compare(.threads, \.threads),
            compare(.precision, \.precision),
            compare(.algorithms, \.algorithms),
        ].compactMap { $0 }
    }
}
