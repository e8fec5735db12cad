import ArgumentParser
import ConvNet
import Foundation
import Yams

/// Every setting of a training run, as `config.yaml` holds them.
struct RunConfiguration: Codable, Equatable {
    var dataset: String
    var model: String
    var epochs = 10
    var batchSize = 64
    var learningRate = 0.05
    var optimizer = SGD.kind
    var momentum = 0.9
    var nesterov = false
    var weightDecay = 0.0005
    var labelSmoothing = 0.0
    var schedule = "one-cycle"
    var warmup = 0.0
    /// The share of the training images that is kept for validation.
    var validation = 0.05
    var seed: UInt64 = 1
    var engine = Engines.names[0]
    var threads = AvailableProcessors.count

    enum CodingKeys: String, CodingKey, CaseIterable {
        case dataset, model, epochs
        case batchSize = "batch_size"
        case learningRate = "learning_rate"
        case optimizer, momentum, nesterov
        case weightDecay = "weight_decay"
        case labelSmoothing = "label_smoothing"
        case schedule, warmup, validation, seed, engine, threads
    }
}

// MARK: - Meaning

extension RunConfiguration {
    /// - Throws: `ValidationError` for a word that means nothing and for numbers out of range that the trainer does not
    ///   check.
    func trainer() throws -> Trainer {
        guard optimizer == SGD.kind else {
            throw ValidationError("unknown optimizer '\(optimizer)'; there is '\(SGD.kind)'")
        }
        guard let shape = Schedule.Shape(schedule) else {
            throw ValidationError(
                "unknown schedule '\(schedule)'; there are \(Schedule.Shape.spellings.joined(separator: ", "))")
        }
        guard validation >= 0, validation < 1 else {
            throw ValidationError("the validation share must be at least 0 and below 1, received \(validation)")
        }
        guard (1...1024).contains(threads) else {
            throw ValidationError("threads must be 1 to 1024, received \(threads)")
        }
        // Beyond these, a run would not end, and the products that the steps are counted by would overflow.
        guard epochs <= 1_000_000 else { throw ValidationError("epochs must be 1 to 1000000, received \(epochs)") }
        guard batchSize <= 65_536 else {
            throw ValidationError("the batch size must be 1 to 65536, received \(batchSize)")
        }
        if case .step(let every, _) = shape, every > 1_000_000 {
            throw ValidationError("the step schedule must step every 1 to 1000000 epochs, received \(every)")
        }
        let trainer = Trainer(
            epochs: epochs, batchSize: batchSize, learningRate: Float(learningRate),
            schedule: Schedule(shape, warmup: warmup),
            optimizer: SGD(momentum: Float(momentum), nesterov: nesterov, weightDecay: Float(weightDecay)),
            loss: SoftmaxCrossEntropy(labelSmoothing: labelSmoothing), seed: seed)
        try trainer.validate()
        return trainer
    }
}

// MARK: - YAML

extension RunConfiguration {
    func write(to url: URL) throws {
        try AtomicFile.write(Data(try yaml().utf8), to: url)
    }

    /// One setting a line. Yams writes 0.05 as 5e-2; people do not.
    func yaml() throws -> String {
        guard var settings = try Yams.compose(yaml: YAMLEncoder().encode(self))?.mapping else { return "" }
        let fractions: [(CodingKeys, Double)] = [
            (.learningRate, learningRate), (.momentum, momentum), (.weightDecay, weightDecay),
            (.labelSmoothing, labelSmoothing), (.warmup, warmup), (.validation, validation),
        ]
        for (key, value) in fractions { settings[Node(key.rawValue)] = Node("\(value)", Tag(.float)) }
        return try Yams.serialize(node: Node.mapping(settings))
    }

    /// The settings in a file, which need not be all of them.
    ///
    /// - Throws: `ConfigurationError` where it cannot be read, is no YAML, or has a key that is no setting.
    static func settings(in url: URL) throws -> PartialConfiguration {
        let text = try text(of: url)
        do {
            if let keys = try Yams.compose(yaml: text)?.mapping?.keys {
                let known = CodingKeys.allCases.map(\.rawValue)
                for key in keys.compactMap(\.string) where !known.contains(key) {
                    let suggestion = nearestName(to: key, in: known).map { " Did you mean '\($0)'?" } ?? ""
                    throw ConfigurationError(file: url.relativePath, problem: "unknown setting '\(key)'.\(suggestion)")
                }
            }
            return try YAMLDecoder().decode(PartialConfiguration.self, from: text)
        } catch let error as DecodingError {
            throw ConfigurationError(file: url.relativePath, problem: error.yamlProblem)
        } catch let error as YamlError {
            throw ConfigurationError(file: url.relativePath, problem: error.sentence)
        }
    }

    private static func text(of url: URL) throws(ConfigurationError) -> String {
        func failure(_ problem: String) -> ConfigurationError {
            ConfigurationError(file: url.relativePath, problem: problem)
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
            throw failure("there is no such file")
        }
        if isDirectory.boolValue { throw failure("it is a directory, not a file of settings") }
        guard let data = FileManager.default.contents(atPath: url.path) else { throw failure("it cannot be read") }
        guard let text = String(data: data, encoding: .utf8) else { throw failure("it is not UTF-8 text") }
        return text
    }
}

/// Settings that were given, in a file or on the command line; nil where nothing was.
struct PartialConfiguration: Codable, Equatable {
    var dataset: String?
    var model: String?
    var epochs: Int?
    var batchSize: Int?
    var learningRate: Double?
    var optimizer: String?
    var momentum: Double?
    var nesterov: Bool?
    var weightDecay: Double?
    var labelSmoothing: Double?
    var schedule: String?
    var warmup: Double?
    var validation: Double?
    var seed: UInt64?
    var engine: String?
    var threads: Int?

    typealias CodingKeys = RunConfiguration.CodingKeys

    /// The settings given here in the place of those in `configuration`.
    func applied(to configuration: RunConfiguration) -> RunConfiguration {
        var result = configuration
        func set<T>(_ path: WritableKeyPath<RunConfiguration, T>, _ value: T?) {
            if let value { result[keyPath: path] = value }
        }
        set(\.dataset, dataset)
        set(\.model, model)
        set(\.epochs, epochs)
        set(\.batchSize, batchSize)
        set(\.learningRate, learningRate)
        set(\.optimizer, optimizer)
        set(\.momentum, momentum)
        set(\.nesterov, nesterov)
        set(\.weightDecay, weightDecay)
        set(\.labelSmoothing, labelSmoothing)
        set(\.schedule, schedule)
        set(\.warmup, warmup)
        set(\.validation, validation)
        set(\.seed, seed)
        set(\.engine, engine)
        set(\.threads, threads)
        return result
    }
}

/// A configuration file that cannot be used.
struct ConfigurationError: Error, CustomStringConvertible {
    let file: String
    let problem: String

    var description: String { "\(file): \(problem)" }
}

extension YamlError {
    /// Where and what, in one line; its own description draws the place under the text.
    fileprivate var sentence: String {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "it is not YAML: line \(mark.line), column \(mark.column): \(problem)"
        case .duplicatedKeysInMapping(let keys, _):
            "it has the setting '\(keys.first ?? "")' more than once"
        default:
            "it is not YAML: \("\(self)".replacing("\n", with: " "))"
        }
    }
}

extension DecodingError {
    fileprivate var yamlProblem: String {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let key = context.codingPath.map(\.stringValue).joined(separator: ".")
            return key.isEmpty ? "it is not a list of settings" : "the value of '\(key)' is of the wrong kind"
        case .keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
        @unknown default: return "it cannot be read"
        }
    }
}
