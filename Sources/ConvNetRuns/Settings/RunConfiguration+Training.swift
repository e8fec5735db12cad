import ConvNet
import ConvNetEngine
import ConvNetGraph
import ConvNetTraining
import ConvNetVision
import Foundation

extension RunConfiguration {
    /// More would not end, and the products that steps are counted by would overflow.
    static let mostEpochs = 1_000_000

    /// The trainer that these settings describe. What nobody has said of objective, metrics and loss suits images with one class each.
    ///
    /// - Parameter own: metrics that may be named beside those of `MetricCatalog`.
    /// - Throws: ``ConfigurationError`` for a word that means nothing, for settings that do not go together and for numbers out of
    ///   range that the trainer does not check; `SettingError` for those that it does.
    public func trainer(metrics own: [any Metric] = []) throws -> Trainer {
        guard let shape = Schedule.Shape(self.schedule) else {
            throw ConfigurationError(
                "unknown schedule '\(self.schedule)'; there are \(Schedule.Shape.spellings.joined(separator: ", "))")
        }
        guard self.validation >= 0, self.validation < 1 else {
            throw ConfigurationError("the validation share must be at least 0 and below 1, received \(self.validation)")
        }
        guard self.test >= 0, self.test < 1 else {
            throw ConfigurationError("the test share must be at least 0 and below 1, received \(self.test)")
        }
        guard self.test == 0 || self.validation + self.test < 1 else {
            throw ConfigurationError(
                "the shares for validation and test, \(self.validation) and \(self.test), must leave some images to train on"
            )
        }
        guard (1...1024).contains(self.threads) else {
            throw ConfigurationError("threads must be 1 to 1024, received \(self.threads)")
        }
        guard self.epochs <= Self.mostEpochs else {
            throw ConfigurationError("epochs must be 1 to \(Self.mostEpochs), received \(self.epochs)")
        }
        guard self.batchSize <= 65_536 else {
            throw ConfigurationError("the batch size must be 1 to 65536, received \(self.batchSize)")
        }
        for setting in [RunSettings.shared.limit, RunSettings.shared.overfitBatches] {
            if let number = value(of: setting), number < 1 {
                throw ConfigurationError("\(setting.key) must be at least 1, received \(number)")
            }
        }
        if case .step(let every, _) = shape, every > 1_000_000 {
            throw ConfigurationError("the step schedule must step every 1 to 1000000 epochs, received \(every)")
        }
        let resolved = try resolved()
        let trainer = Trainer(
            epochs: self.epochs, batchSize: self.batchSize, accumulationSteps: self.accumulate,
            learningRate: Float(resolved.learningRate ?? 0), schedule: Schedule(shape, warmup: self.warmup),
            optimizer: try StandardRules.makeOptimizer(self.optimizer, resolved.fields(of: .optimizer)),
            loss: try makeLoss(), gradientClipping: try makeClipping(),
            parameterGroups: (self.groups ?? []).map(\.group),
            frozen: self.freeze.map { $0 == ["none"] ? [] : $0 },
            decaysBiasesAndNorms: self.decayBiasesAndNorms, averaging: self.average.map { WeightAveraging(decay: $0) },
            objective: try makeObjective(own), metrics: try (self.metrics ?? []).map { try metric(named: $0, own) },
            thresholds: self.thresholds == Self.fittedThresholds ? .fitted : .ofModel,
            earlyStopping: try makeEarlyStopping(), sampling: makeSampling(),
            mixing: self.mixup == nil && self.cutmix == nil ? nil : BatchMixing(mixup: self.mixup, cutMix: self.cutmix),
            evaluationBatchSize: self.evaluationBatchSize, seed: self.seed)
        try trainer.validate()
        return trainer
    }

    private func makeLoss() throws -> any Loss {
        let fields = try StandardRules.fields(of: StandardRules.loss(self.loss))
        let given = try self.fields(of: .loss)
        for setting in RunSettings.all where given[setting.key] != nil && fields[setting.key] == nil {
            // Of what has a standard value, that says nothing.
            guard text(of: setting) != setting.standardText else { continue }
            let owners = try StandardRules.losses.filter { try StandardRules.fields(of: $0)[setting.key] != nil }
            throw ConfigurationError(
                "the loss '\(self.loss)' has no \(setting.key); it belongs to "
                    + owners.map { type(of: $0).kind }.quotedList)
        }
        return try StandardRules.makeLoss(self.loss, fields.merging(given.filter { fields[$0.key] != nil }) { $1 })
    }

    // MARK: What epochs are compared by

    /// nil where each rule goes by what it did before there was an objective.
    private func makeObjective(_ own: [any Metric]) throws -> (any Metric)? {
        if self.monitor != nil, let objective = self.objective, objective != RunSettings.separateRules {
            throw ConfigurationError("monitor is the former name of objective; leave out one of the two")
        }
        guard let name = self.objective else { return Accuracy() }
        return name == RunSettings.separateRules ? nil : try metric(named: name, own)
    }

    private func metric(named name: String, _ own: [any Metric]) throws -> any Metric {
        if let metric = own.first(where: { $0.name == name }) { return metric }
        do {
            return try MetricCatalog.metric(named: name)
        } catch {
            throw ConfigurationError("\(UnknownMetric(name: name, known: error.known + own.map(\.name)))")
        }
    }

    /// These settings as a command line has them: what is said of ``RunSettings/monitor`` is said of ``RunSettings/objective``, but where
    /// each rule goes its own way.
    package func namingObjective(over others: RunConfiguration) -> RunConfiguration {
        guard let monitor = self.monitor, self.objective == nil, others.objective != RunSettings.separateRules else {
            return self
        }
        var result = self
        result.monitor = nil
        result.objective = monitor.rawValue
        return result
    }

    // MARK: Thresholds

    static let fittedThresholds = "fit"

    /// What the outputs of a model for images of that kind say.
    ///
    /// - Throws: ``ConfigurationError`` for thresholds that are none.
    func outputs(for kind: TargetKind, classes: Int) throws -> ClassOutputs {
        guard let text = self.thresholds else { return ClassOutputs(for: kind) }
        guard kind == .labels else {
            throw ConfigurationError("thresholds are for images with any number of classes; these have one each")
        }
        guard text != Self.fittedThresholds else { return .independent() }
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
        let thresholds = numbers.compactMap { $0 }
        guard thresholds.count == numbers.count, thresholds.allSatisfy({ $0 > 0 && $0 < 1 }) else {
            throw ConfigurationError(
                "thresholds are between 0 and 1, written like 0.4 or 0.3,0.5, or '\(Self.fittedThresholds)'; received '\(text)'"
            )
        }
        return .independent(
            thresholds: thresholds.count == 1 ? [Float](repeating: thresholds[0], count: classes) : thresholds)
    }

    private func makeSampling() -> Sampling {
        if self.overfitBatches != nil { return .sequential }
        return self.balance == .sampling ? .balanced : .shuffled
    }

    private func makeClipping() throws -> GradientClipping? {
        guard self.clipNorm == nil || self.clipValue == nil else {
            throw ConfigurationError("gradients are clipped by norm or by value; leave out one of the two")
        }
        return self.clipNorm.map { .norm(Float($0)) } ?? self.clipValue.map { .value(Float($0)) }
    }

    private func makeEarlyStopping() throws -> EarlyStopping? {
        guard let patience = self.patience else {
            guard self.minimumImprovement == nil, self.monitor == nil else {
                throw ConfigurationError("a minimum improvement and what is monitored need a patience")
            }
            return nil
        }
        return EarlyStopping(
            patience: patience, minimumImprovement: self.minimumImprovement ?? 0,
            measure: self.objective == RunSettings.separateRules ? self.monitor ?? .accuracy : nil)
    }
}

// MARK: - The optimizer's settings

extension RunConfiguration {
    /// With a value for every setting of the optimizer, and every other that has a standard value.
    ///
    /// - Throws: ``ConfigurationError`` for an unknown optimizer, and for a setting that it does not have.
    func resolved() throws -> RunConfiguration {
        var result = withStandardValues
        let standard = try StandardRules.optimizer(self.optimizer)
        result.learningRate = self.learningRate ?? standard.learningRate
        let fields = try standard.fields()
        func resolve<Value>(_ setting: some RunSetting<Value>) throws {
            if let field = fields[setting.key] {
                guard !isSaid(setting) else { return }
                let text = try JSONSerialization.data(withJSONObject: field, options: .fragmentsAllowed)
                result.set(setting, to: try StandardRules.decoder.decode(Value.self, from: text))
            } else if isSaid(setting) {
                let owners = try StandardRules.optimizers.filter { try $0.fields()[setting.key] != nil }.map(\.kind)
                throw ConfigurationError(
                    "the optimizer '\(self.optimizer)' has no \(setting.key); it belongs to \(owners.quotedList)")
            }
        }
        for setting in RunSettings.all
        where setting.section == .optimizer && setting.key != SettingSection.optimizer.rawValue {
            try resolve(setting)
        }
        return result
    }

    /// What is said of the settings of a section, as JSON has it, but for its kind.
    private func fields(of section: SettingSection) throws -> [String: Any] {
        var fields: [String: Any] = [:]
        func add<Value>(_ setting: some RunSetting<Value>) throws {
            guard var value = value(of: setting) else { return }
            // What single precision does not have is infinite in it, or zero, and judged by the rule as that.
            if let number = value as? Double, !Float(number).isNormal, let single = Double(Float(number)) as? Value {
                value = single
            }
            fields[setting.key] = try JSONSerialization.jsonObject(
                with: StandardRules.encoder.encode(value), options: .fragmentsAllowed)
        }
        for setting in RunSettings.all where setting.section == section && setting.key != section.rawValue {
            try add(setting)
        }
        return fields
    }

    /// Whether the learning rate is far below the optimizer's usual one.
    var isSlow: Bool { usualLearningRate.map { (self.learningRate ?? $0) < $0 / 10 } ?? false }

    /// A rate to try where the run's own learns nothing: a tenth of it or, where it is far below the usual one, that.
    var otherLearningRate: Double {
        let rate = self.learningRate ?? usualLearningRate ?? 0
        return isSlow ? usualLearningRate ?? rate : (rate / 10).roundedToTwoDigits
    }

    private var usualLearningRate: Double? { (try? StandardRules.optimizer(self.optimizer))?.learningRate }
}

// MARK: - Data and engine

extension RunConfiguration {
    /// How the dataset is made ready.
    ///
    /// - Throws: ``ConfigurationError`` for words that mean nothing and for settings that do not go together.
    public func dataPreparation() throws -> DataPreparation {
        var preparation = DataPreparation()
        preparation.size = try self.size.map { try Size(setting: $0) }
        if let channels = self.channels, channels != 1, channels != 3 {
            throw ConfigurationError("images have 1 channel (grey) or 3 (RGB), received \(channels)")
        }
        preparation.channels = self.channels
        preparation.normalization = try self.normalize.map { try Normalization(setting: $0) }
        preparation.augmentation = self.augment
        preparation.validationFraction = self.validation
        preparation.testFraction = self.test
        preparation.grouping = self.groupBy
        preparation.skipsBadImages = self.skipBadImages
        preparation.cacheBytes = try self.cache.map(memoryBytes) ?? 0
        preparation.seed = self.seed
        preparation.threads = AvailableProcessors.granted(of: self.threads)
        if self.split != nil, self.groupBy != nil {
            throw ConfigurationError("a split that is given is not grouped; leave out one of the two")
        }
        if self.split != nil, self.limit != nil {
            throw ConfigurationError("a split that is given says which images there are; leave out it or the limit")
        }
        if self.split != nil, self.test > 0 {
            throw ConfigurationError("a split that is given has its own test part or none; leave out one of the two")
        }
        if self.balance == .weights {
            let isWeighted = self.classWeights != nil || self.positiveWeights != nil
            guard !isWeighted, [SoftmaxCrossEntropy.kind, BinaryCrossEntropy.kind].contains(self.loss) else {
                throw ConfigurationError(
                    "balancing by weights gives the loss '\(SoftmaxCrossEntropy.kind)' its class weights, and "
                        + "'\(BinaryCrossEntropy.kind)' its positive weights; leave out one of the two")
            }
        }
        return preparation
    }

    /// The engine with no more threads than the machine grants. What was asked for stays in the configuration, so that the same
    /// line resumes the run. The default engine has a warning where only another one can stand in for it.
    func makeEngine() throws -> any Engine {
        let threads = AvailableProcessors.granted(of: self.threads)
        return self.engine == RunSettings.shared.engine.standard
            ? try Engines.makeDefault(threads: threads, precision: self.precision, algorithms: self.algorithms)
            : try Engines.make(
                named: self.engine, threads: threads, precision: self.precision, algorithms: self.algorithms)
    }
}

extension AvailableProcessors {
    /// No more threads than the machine grants; all of these where nothing is asked for.
    package static func granted(of threads: Int?) -> Int { min(threads ?? .max, count) }
}
