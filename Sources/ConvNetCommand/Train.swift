import ArgumentParser
import ConvNet
import Foundation

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a network on a dataset.",
        discussion: """
            convnet train --dataset fashion-mnist --model lenet5
            convnet train --dataset fashion-mnist --model convnet4 --out runs/long
            convnet train --resume --out runs/long
            convnet train runs/long/config.yaml --seed 2

            Ctrl-C finishes the step, saves, and prints the command that goes on.
            """)

    @Argument(help: "A YAML file of settings, such as an earlier run's config.yaml; options given here go first.")
    var config: String?

    @Option(help: "A dataset's name ('convnet datasets' lists them) or the path of its directory.")
    var dataset: String?

    @Option(help: "The network: \(NetworkCatalog.all.map(\.name).joined(separator: ", ")).")
    var model: String?

    @Option(help: "Passes over the training images. (default: 10)")
    var epochs: Int?

    @Option(help: "Images a step. (default: 64)")
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
        if resume, output == nil { throw ValidationError("--resume needs --out, the directory of the run") }
        if resume, config != nil {
            throw ValidationError("--resume goes on with the run's own settings; leave out CONFIG")
        }
    }

    func run() async throws {
        let session = resume ? try resumedSession() : try newSession()
        let end = try await session.run()
        try await report(session, end)
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
            size: data.size,
            augment: data.augment, mixup: data.mixup, cutmix: data.cutmix, balance: data.balance, groupBy: data.groupBy,
            split: data.split, skipBadImages: data.skipBadImages, cache: data.cache, seed: seed,
            engine: engineOptions.engine, threads: engineOptions.threads, precision: engineOptions.precision,
            algorithms: algorithmOptions.choice)
    }

    private func newSession() throws -> TrainingSession {
        let file = try config.map { try RunConfiguration.settings(in: URL(filePath: $0)) }
        guard let dataset = dataset ?? file?.dataset else { throw ValidationError("name a dataset with --dataset") }
        guard let model = model ?? file?.model else { throw ValidationError("name a network with --model") }
        var configuration = RunConfiguration(dataset: dataset, model: model)
        if let file { configuration = file.applied(to: configuration) }
        configuration = try given.applied(to: configuration).resolved()
        if let output { try RunDirectory.checkFree(output) }
        return try TrainingSession(configuration, output: output)
    }

    private func resumedSession() throws -> TrainingSession {
        let directory = try RunDirectory.open(output ?? "")
        let file = try RunConfiguration.settings(in: directory.configurationFile)
        guard let dataset = file.dataset, let model = file.model else {
            throw ConfigurationError(
                file: directory.configurationFile.relativePath, problem: "it names no dataset or no model")
        }
        let recorded = try file.applied(to: RunConfiguration(dataset: dataset, model: model)).resolved()
        let wanted = try given.applied(to: recorded).resolved()
        if let change = wanted.differences(from: recorded).first {
            throw ValidationError("a resumed run keeps its settings: \(change)")
        }
        return try TrainingSession(resuming: directory, recorded)
    }

    private struct Report: Encodable {
        var run: String
        var model: String
        var epochs: Int
        var bestEpoch: Int?
        /// The part of the dataset that the rest is about.
        var part: DatasetPart
        var evaluation: Evaluation

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
            try container.encode(part.rawValue, forKey: .part)
            try container.encode(evaluation.accuracy, forKey: .accuracy)
            try container.encode(evaluation.top5Accuracy, forKey: .top5Accuracy)
            try container.encode(evaluation.loss, forKey: .loss)
            try container.encode(evaluation.images, forKey: .images)
        }
    }

    /// Prints how the run ended: after its last epoch the accuracy on the test images (without any, on those of validation), else the command that goes on.
    private func report(_ session: TrainingSession, _ end: RunEnd) async throws {
        let directory = session.directory
        guard end.reason != .stopped else {
            Terminal.writeError(
                "stopped after step \(end.steps.grouped), epochs finished: \(end.epochs); go on with\n"
                    + "  \(directory.resumingCommand)")
            throw ExitCode(130)
        }
        if end.reason == .stoppedEarly {
            Terminal.writeError("ended after epoch \(end.epochs): validation has not improved for long enough")
        }
        guard let (part, dataset) = session.measured else { return }
        let test = try await WaitingLine().during("\(part) on \(dataset.count.grouped) images") {
            try await session.model.evaluate(dataset)
        }
        if format.json {
            try Terminal.write(
                json: Report(
                    run: directory.path, model: directory.modelFile.relativePath, epochs: end.epochs,
                    bestEpoch: end.best?.epoch, part: part, evaluation: test))
        } else {
            let best = end.best.map { " (epoch \($0.epoch), the best in validation)" } ?? ""
            Terminal.write(
                "\(part) accuracy \(test.accuracy.percent), loss \(test.loss.fourDigits) "
                    + "on \(test.images.grouped) images\(best)")
            Terminal.write("model \(directory.modelFile.relativePath)")
        }
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
            compare(.dataset, \.dataset),
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
            compare(.size, \.size),
            compare(.augment, \.augment),
            compare(.mixup, \.mixup),
            compare(.cutmix, \.cutmix),
            compare(.balance, \.balance),
            compare(.groupBy, \.groupBy),
            compare(.split, \.split),
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
