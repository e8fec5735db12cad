import ArgumentParser
import ConvNet

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
    /// The share of the training images that is kept for validation.
    var validation = 0.05
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
        case monitor, validation, seed, engine, threads, precision, algorithms
    }
}

// MARK: - Meaning

extension RunConfiguration {
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
        let optimizer = try makeOptimizer()
        let trainer = Trainer(
            epochs: epochs, batchSize: batchSize, batchParts: accumulate, learningRate: optimizer.learningRate,
            schedule: Schedule(shape, warmup: warmup), optimizer: optimizer.optimizer, loss: try makeLoss(),
            gradientClipping: try makeClipping(), parameterGroups: (groups ?? []).map(\.group),
            decaysBiasesAndNorms: decayBiasesAndNorms, averaging: average.map { WeightAveraging(decay: $0) },
            earlyStopping: try makeEarlyStopping(), seed: seed)
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
