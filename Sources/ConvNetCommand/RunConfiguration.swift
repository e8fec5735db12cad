import ArgumentParser
import ConvNet
import Foundation

/// Every setting of a training run, as `config.yaml` holds them. What is off, and what the optimizer does not have, is nil
/// and not in the file.
struct RunConfiguration: Codable, Equatable {
    var dataset: String
    var model: String
    var epochs = 10
    var batchSize = 64
    /// The parts that a batch is computed in.
    var accumulate = 1
    var optimizer = SGD.kind
    /// The settings from here to the weight decay have defaults that depend on the optimizer.
    var learningRate: Double?
    var momentum: Double?
    var nesterov: Bool?
    var beta1: Double?
    var beta2: Double?
    var alpha: Double?
    var centered: Bool?
    var epsilon: Double?
    var weightDecay: Double?
    var decayBiasesAndNorms = true
    var groups: [GroupSetting]?
    var clipNorm: Double?
    var clipValue: Double?
    var loss = SoftmaxCrossEntropy.kind
    var labelSmoothing = 0.0
    var classWeights: [Double]?
    var schedule = "one-cycle"
    var warmup = 0.0
    /// The decay of the weights' moving average.
    var average: Double?
    var patience: Int?
    var minimumImprovement: Double?
    var monitor: EarlyStopping.Measure?
    /// The share of the training images that is kept for validation, where the dataset has no such part.
    var validation = 0.05
    /// The share of the training images that is kept to measure the model with, where the dataset has no such part.
    var test = 0.0
    /// Of the network's images: `224` or `192x256`; nil where pictures and network decide.
    var size: String?
    var augment = AugmentationPreset.none
    /// The alpha of mixup.
    var mixup: Double?
    /// The alpha of CutMix.
    var cutmix: Double?
    var balance: ClassBalance?
    /// A regular expression on the names of images that belong together.
    var groupBy: String?
    /// The path of a file that divides the dataset.
    var split: String?
    var skipBadImages = false
    /// The memory that decoded pictures are kept in, e.g. `4GB`.
    var cache: String?
    var seed: UInt64 = 1
    var engine = Engines.names[0]
    var threads = AvailableProcessors.count
    var precision = Precision.fp32
    var algorithms = AlgorithmChoice.measured

    enum CodingKeys: String, CodingKey, CaseIterable {
        case dataset, model, epochs
        case batchSize = "batch_size"
        case accumulate, optimizer
        case learningRate = "learning_rate"
        case momentum, nesterov, beta1, beta2, alpha, centered, epsilon
        case weightDecay = "weight_decay"
        case decayBiasesAndNorms = "decay_biases_and_norms"
        case groups
        case clipNorm = "clip_norm"
        case clipValue = "clip_value"
        case loss
        case labelSmoothing = "label_smoothing"
        case classWeights = "class_weights"
        case schedule, warmup, average, patience
        case minimumImprovement = "minimum_improvement"
        case monitor, validation, test, size, augment, mixup, cutmix, balance
        case groupBy = "group_by"
        case split
        case skipBadImages = "skip_bad_images"
        case cache, seed, engine, threads, precision, algorithms
    }
}

// MARK: - Meaning

extension RunConfiguration {
    static let mostEpochs = 1_000_000

    /// - Throws: `ValidationError` for a word that means nothing, for settings that do not go together and for numbers out of
    ///   range that the trainer does not check.
    func trainer() throws -> Trainer {
        guard let shape = Schedule.Shape(schedule) else {
            throw ValidationError(
                "unknown schedule '\(schedule)'; there are \(Schedule.Shape.spellings.joined(separator: ", "))")
        }
        guard validation >= 0, validation < 1 else {
            throw ValidationError("the validation share must be at least 0 and below 1, received \(validation)")
        }
        guard test >= 0, test < 1 else {
            throw ValidationError("the test share must be at least 0 and below 1, received \(test)")
        }
        guard test == 0 || validation + test < 1 else {
            throw ValidationError(
                "the shares for validation and test, \(validation) and \(test), must leave some images to train on")
        }
        guard (1...1024).contains(threads) else {
            throw ValidationError("threads must be 1 to 1024, received \(threads)")
        }
        // Beyond these, a run would not end, and the products that the steps are counted by would overflow.
        guard epochs <= Self.mostEpochs else {
            throw ValidationError("epochs must be 1 to \(Self.mostEpochs), received \(epochs)")
        }
        guard batchSize <= 65_536 else {
            throw ValidationError("the batch size must be 1 to 65536, received \(batchSize)")
        }
        if case .step(let every, _) = shape, every > 1_000_000 {
            throw ValidationError("the step schedule must step every 1 to 1000000 epochs, received \(every)")
        }
        let optimizer = try makeOptimizer()
        let trainer = Trainer(
            epochs: epochs, batchSize: batchSize, accumulationSteps: accumulate, learningRate: optimizer.learningRate,
            schedule: Schedule(shape, warmup: warmup), optimizer: optimizer.optimizer, loss: try makeLoss(),
            gradientClipping: try makeClipping(), parameterGroups: (groups ?? []).map(\.group),
            decaysBiasesAndNorms: decayBiasesAndNorms, averaging: average.map { WeightAveraging(decay: $0) },
            earlyStopping: try makeEarlyStopping(), sampling: balance == .sampling ? .balanced : .shuffled,
            mixing: mixup == nil && cutmix == nil ? nil : BatchMixing(mixup: mixup, cutMix: cutmix), seed: seed)
        try trainer.validate()
        return trainer
    }

    private func makeLoss() throws -> any Loss {
        switch loss {
        case SoftmaxCrossEntropy.kind:
            return SoftmaxCrossEntropy(labelSmoothing: labelSmoothing, classWeights: classWeights ?? [])
        case MeanSquaredError.kind:
            guard labelSmoothing == 0, classWeights == nil else {
                throw ValidationError(
                    "label smoothing and class weights belong to the loss '\(SoftmaxCrossEntropy.kind)', not to '\(loss)'"
                )
            }
            return MeanSquaredError()
        default:
            throw ValidationError("unknown loss '\(loss)'; there are \(LossRegistry.kinds.quotedList)")
        }
    }

    private func makeClipping() throws -> GradientClipping? {
        guard clipNorm == nil || clipValue == nil else {
            throw ValidationError("gradients are clipped by norm or by value; leave out one of the two")
        }
        return clipNorm.map { .norm(Float($0)) } ?? clipValue.map { .value(Float($0)) }
    }

    private func makeEarlyStopping() throws -> EarlyStopping? {
        guard let patience else {
            guard minimumImprovement == nil, monitor == nil else {
                throw ValidationError("a minimum improvement and what is monitored need a patience")
            }
            return nil
        }
        return EarlyStopping(
            patience: patience, minimumImprovement: minimumImprovement ?? 0, measure: monitor ?? .accuracy)
    }
}

// MARK: - Data

extension RunConfiguration {
    /// How the dataset is made ready.
    ///
    /// - Throws: `ValidationError` for words that mean nothing and for settings that do not go together.
    func dataPreparation() throws -> DataPreparation {
        var preparation = DataPreparation()
        preparation.size = try size.map(Size.init(option:))
        preparation.augmentation = augment
        preparation.validationFraction = validation
        preparation.testFraction = test
        preparation.grouping = groupBy
        preparation.skipsBadImages = skipBadImages
        preparation.cacheBytes = try cache.map(Self.bytes) ?? 0
        preparation.seed = seed
        preparation.threads = AvailableProcessors.granted(of: threads)
        if split != nil, groupBy != nil {
            throw ValidationError("a split that is given is not grouped; leave out one of the two")
        }
        if split != nil, test > 0 {
            throw ValidationError("a split that is given has its own test part or none; leave out one of the two")
        }
        if balance == .weights, classWeights != nil || loss != SoftmaxCrossEntropy.kind {
            throw ValidationError(
                "balancing by weights gives the loss '\(SoftmaxCrossEntropy.kind)' its class weights; leave out one of the two"
            )
        }
        return preparation
    }

    /// With files named so that a run can go on from another working directory.
    var withAbsolutePaths: RunConfiguration {
        var result = self
        result.dataset = DatasetCatalog.location(of: dataset)
        result.split = split.map { FileManager.default.fileExists(atPath: $0) ? absolutePath($0) : $0 }
        return result
    }

    /// An amount of memory such as `4GB`, in bytes.
    static func bytes(_ text: String) throws -> Int {
        let units = ["KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30]
        guard let unit = units[text.suffix(2).uppercased()], let amount = Double(text.dropLast(2)),
            amount >= 0, amount * Double(unit) < 1e15
        else {
            throw ValidationError("an amount of memory is written like 500MB or 4GB, received '\(text)'")
        }
        return Int(amount * Double(unit))
    }
}

extension Size {
    /// `224` or, height first, `192x256`.
    ///
    /// - Throws: `ValidationError` for anything else.
    init(option text: String) throws {
        let sides = text.lowercased().split(omittingEmptySubsequences: false) { $0 == "x" || $0 == "×" }.map { Int($0) }
        guard (1...2).contains(sides.count), let height = sides[0], let width = sides.last ?? nil,
            (1...1 << 14).contains(height), (1...1 << 14).contains(width)
        else {
            throw ValidationError("a size is written like 224 or, height first, 192x256, received '\(text)'")
        }
        self.init(height, width)
    }
}

/// What is done where classes have unequal numbers of images.
enum ClassBalance: String, CaseIterable, Codable {
    /// Images of small classes count more.
    case weights
    /// Images of small classes come more often.
    case sampling
}

extension [String] {
    /// For messages: `'a', 'b'`.
    var quotedList: String { map { "'\($0)'" }.joined(separator: ", ") }
}

/// A parameter group as `config.yaml` holds it.
struct GroupSetting: Codable, Equatable {
    var pattern: String
    var rate: Double?
    var decay: Double?

    enum CodingKeys: String, CodingKey, CaseIterable { case pattern, rate, decay }

    var group: ParameterGroup {
        ParameterGroup(pattern, learningRateFactor: Float(rate ?? 1), weightDecay: decay.map { Float($0) })
    }
}

extension GroupSetting: CustomStringConvertible {
    /// As the command line has it.
    var description: String {
        let settings = [rate.map { "rate=\($0)" }, decay.map { "decay=\($0)" }]
        return "\(pattern):\(settings.compactMap { $0 }.joined(separator: ","))"
    }

    /// As the command line has it: `PATTERN:rate=0.1,decay=0`, one of the two at least.
    ///
    /// - Throws: `ValidationError` for anything else.
    static func parse(_ text: String) throws -> GroupSetting {
        let problem = ValidationError("write it like 'features.*:rate=0.1,decay=0'")
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else { throw problem }
        var setting = GroupSetting(pattern: String(text[..<colon]))
        for part in text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: "=", omittingEmptySubsequences: false)
            guard words.count == 2, let value = Double(words[1]) else { throw problem }
            switch words[0] {
            case "rate" where setting.rate == nil: setting.rate = value
            case "decay" where setting.decay == nil: setting.decay = value
            default: throw problem
            }
        }
        return setting
    }
}
