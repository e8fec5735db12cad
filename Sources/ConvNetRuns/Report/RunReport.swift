import ConvNet
import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import ConvNetVision
import Foundation

/// A run as a page to look at: `report.html` in its directory.
///
///     let directory = try RunDirectory.open("runs/lenet5-1")
///     try RunReport(of: directory).write(to: URL(filePath: "page.html"))
///
/// The page is one HTML file that fetches nothing: curves with the numbers behind them, settings and why they are what they are, costs,
/// where the time went, the first layer's filters, what the model takes for what, how far its probabilities can be trusted, mistakes, and
/// what to type next. That of a run that is going on reads itself again.
public struct RunReport {
    let directory: RunDirectory
    var record: RunRecord?
    /// As it stands, whatever the record says.
    var state: RunRecord.State?
    let configuration: RunConfiguration
    var history: [MetricsFile.Line]
    private(set) var costs: Costs?
    var filters: FilterSheet?
    var measured: Measured?
    /// What of the directory cannot be read, in sentences.
    private var problems: [String] = []

    /// What the network costs.
    struct Costs {
        var totals: NetworkSummary.Totals
        var training: TrainingMemory
        var input: Shape
        var batchSize: Int

        init(_ network: Network, batchSize: Int) {
            let summary = network.summary(batchSize: batchSize)
            totals = summary.totals
            training = summary.training
            input = network.inputShape
            self.batchSize = batchSize
        }
    }

    /// How the run's model did on images.
    struct Measured {
        var part: DatasetPart
        var sections: EvaluationSections
    }

    /// Of a run as its directory has it: a file that is missing, or cannot be read, is left out, and the page says so.
    ///
    /// - Throws: ``ConfigurationError`` and what reading throws where the directory's settings cannot be read.
    public init(of directory: RunDirectory) throws {
        self.directory = directory
        configuration = try RunConfiguration(contentsOf: directory.configurationFile)
        history = []
        let model = found(directory.modelFile) {
            try directory.modelFile.isThere() ? ModelFile(contentsOf: directory.modelFile) : nil
        }
        costs = model.map { [configuration] in Costs($0.network, batchSize: configuration.batchSize) }
        readFiles(of: model?.network)
    }

    /// Of a run in this process, which knows its network: of the model's file no more than the filters is read.
    init(_ run: Run) {
        directory = run.directory.unclaimed
        configuration = run.configuration
        history = []
        costs = Costs(run.model.network, batchSize: run.configuration.batchSize)
        readFiles(of: run.model.network)
    }

    /// What the directory's files tell.
    private mutating func readFiles(of network: Network?) {
        record = found(directory.recordFile, directory.record)
        state = record.map(directory.state)
        history = found(directory.metricsFile, directory.history) ?? []
        filters = network.flatMap { network in
            // What is wrong with the file itself has been said.
            (try? SafetensorsFile(contentsOf: directory.modelFile)).flatMap { FilterSheet($0, of: network) }
        }
        let table = found(directory.predictionsFile, directory.predictions)
        measured = record.flatMap { record in
            table.flatMap { Measured($0, record: record, classes: record.dataset.classes) }
        }
    }

    /// What is read from a file; nil, and a sentence in ``problems``, where it cannot be.
    private mutating func found<Value>(_ file: URL, _ read: () throws -> Value?) -> Value? {
        do {
            return try read()
        } catch {
            problems.append("\(file.lastPathComponent) cannot be read: \(error)")
            return nil
        }
    }

    /// Writes the page; whatever happens, `url` holds either this page or what it held before.
    ///
    /// - Throws: `FileWriteError`, and why a picture cannot be read.
    public func write(to url: URL) throws { try AtomicFile.write(Data(html().utf8), to: url) }

    /// The file's content.
    ///
    /// - Throws: why a picture cannot be read.
    public func html() throws -> String {
        let body: HTML = """
            \(head)
            \(curves)
            \(settings)
            \(costTables)
            \(filterPicture)
            \(try measurement())
            \(machine)
            \(commands)
            """
        return Page(title: title, body: body, refreshSeconds: state == .running ? refreshSeconds : nil)
            .html.description
    }

    /// A page is read again about as often as there is something new.
    private var refreshSeconds: Int {
        guard let line = history.last else { return 5 }
        return Int(min(max(line.seconds, 5), 60))
    }

    private var title: String {
        let name = record?.model ?? configuration.model ?? "a network"
        let dataset = record?.dataset.name ?? configuration.dataset ?? "its images"
        return printable("\(name) on \(dataset)")
    }

    // MARK: The beginning

    private var head: HTML {
        var rows: [FactTable.Row] = [.init("run", directory.path), .init("state", stateText)]
        if let best = record?.best {
            rows.append(.init("best epoch", "\(best.epoch): \(text(of: best.metrics)) in validation"))
        }
        if let test = record?.test {
            rows.append(.init("test", "\(text(of: test)) on \(test.imageCount.grouped) images"))
        }
        if let record {
            rows.append(.init("begun", record.started.formatted(.iso8601)))
            if let ended = record.ended, state != .running { rows.append(.init("ended", ended.formatted(.iso8601))) }
        }
        let problems: [HTML] = problems.map { "<p>\(printable($0)).</p>" }
        return "\(FactTable(rows).html)\n\(problems)"
    }

    private var stateText: String {
        let done = record?.epochs ?? history.count
        let epochs = "\(done) of \(configuration.epochs.counted("epoch"))"
        switch state {
        case .running: return "running, \(epochs) done; this page reads itself again"
        case .completed: return "completed after \(done.counted("epoch"))"
        case .stopped: return "stopped, \(epochs) done"
        case .diverged: return "diverged, \(epochs) done\(reason)"
        case .failed: return "ended with an error, or from outside; \(epochs) done\(reason)"
        case nil: return "\(epochs) done"
        }
    }

    private var reason: String { record?.error.map { ": \($0)" } ?? "" }

    /// The objective, accuracy and loss.
    private func text(of evaluation: Evaluation) -> String {
        var names = ["accuracy", "loss"]
        if let objective = configuration.objective, !names.contains(objective) { names.insert(objective, at: 0) }
        return names.compactMap { name in
            evaluation[name].map { value in
                let metric = try? MetricCatalog.metric(named: name)
                return "\(metric?.title ?? name) \(EvaluationSections.text(value, unit: metric?.unit ?? .number))"
            }
        }.joined(separator: ", ")
    }

    // MARK: The end

    private func measurement() throws -> HTML {
        guard let measured else { return "" }
        let what: HTML = measured.part == .test ? "test images" : "validation images, by the best epoch's weights"
        return "<h2>The \(what)</h2>\n\(try measured.sections.html())"
    }

    private var machine: HTML {
        guard let record else { return "" }
        let rows: [FactTable.Row] = [
            .init("version", "swift-convnet \(record.version)"),
            .init("engine", record.engine ?? ""), .init("host", record.host), .init("processor", record.processor),
            .init("instructions", record.instructions), .init("threads", "\(record.threads)"),
            .init("seed", "\(record.seed)"),
        ]
        return "<h2>Machine and versions</h2>\n\(FactTable(rows.filter { !$0.value.description.isEmpty }).html)"
    }

    private var commands: HTML {
        let path = RunFiles.quoted(directory.path)
        var lines: [(String, String)] = []
        if state != .completed, state != .running { lines.append(("go on with it", directory.resumingCommand)) }
        if let dataset = configuration.dataset, state != .running {
            lines.append(
                ("measure it again", "convnet evaluate \(path) --dataset \(RunFiles.quoted(dataset)) --html page.html"))
        }
        lines.append(("apply its model", directory.predictingCommand))
        lines.append(("hold it against another run", "convnet runs compare \(path) OTHER"))
        lines.append(("begin it anew with another seed", "\(directory.repeatingCommand) --seed 2"))
        let rows = lines.map { FactTable.Row($0.0, "<code>\(printable($0.1))</code>" as HTML) }
        return "<h2>What to type next</h2>\n\(FactTable(rows).html)"
    }
}

extension RunReport.Measured {
    /// What a run's file of predictions comes to, test images before those of validation; nil where it tells too little.
    init?(_ table: PredictionTable, record: RunRecord, classes: [String]) {
        let parts: [(DatasetPart, Evaluation?)] = [(.test, record.test), (.validation, record.best?.metrics)]
        for (part, evaluation) in parts {
            guard let evaluation, let report = table.report(on: part, evaluation: evaluation, classes: classes) else {
                continue
            }
            let rows = table[part]
            self.init(part: part, sections: EvaluationSections(report) { rows[$0].image })
            return
        }
        return nil
    }
}

extension FilterSheet {
    /// nil where the network has no convolution, or the file has no such weights.
    init?(_ file: SafetensorsFile, of network: Network) {
        guard let index = Self.parameter(of: network),
            let weights = try? file.floats(named: network.parameters[index].name),
            weights.count == network.parameters[index].count
        else { return nil }
        self.init(network, parameter: index, weights: weights)
    }
}
