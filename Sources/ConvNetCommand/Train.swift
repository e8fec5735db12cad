import ArgumentParser
import ConvNetPages
import ConvNetRuns
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

    @Option(help: .of(\.dataset), completion: .directory) var dataset: String?
    @Option(help: .of(\.model), completion: .network) var model: String?
    @Option(help: .of(\.epochs)) var epochs: Int?
    @Option(help: .of(\.batchSize)) var batchSize: Int?
    @Option(help: .of(\.accumulate)) var accumulate: Int?

    @OptionGroup(title: "Optimizer") var update: UpdateOptions
    @OptionGroup(title: "Loss and schedule") var course: CourseOptions

    @OptionGroup(title: "Data") var data: DataOptions

    @Option(help: .of(\.seed)) var seed: UInt64?

    @Option(name: .customLong("out"), help: "The run's directory. (default: runs/<model>-<n>)", completion: .directory)
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
        var run = try resume ? resumedRun() : newRun()
        run.warn = { Terminal.writeError(wrapping: "Warning: \($0)") }
        TrainingNotices.introduce(run)
        do {
            // Compiling may try algorithms for a while.
            let waiting = WaitingLine()
            waiting.begin("compiling")
            defer { waiting.end() }
            let progress: any TrainingListener = Terminal.canRedraw ? ProgressBar(waiting) : ProgressLines(waiting)
            let end = try await run.start(listeners: [progress, TroubleNotices(run), Interruption()])
            waiting.end()
            try await report(run, end)
        } catch let error as TrainingError where error.isDivergence {
            let advice = TrainingNotices.adviceAfterDivergence(of: run)
            throw EarlyEnd(
                kind: .divergence, message: "\(error)", lines: ["Error: \(error)"] + advice.lines, next: advice.command,
                exitCode: ExitCode(3))
        } catch let error where !(error is ExitCode || error is EarlyEnd || Self.isRefusal(error)) {
            guard (try? run.directory.checkpointFile.isThere()) == true else { throw error }
            let advice = Advice(
                sentence: "the run has ended with an error; once its cause is mended, go on with",
                command: run.directory.resumingCommand)
            let message = Self.message(for: error)
            throw EarlyEnd(
                kind: FailureKind(of: error), message: message, lines: advice.lines + ["Error: \(message)"],
                next: advice.command, exitCode: .failure)
        }
    }

    /// Whether a run was refused before it did anything, so that there is nothing to mend and go on with.
    private static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case is SettingError, TrainingError.checkpointMismatch, TrainingError.bestModelUnusable: true
        default: false
        }
    }

    /// What the options say.
    var given: RunConfiguration {
        var given = RunConfiguration(options: self)
        if let choice = algorithmOptions.choice { given.algorithms = choice }
        return given
    }

    private func newRun() throws -> Run {
        var (file, given) = (RunConfiguration(), given)
        switch try input.map(TrainingInput.init) {
        case .settings(let url): file = try RunConfiguration(contentsOf: url)
        case .dataset(let name):
            if let dataset {
                throw ValidationError("two datasets are named, '\(name)' and '\(dataset)'; leave out one of them")
            }
            given.dataset = name
        case nil: break
        }
        let configuration = given.namingObjective(over: file).applied(to: file)
        guard configuration.dataset != nil else {
            throw ValidationError("name a dataset, as in 'convnet train photos'")
        }
        return try Run(configuration, in: output, progress: TrainingProgress())
    }

    private func resumedRun() throws -> Run {
        try Run(resuming: output ?? "", with: given, progress: TrainingProgress())
    }

    private struct Report: Encodable {
        var run: String
        var model: String
        var epochs: Int
        var bestEpoch: Int?
        /// Whether the batches that were to be learnt by heart are; nil where none were.
        var overfits: Bool?
        /// The lines of `metrics.jsonl`.
        var history: [MetricsFile.Line]
        /// How it does on a part of the dataset; nil where no image is left to measure it on.
        var measured: (part: DatasetPart, evaluation: Evaluation)?

        private enum CodingKeys: String, CodingKey {
            case run, model, epochs, history, part, overfits
            case bestEpoch = "best_epoch"
        }

        /// The keys of the evaluation are beside the others.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(run, forKey: .run)
            try container.encode(model, forKey: .model)
            try container.encode(epochs, forKey: .epochs)
            try container.encode(bestEpoch, forKey: .bestEpoch)
            try container.encode(history, forKey: .history)
            try container.encodeIfPresent(overfits, forKey: .overfits)
            guard let (part, evaluation) = measured else { return }
            try container.encode(part.rawValue, forKey: .part)
            try evaluation.encode(to: encoder)
        }
    }

    /// Prints how the run ended: after its last epoch the accuracy on the test images (without any, on those of validation)
    /// and what to do with the model, else the command that goes on.
    private func report(_ run: Run, _ end: RunEnd) async throws {
        let directory = run.directory
        guard end.reason != .stopped else {
            let message = "stopped after step \(end.steps.grouped), epochs finished: \(end.epochs)"
            let advice = Advice(sentence: "\(message); go on with", command: directory.resumingCommand)
            throw EarlyEnd(
                kind: .stopped, message: message, lines: advice.lines, next: advice.command, exitCode: ExitCode(130))
        }
        if end.reason == .stoppedEarly {
            Terminal.writeError("ended after epoch \(end.epochs): validation has not improved for long enough")
        }
        if run.hadEnded(with: end) {
            Terminal.writeError(
                "the run had ended before, after epoch \(end.epochs) of \(run.configuration.epochs): nothing was trained"
            )
        }
        var measured: (part: DatasetPart, evaluation: Evaluation)?
        if let (part, dataset) = run.measured {
            let evaluation = try await WaitingLine().during("measuring on \(dataset.count.grouped) \(part) images") {
                try await run.measure()
            }
            measured = evaluation.map { (part, $0) }
        }
        let history = try directory.history()
        let verdict = run.overfittingVerdict(history)
        if format.json {
            return try Terminal.write(
                json: Report(
                    run: directory.path, model: directory.modelFile.relativePath, epochs: end.epochs,
                    bestEpoch: end.best?.epoch, overfits: verdict?.isLearnt,
                    history: history, measured: measured))
        }
        if let verdict { Terminal.write(wrapping: TrainingNotices.sentence(verdict)) }
        if let (part, test) = measured {
            let best = end.best.map { " (epoch \($0.epoch), the best in validation)" } ?? ""
            Terminal.write(
                wrapping:
                    "\(part) \(test.text(of: run.trainer.shownMetrics)) on \(test.imageCount.grouped) images\(best)")
        }
        Terminal.write("model \(directory.modelFile.relativePath)")
        if (try? directory.reportFile.isThere()) == true {
            Terminal.write("report \(directory.reportFile.relativePath)")
        }
        Terminal.write("next: \(directory.predictingCommand)")
    }
}
