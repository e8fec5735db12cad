/// One setting of a training run: what it is called, what it means and what kind of value it has. All that is done with settings
/// (reading and writing them, putting one source before another, comparing them) is done for every ``RunSettings/all`` alike.
public protocol RunSetting<Value>: Sendable {
    /// What its values are.
    associatedtype Value: Codable & Hashable & Sendable

    /// What `config.yaml` calls it, e.g. `learning_rate`.
    var key: String { get }
    /// The mapping of `config.yaml` that it is in; nil for the outermost one.
    var section: SettingSection? { get }
    /// What it does, for a command's help.
    var help: String { get }
    /// What it is where nothing is said; nil for what is off then, or is chosen for images and network.
    var standardValue: Value? { get }
}

/// Settings that belong together, as `config.yaml` has them: `optimizer: {kind: sgd, momentum: 0.9}`.
public enum SettingSection: String, CaseIterable, Sendable {
    /// The kind is the setting ``RunSettings/optimizer``.
    case optimizer
    /// The kind is the setting ``RunSettings/loss``.
    case loss
    /// The kind is the setting ``RunSettings/schedule``.
    case schedule

    /// What the section's own setting is called within it.
    static let kindKey = "kind"
}

/// A setting that is off, or chosen, where nothing is said.
public struct Setting<Value: Codable & Hashable & Sendable>: RunSetting {
    public let key: String
    public let section: SettingSection?
    public let help: String
    public var standardValue: Value? { nil }

    init(_ key: String, in section: SettingSection? = nil, help: String) {
        self.key = key
        self.section = section
        self.help = help
    }
}

/// A setting that always has a value.
public struct StandardSetting<Value: Codable & Hashable & Sendable>: RunSetting {
    public let key: String
    public let section: SettingSection?
    public let help: String
    /// What it is where nothing is said.
    public let standard: Value
    public var standardValue: Value? { standard }

    init(_ key: String, _ standard: Value, in section: SettingSection? = nil, help: String) {
        self.key = key
        self.section = section
        self.help = help
        self.standard = standard
    }
}

extension RunSetting {
    /// ``standardValue`` as messages have it.
    var standardText: String? { standardValue.map { "\($0)" } }

    /// Where `config.yaml` has it, in words: `optimizer.momentum`, `epochs`.
    public var path: String { yamlPath.joined(separator: ".") }

    /// The keys that lead to it.
    var yamlPath: [String] {
        guard let section else { return [key] }
        return [section.rawValue, key == section.rawValue ? SettingSection.kindKey : key]
    }
}
