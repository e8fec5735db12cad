import ConvNetEngine
import Foundation

extension TrainingCheckpoint {
    /// The settings that a run must keep to when it goes on.
    public struct Settings: Hashable, Codable, Sendable {
        /// ``Trainer/epochs``.
        public var epochs: Int
        /// ``Trainer/batchSize``.
        public var batchSize: Int
        /// ``Trainer/accumulationSteps``.
        public var accumulationSteps: Int
        /// ``Trainer/learningRate``.
        public var learningRate: Float
        /// ``Trainer/schedule``.
        public var schedule: Schedule
        /// Kind and settings.
        public var optimizer: String
        /// Kind and settings.
        public var loss: String
        /// ``Trainer/gradientClipping``.
        public var gradientClipping: GradientClipping?
        /// ``Trainer/parameterGroups``.
        public var parameterGroups: [ParameterGroup]
        /// ``Trainer/frozen``.
        public var frozen: [String]?
        /// ``Trainer/decaysBiasesAndNorms``.
        public var decaysBiasesAndNorms: Bool
        /// ``Trainer/averaging``.
        public var averaging: WeightAveraging?
        /// ``Trainer/earlyStopping``.
        public var earlyStopping: EarlyStopping?
        /// ``Trainer/sampling``; nil in files of versions that knew one only.
        public var sampling: Sampling?
        /// ``Trainer/mixing``.
        public var mixing: BatchMixing?
        /// The images that a validation computes at a time; nil in files that are older than this, which means 128.
        public var evaluationBatchSize: Int?
        /// ``Trainer/seed``.
        public var seed: UInt64
        /// The number of training images.
        public var imageCount: Int

        /// As in files of the first versions.
        private enum CodingKeys: String, CodingKey {
            case epochs, batchSize
            case accumulationSteps = "batchParts"
            case learningRate, schedule, optimizer, loss
            case gradientClipping, parameterGroups, frozen, decaysBiasesAndNorms, averaging, earlyStopping, sampling,
                mixing
            case evaluationBatchSize, seed
            case imageCount = "images"
        }

        init(_ trainer: Trainer, imageCount: Int) throws {
            epochs = trainer.epochs
            batchSize = trainer.batchSize
            accumulationSteps = trainer.accumulationSteps
            learningRate = trainer.learningRate
            schedule = trainer.schedule
            optimizer = try settingsLine(kind: type(of: trainer.optimizer).kind, trainer.optimizer)
            loss = try settingsLine(kind: type(of: trainer.loss).kind, trainer.loss)
            gradientClipping = trainer.gradientClipping
            parameterGroups = trainer.parameterGroups
            frozen = trainer.frozen
            decaysBiasesAndNorms = trainer.decaysBiasesAndNorms
            averaging = trainer.averaging
            earlyStopping = trainer.earlyStopping
            // As before there was a choice, so that older checkpoints go on.
            sampling = trainer.sampling == .shuffled ? nil : trainer.sampling
            mixing = trainer.mixing
            evaluationBatchSize = trainer.evaluationBatchSize
            seed = trainer.seed
            self.imageCount = imageCount
        }

        /// The first setting that differs, as a sentence.
        func difference(from recorded: Settings) -> String {
            func compare<T: Equatable>(_ name: String, _ value: KeyPath<Settings, T>) -> String? {
                self[keyPath: value] == recorded[keyPath: value]
                    ? nil : "its \(name) is \(recorded[keyPath: value]), that of this run \(self[keyPath: value])"
            }
            func compare<T: Equatable>(_ name: String, _ value: KeyPath<Settings, T?>) -> String? {
                func word(_ value: T?) -> String { value.map { "\($0)" } ?? "off" }
                return self[keyPath: value] == recorded[keyPath: value]
                    ? nil
                    : "its \(name) is \(word(recorded[keyPath: value])), that of this run \(word(self[keyPath: value]))"
            }
            return compare("number of epochs", \.epochs) ?? compare("batch size", \.batchSize)
                ?? compare("number of batch parts", \.accumulationSteps) ?? compare("learning rate", \.learningRate)
                ?? compare("schedule", \.schedule) ?? compare("optimizer", \.optimizer) ?? compare("loss", \.loss)
                ?? compare("gradient clipping", \.gradientClipping)
                ?? compare("list of parameter groups", \.parameterGroups)
                ?? compare("list of frozen parameters", \.frozen)
                ?? compare("weight decay of biases and norms", \.decaysBiasesAndNorms)
                ?? compare("averaging of weights", \.averaging) ?? compare("early stopping", \.earlyStopping)
                ?? compare("sampling", \.sampling) ?? compare("mixing", \.mixing)
                ?? compare("batch size in evaluation", \.evaluationBatchSize)
                ?? compare("seed", \.seed) ?? compare("number of training images", \.imageCount)
                ?? "its settings differ"
        }
    }
}

/// Kind and settings in one line, by which checkpoints tell one rule from another: `sgd {"momentum":0.9,…}`.
///
/// - Throws: `EncodingError`.
private func settingsLine(kind: String, _ settings: some Encodable) throws -> String {
    "\(kind) \(String(decoding: try JSONEncoder.sorted.encode(settings), as: UTF8.self))"
}
