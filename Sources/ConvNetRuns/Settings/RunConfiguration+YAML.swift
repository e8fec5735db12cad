import ConvNetGraph
import ConvNetPages
import Foundation
import Yams

// MARK: - Writing

extension RunConfiguration {
    /// Writes every setting that has a value.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to url: URL) throws {
        try AtomicFile.write(Data(try yaml(in: url.deletingLastPathComponent()).utf8), to: url)
    }

    /// Beside the dataset's own path, that from the run's directory.
    static let datasetFromRunKey = "dataset_from_run"

    /// A setting a line, those of a section below its name.
    ///
    /// - Parameter directory: where the file is to be, from which the dataset is named, too; nil names it only as it is.
    public func yaml(in directory: URL? = nil) throws -> String {
        var pairs: [(Node, Node)] = []
        var sections: [SettingSection: [(Node, Node)]] = [:]
        for setting in RunSettings.all {
            guard let node = try node(of: setting) else { continue }
            let pair = (Node(setting.yamlPath.last ?? setting.key), node)
            guard let section = setting.section else {
                pairs.append(pair)
                if setting.key == RunSettings.shared.dataset.key, let path = directory.flatMap(pathOfDataset) {
                    pairs.append((Node(Self.datasetFromRunKey), Node(path)))
                }
                continue
            }
            // A section stands where the first of its settings does.
            if sections[section] == nil { pairs.append((Node(section.rawValue), Node(""))) }
            sections[section, default: []].append(pair)
        }
        let nodes = pairs.map { key, value in
            let section = key.string.flatMap(SettingSection.init(rawValue:))
            return (key, section.flatMap { sections[$0] }.map { .mapping(Node.Mapping($0)) } ?? value)
        }
        return try Yams.serialize(node: .mapping(Node.Mapping(nodes)), allowUnicode: true)
    }

    /// What stands behind a setting's key; nil where it has no value.
    func yaml(of setting: any RunSetting) throws -> String? {
        try node(of: setting).map { try Yams.serialize(node: $0) }
    }

    private func node(of setting: any RunSetting) throws -> Node? {
        func node<Value>(_ setting: some RunSetting<Value>) throws -> Node? {
            try value(of: setting).flatMap { try Yams.compose(yaml: YAMLEncoder().encode($0)) }?.withPlainFractions
        }
        return try node(setting)
    }
}

extension Node {
    /// With numbers as Swift writes them: 0.05 in the place of 5e-2. Text that looks like a number is in quotes.
    fileprivate var withPlainFractions: Node {
        switch self {
        case .scalar(let scalar):
            // A text of several lines is kept as it was written.
            if scalar.string.contains("\n") { return Node(scalar.string, Tag(.str), .literal) }
            guard scalar.style == .any || scalar.style == .plain, scalar.string.contains(where: { ".e".contains($0) }),
                let value = Double(scalar.string)
            else { return self }
            return Node("\(value)", Tag(.float))
        case .sequence(let sequence):
            return .sequence(Sequence(sequence.map(\.withPlainFractions)))
        case .mapping(let mapping):
            return .mapping(Mapping(mapping.map { ($0.key, $0.value.withPlainFractions) }))
        case .alias:
            return self
        }
    }
}

// MARK: - Reading

extension RunConfiguration {
    /// The settings in a file, which need not be all of them. Settings of a section may also stand outside it, as in files of
    /// earlier versions: `momentum: 0.9` beside `optimizer: sgd`.
    ///
    /// - Throws: ``ConfigurationFileError`` where it cannot be read, is no YAML, or has a key that is no setting.
    public init(contentsOf url: URL) throws {
        let mapping: Node.Mapping
        do throws(YAMLText.Problem) {
            let text = try YAMLText.read(url, kind: "file of settings")
            guard !text.contains(/(^|\n)layers:/) else {
                throw YAMLText.Problem(problem: "it lists a network's layers, and no settings: name it with --model")
            }
            mapping = try YAMLText.mapping(YAMLText.quotingModel(text), kind: "list of settings", of: "settings")
        } catch {
            throw ConfigurationFileError(file: url, line: error.line, problem: error.problem)
        }
        for (key, value) in mapping { try read(key, value, in: url) }
        noteWhetherComplete()
    }

    private mutating func read(_ key: Node, _ value: Node, in url: URL) throws {
        if key.string == Self.datasetFromRunKey {
            datasetFromRun = value.string
            return
        }
        guard let section = key.string.flatMap(SettingSection.init(rawValue:)), let mapping = value.mapping else {
            return try read(key, value, among: RunSettings.all, name: \.key, in: url)
        }
        let settings = RunSettings.all.filter { $0.section == section }
        for (key, value) in mapping {
            try read(key, value, among: settings, name: { $0.yamlPath[1] }, within: section, in: url)
        }
    }

    private mutating func read(
        _ key: Node, _ value: Node, among settings: [any RunSetting], name: (any RunSetting) -> String,
        within section: SettingSection? = nil, in url: URL
    ) throws {
        let word = key.string ?? ""
        let path = section.map { "\($0.rawValue).\(word)" } ?? word
        guard let setting = settings.first(where: { name($0) == word }) else {
            let suggestion = nearestName(to: word, in: settings.map(name)).map { " Did you mean '\($0)'?" } ?? ""
            throw ConfigurationFileError(file: url, line: key.line, problem: "unknown setting '\(path)'.\(suggestion)")
        }
        guard !isSaid(setting) else {
            throw ConfigurationFileError(
                file: url, line: key.line, problem: "it has the setting '\(path)' more than once")
        }
        try GroupSetting.checkKeys(of: value, setting, in: url)
        func decode<Value>(_ setting: some RunSetting<Value>) throws {
            do {
                // What has no value says nothing.
                set(setting, to: try YAMLDecoder().decode(Value?.self, from: value))
            } catch let error as DecodingError {
                throw ConfigurationFileError(file: url, line: value.line ?? key.line, problem: error.sentence(on: path))
            }
        }
        try decode(setting)
    }
}

extension GroupSetting {
    /// - Throws: ``ConfigurationFileError`` for a key that no group has.
    fileprivate static func checkKeys(
        of value: Node, _ setting: any RunSetting, in url: URL
    ) throws(ConfigurationFileError) {
        guard setting.key == RunSettings.shared.groups.key else { return }
        let known = CodingKeys.allCases.map(\.rawValue)
        for key in value.sequence?.compactMap(\.mapping).flatMap(\.keys) ?? [] {
            guard let word = key.string, !known.contains(word) else { continue }
            let suggestion = nearestName(to: word, in: known).map { " Did you mean '\($0)'?" } ?? ""
            throw ConfigurationFileError(file: url, line: key.line, problem: "unknown setting '\(word)'.\(suggestion)")
        }
    }
}

/// A file of settings that cannot be used.
public struct ConfigurationFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// As it was named.
    public let file: String
    /// Counted from 1; nil where it is the file as a whole.
    public let line: Int?
    /// What is wrong with it.
    public let problem: String

    init(file: URL, line: Int? = nil, problem: String) {
        self.file = file.relativePath
        self.line = line
        self.problem = problem
    }

    public var description: String { "\(file): \(line.map { "line \($0): " } ?? "")\(problem)" }
}

extension DecodingError {
    fileprivate func sentence(on path: String) -> String {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let inner = context.codingPath.filter { $0.intValue == nil }.map(\.stringValue)
            return "the value of '\(([path] + inner).joined(separator: "."))' is of the wrong kind"
        case .keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
        @unknown default: return "it cannot be read"
        }
    }
}
