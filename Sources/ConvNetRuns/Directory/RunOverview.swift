import ConvNetGraph
import ConvNetTraining
import Foundation

/// A run in a list of runs: how it stands, its settings and its results, by name.
///
/// It comes from `run.json` and `config.yaml`, in runs of versions without the former from `metrics.jsonl`.
public struct RunOverview: Hashable, Sendable {
    /// As it stands; nil in runs of versions that did not note it.
    public var state: RunRecord.State?
    /// What the network is called.
    public var model: String
    /// What the dataset is called.
    public var dataset: String
    /// When it began first.
    public var started: Date?
    /// When it last ended; nil while it is running.
    public var ended: Date?
    /// Epochs that are done.
    public var epochs: Int
    /// The best epoch, counted from 1.
    public var bestEpoch: Int?
    /// How that did in validation, by `Metric.name`.
    public var validation: [String: Double]
    /// How the finished model did on the test images, by `Metric.name`.
    public var test: [String: Double]
    /// By the path in `config.yaml`, such as `optimizer.kind`.
    public var settings: [String: String]
    /// What else is known of it: host, processor, version.
    public var facts: [String: String]
    /// What of the directory cannot be read, in a sentence; nil where all can.
    public var problem: String?

    /// Of a directory, whatever is in it: what cannot be read is left out, and named in ``problem``.
    public init(of directory: RunDirectory) {
        var problems: [String] = []
        func found<Value>(_ read: () throws -> Value?) -> Value? {
            do {
                return try read()
            } catch {
                problems.append("\(error)")
                return nil
            }
        }
        settings = found { try YAMLText.values(in: directory.configurationFile) } ?? [:]
        let record = found(directory.record)
        state = record.map(directory.state)
        started = record?.started
        ended = record?.ended
        model = record?.model ?? settings["model"] ?? ""
        dataset = record?.dataset.name ?? settings["dataset"].map { URL(filePath: $0).lastPathComponent } ?? ""
        test = record?.test?.values ?? [:]
        facts = [:]
        if let record {
            facts = [
                "version": record.version, "host": record.host, "processor": record.processor,
                "instructions": record.instructions, "threads": "\(record.threads)",
                "parameters": "\(record.parameterCount)", "images": "\(record.dataset.imageCount)",
            ]
            if let times = record.times { facts["seconds"] = String(format: "%.1f", times.total) }
        }
        bestEpoch = record?.best?.epoch
        validation = record?.best?.metrics.values ?? [:]
        epochs = record?.epochs ?? 0
        if record?.epochs == nil || record?.best == nil {
            let history = found(directory.history) ?? []
            epochs = record?.epochs ?? history.count
            if record?.best == nil, let best = Self.best(of: history, objective: settings["objective"]) {
                bestEpoch = best.epoch
                validation = best.validation
            }
        }
        problem = problems.isEmpty ? nil : problems.joined(separator: "; ")
    }

    /// The epoch whose weights a run keeps, by what its metrics tell.
    private static func best(of history: [MetricsFile.Line], objective: String?) -> MetricsFile.Line? {
        let metric = (try? objective.map { try MetricCatalog.metric(named: $0) }) ?? Accuracy()
        let told = history.filter { $0.validation[metric.name] != nil }
        return told.reduce(nil) { best, line in
            guard let best, let value = line.validation[metric.name], let other = best.validation[metric.name] else {
                return line
            }
            if value != other {
                return (metric.direction == .higherIsBetter) == (value > other) ? line : best
            }
            return line.validationLoss ?? .infinity < best.validationLoss ?? .infinity ? line : best
        }
    }

    /// Everything by name, as lists are filtered and sorted by it: results of the best epoch as `accuracy`, on test images as
    /// `test.accuracy`; settings by their paths, those that choose a kind by their section's name too.
    public var values: [String: String] {
        var values = settings
        for section in SettingSection.allCases {
            if let kind = settings["\(section.rawValue).\(SettingSection.kindKey)"] { values[section.rawValue] = kind }
        }
        values.merge(facts) { $1 }
        values["model"] = model.isEmpty ? nil : model
        values["dataset"] = dataset.isEmpty ? nil : dataset
        values["state"] = state?.rawValue ?? "unknown"
        values["done"] = "\(epochs)"
        if let bestEpoch { values["best_epoch"] = "\(bestEpoch)" }
        for (name, date) in [("started", started), ("ended", ended)] { values[name] = date?.formatted(.iso8601) }
        for (name, value) in validation { values[name] = "\(value)" }
        for (name, value) in test { values["test.\(name)"] = "\(value)" }
        return values
    }
}
