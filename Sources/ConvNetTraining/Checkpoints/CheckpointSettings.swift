import ConvNetEngine
import Foundation

extension TrainingCheckpoint {
    /// The settings that a run must keep to when it goes on: its trainer's, each a line in the table `recorded`, and the number of its
    /// images.
    public struct Settings: Hashable, Codable, Sendable {
        /// By key; what is off has none.
        private var values: [String: ByValue<any RecordedSetting.Value>] = [:]
        /// The number of training images.
        public var imageCount: Int

        init(_ trainer: Trainer, imageCount: Int) throws {
            self.imageCount = imageCount
            for setting in Self.recorded { values[setting.key] = try setting.value(trainer).map(ByValue.init) }
        }

        /// What is recorded of a trainer: the key in files, which is that of the first versions, and what messages call it.
        static let recorded: [RecordedSetting] = [
            RecordedSetting("epochs", "number of epochs") { $0.epochs },
            RecordedSetting("batchSize", "batch size") { $0.batchSize },
            RecordedSetting("batchParts", "number of batch parts") { $0.accumulationSteps },
            RecordedSetting("learningRate", "learning rate") { $0.learningRate },
            RecordedSetting("schedule", "schedule") { $0.schedule },
            RecordedSetting("optimizer", "optimizer") {
                try settingsLine(kind: type(of: $0.optimizer).kind, $0.optimizer)
            },
            RecordedSetting("loss", "loss") { try settingsLine(kind: type(of: $0.loss).kind, $0.loss) },
            RecordedSetting("gradientClipping", orOff: "gradient clipping") { $0.gradientClipping },
            RecordedSetting("parameterGroups", "list of parameter groups") { $0.parameterGroups },
            RecordedSetting("frozen", orOff: "list of frozen parameters") { $0.frozen },
            RecordedSetting("decaysBiasesAndNorms", "weight decay of biases and norms") { $0.decaysBiasesAndNorms },
            RecordedSetting("averaging", orOff: "averaging of weights") { $0.averaging },
            // This and the thresholds have none in files that are older than them.
            RecordedSetting("objective", orOff: "objective") { $0.objective?.name },
            RecordedSetting("thresholds", orOff: "choice of thresholds") {
                $0.thresholds == .ofModel ? nil : $0.thresholds
            },
            RecordedSetting("earlyStopping", orOff: "early stopping") { $0.earlyStopping },
            // None where there is no choice, as before there was one, so that older checkpoints go on.
            RecordedSetting("sampling", orOff: "sampling") { $0.sampling == .shuffled ? nil : $0.sampling },
            RecordedSetting("mixing", orOff: "mixing") { $0.mixing },
            // None in files that are older than this, which means 128.
            RecordedSetting("evaluationBatchSize", orOff: "batch size in evaluation") { $0.evaluationBatchSize },
            RecordedSetting("seed", "seed") { $0.seed },
        ]

        // MARK: What checkpoints themselves go by

        /// ``Trainer/epochs``.
        public var epochs: Int {
            get { value("epochs") ?? 0 }
            set { values["epochs"] = ByValue(newValue) }
        }

        /// ``Trainer/batchSize``.
        public var batchSize: Int { value("batchSize") ?? 0 }

        /// ``Trainer/evaluationBatchSize``.
        var evaluationBatchSize: Int? {
            get { value("evaluationBatchSize") }
            set { values["evaluationBatchSize"] = newValue.map { ByValue($0) } }
        }

        /// The name of ``Trainer/objective``.
        var objective: String? { value("objective") }

        /// ``Trainer/frozen``.
        var frozen: [String]? { value("frozen") }

        private func value<Value>(_ key: String) -> Value? { values[key]?.value as? Value }

        // MARK: Files

        private static let imageCountKey = SettingKey(stringValue: "images")

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: SettingKey.self)
            imageCount = try container.decode(Int.self, forKey: Self.imageCountKey)
            for setting in Self.recorded { values[setting.key] = try setting.decode(container).map(ByValue.init) }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: SettingKey.self)
            try container.encode(imageCount, forKey: Self.imageCountKey)
            for (key, value) in values { try container.encode(value.value, forKey: SettingKey(stringValue: key)) }
        }

        /// The first setting that differs, as a sentence.
        func difference(from recorded: Settings) -> String {
            func sentence(_ name: String, _ own: Any?, _ other: Any?) -> String {
                func word(_ value: Any?) -> String { value.map { "\($0)" } ?? "off" }
                return "its \(name) is \(word(other)), that of this run \(word(own))"
            }
            for setting in Self.recorded where values[setting.key] != recorded.values[setting.key] {
                return sentence(setting.name, values[setting.key]?.value, recorded.values[setting.key]?.value)
            }
            return sentence("number of training images", imageCount, recorded.imageCount)
        }
    }
}

/// One setting of a trainer, as checkpoints record and compare it.
struct RecordedSetting: Sendable {
    typealias Value = Codable & Hashable & Sendable

    let key, name: String
    /// nil of what is off.
    let value: @Sendable (Trainer) throws -> (any Value)?
    fileprivate let decode: @Sendable (KeyedDecodingContainer<SettingKey>) throws -> (any Value)?

    /// One that every file has.
    init<V: Value>(_ key: String, _ name: String, _ value: @escaping @Sendable (Trainer) throws -> V) {
        self.key = key
        self.name = name
        self.value = { try value($0) }
        decode = { try $0.decode(V.self, forKey: SettingKey(stringValue: key)) }
    }

    /// One that may be off.
    init<V: Value>(_ key: String, orOff name: String, _ value: @escaping @Sendable (Trainer) throws -> V?) {
        self.key = key
        self.name = name
        self.value = { try value($0) }
        decode = { try $0.decodeIfPresent(V.self, forKey: SettingKey(stringValue: key)) }
    }
}

private struct SettingKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// Kind and settings in one line, by which checkpoints tell one rule from another: `sgd {"momentum":0.9,…}`.
///
/// - Throws: `EncodingError`.
private func settingsLine(kind: String, _ settings: some Encodable) throws -> String {
    "\(kind) \(String(decoding: try JSONEncoder.sorted.encode(settings), as: UTF8.self))"
}
