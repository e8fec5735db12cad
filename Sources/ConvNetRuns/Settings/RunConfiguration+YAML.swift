import ConvNetGraph
import ConvNetPages
import ConvNetVision
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
        return try Yams.serialize(node: .mapping(Node.Mapping(nodes)))
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
        let text = try Self.text(of: url)
        do {
            guard let mapping = try Yams.compose(yaml: text)?.mapping else {
                throw ConfigurationFileError(file: url, problem: "it is not a list of settings")
            }
            for (key, value) in mapping { try read(key, value, in: url) }
            noteWhetherComplete()
        } catch let error as YamlError {
            throw ConfigurationFileError(file: url, problem: error.sentence)
        }
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

    private static func text(of url: URL) throws(ConfigurationFileError) -> String {
        func failure(_ problem: String) -> ConfigurationFileError {
            ConfigurationFileError(file: url, problem: problem)
        }
        let data: Data
        do {
            data = try readFile(url)
        } catch .fileNotFound {
            throw failure("there is no such file")
        } catch .notAFile {
            throw failure("it is no file of settings, but a directory, a pipe or a device")
        } catch .unreadable(_, let reason) {
            throw failure("it cannot be read: \(reason)")
        } catch {
            throw failure("\(error)")
        }
        guard data.count <= largestFile else {
            throw failure("it has \(data.count.grouped) bytes; a file of settings has at most \(largestFile.grouped)")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw failure("it is not UTF-8 text") }
        // A few lines of aliases of aliases stand for more nodes than any memory holds, and the parser follows them all.
        if text.contains(/(^|[\s\[{,:-])&[^\s,\[\]{}]+/), text.contains(/(^|[\s\[{,:?-])\*[^\s,\[\]{}]+/) {
            throw failure(
                "it has anchors and aliases (&name, *name), which settings do not need; write out what they stand for")
        }
        return text
    }

    /// In bytes: settings are a page of text.
    private static let largestFile = 1 << 20
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

extension Node {
    fileprivate var line: Int? { mark?.line }
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
