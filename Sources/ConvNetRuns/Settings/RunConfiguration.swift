import ConvNet
import ConvNetGraph
import ConvNetPages
import ConvNetVision
import Foundation

/// The settings of a training run: those that have been said, and for the others what ``RunSettings`` says of them.
///
///     var configuration = RunConfiguration(dataset: "photos", model: "resnet18")
///     configuration.epochs = 20
///     configuration.optimizer = "adamw"
///
/// It has a property for each setting. One that has a standard value is that where nothing is said; the others are nil then,
/// which means off or, for what an optimizer has, the optimizer's own.
@dynamicMemberLookup
public struct RunConfiguration: Hashable, Sendable {
    /// By key.
    private var values: [String: Stored] = [:]

    /// Whether this comes from a file that a run has left, with everything chosen: nothing is chosen anew then. Of earlier versions
    /// it may name no size, and means the images' or the network's own.
    private(set) var isComplete = false

    /// Where the dataset is as seen from the run's directory, which may have been moved together with it.
    var datasetFromRun: String?

    /// Nothing is said.
    public init() {}

    /// Nothing else is said.
    public init(dataset: String, model: String) {
        self.dataset = dataset
        self.model = model
    }

    /// A setting that has a value in any case; nothing but what is said is kept.
    public subscript<Value>(dynamicMember setting: KeyPath<RunSettings, StandardSetting<Value>>) -> Value {
        get { said(setting) ?? RunSettings.shared[keyPath: setting].standard }
        set { values[RunSettings.shared[keyPath: setting].key] = Stored(newValue) }
    }

    /// A setting that may be off; nil says nothing of it.
    public subscript<Value>(dynamicMember setting: KeyPath<RunSettings, Setting<Value>>) -> Value? {
        get { said(setting) }
        set { values[RunSettings.shared[keyPath: setting].key] = newValue.map(Stored.init) }
    }

    /// What has been said of a setting; nil where nothing was.
    public func said<Value, S: RunSetting<Value>>(_ setting: KeyPath<RunSettings, S>) -> Value? {
        values[RunSettings.shared[keyPath: setting].key]?.value as? Value
    }

    /// A value of any type that a setting can have.
    private struct Stored: Hashable, @unchecked Sendable {
        let value: AnyHashable

        init(_ value: some Hashable & Sendable) { self.value = AnyHashable(value) }
    }
}

// MARK: - All settings alike

extension RunConfiguration {
    /// What has been said of a setting, or its standard value.
    func value<Value>(of setting: some RunSetting<Value>) -> Value? {
        values[setting.key]?.value as? Value ?? setting.standardValue
    }

    /// A setting's value as messages have it; nil where it has none.
    public func text(of setting: any RunSetting) -> String? {
        func text<Value>(_ setting: some RunSetting<Value>) -> String? { value(of: setting).map { "\($0)" } }
        return text(setting)
    }

    func isSaid(_ setting: some RunSetting) -> Bool { values[setting.key] != nil }

    mutating func set<Value>(_ setting: some RunSetting<Value>, to value: Value?) {
        values[setting.key] = value.map(Stored.init)
    }

    /// Says something of the setting of that key.
    ///
    /// - Returns: false where there is no such setting, or `value` is not of its type.
    @discardableResult
    public mutating func set(_ key: String, to value: Any) -> Bool {
        func set<Value>(_ setting: some RunSetting<Value>) -> Bool {
            guard let value = value as? Value else { return false }
            self.set(setting, to: value)
            return true
        }
        return RunSettings.named(key).map { set($0) } ?? false
    }

    /// With the standard value of every setting of which nothing is said.
    var withStandardValues: RunConfiguration {
        var result = self
        func fill(_ setting: some RunSetting) {
            if let value = setting.standardValue, !isSaid(setting) { result.set(setting, to: value) }
        }
        for setting in RunSettings.all { fill(setting) }
        return result
    }

    /// These settings where something is said, and `others` else.
    ///
    /// Another optimizer starts from its own defaults: rates and decays that suit the one do not suit the other. An objective takes the
    /// place of what is monitored.
    public func applied(to others: RunConfiguration) -> RunConfiguration {
        var result = others
        if let optimizer = said(\.optimizer), optimizer != others.optimizer { result.clearOptimizerSettings() }
        if self.objective != nil { result.monitor = nil }
        result.values.merge(values) { $1 }
        if result.isComplete, result.learningRate == nil {
            result.learningRate = (try? StandardRules.optimizer(result.optimizer))?.learningRate
        }
        return result
    }

    private mutating func clearOptimizerSettings() {
        values[RunSettings.shared.learningRate.key] = nil
        for setting in RunSettings.all where setting.section == .optimizer { values[setting.key] = nil }
    }

    /// The settings that differ, each as a sentence: `seed was 1, not 2`.
    public func differences(from recorded: RunConfiguration) -> [String] {
        func sentence<Value>(_ setting: some RunSetting<Value>) -> String? {
            let (own, other) = (value(of: setting), recorded.value(of: setting))
            func word(_ value: Value?) -> String { value.map { "\($0)" } ?? "off" }
            guard own != other, !areSamePath(setting, own, other) else { return nil }
            return "\(setting.key) was \(word(other)), not \(word(own))"
        }
        return RunSettings.all.compactMap { sentence($0) }
    }

    /// A file or a directory may have several names.
    private func areSamePath<Value>(_ setting: some RunSetting<Value>, _ one: Value?, _ other: Value?) -> Bool {
        let paths = [RunSettings.shared.dataset.key, RunSettings.shared.split.key]
        guard paths.contains(setting.key), let one = one as? String, let other = other as? String else { return false }
        return DatasetCatalog.areSame(one, other)
    }
}

extension RunConfiguration {
    /// Notes of what a file has said whether everything that is chosen is, and which objective it means.
    mutating func noteWhetherComplete() {
        let settings = RunSettings.shared
        let chosen: [any RunSetting] = [
            settings.epochs, settings.batchSize, settings.optimizer, settings.learningRate, settings.schedule,
            settings.validation, settings.augment, settings.dataset, settings.model,
        ]
        isComplete = chosen.allSatisfy { isSaid($0) }
        // Files from before there was an objective: what they say means what it meant then.
        let goesByOthers = said(\.monitor) != nil || self.schedule.hasPrefix("plateau")
        if self.objective == nil, isComplete || goesByOthers { self.objective = RunSettings.separateRules }
    }
}
