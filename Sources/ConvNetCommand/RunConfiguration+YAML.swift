import ConvNet
import Foundation
import Yams

extension RunConfiguration {
    /// The settings of a run that was started before.
    ///
    /// - Throws: `ConfigurationError`, `ValidationError` where they are not usable.
    init(of directory: RunDirectory) throws {
        let file = try RunConfiguration.settings(in: directory.configurationFile)
        guard let dataset = file.dataset, let model = file.model else {
            throw ConfigurationError(
                file: directory.configurationFile.relativePath, problem: "it names no dataset or no model")
        }
        self = try file.applied(to: RunConfiguration(dataset: dataset, model: model)).resolved().withAbsolutePaths
    }

    func write(to url: URL) throws {
        try AtomicFile.write(Data(try yaml().utf8), to: url)
    }

    /// One setting a line. Yams writes 0.05 as 5e-2; people do not.
    func yaml() throws -> String {
        guard let settings = try Yams.compose(yaml: YAMLEncoder().encode(self)) else { return "" }
        return try Yams.serialize(node: settings.withPlainFractions)
    }

    /// The settings in a file, which need not be all of them.
    ///
    /// - Throws: `ConfigurationError` where it cannot be read, is no YAML, or has a key that is no setting.
    static func settings(in url: URL) throws -> PartialConfiguration {
        let text = try text(of: url)
        do {
            if let settings = try Yams.compose(yaml: text)?.mapping {
                try check(settings, CodingKeys.self, in: url)
                for group in settings[Node(CodingKeys.groups.rawValue)]?.sequence?.compactMap(\.mapping) ?? [] {
                    try check(group, GroupSetting.CodingKeys.self, in: url)
                }
            }
            return try YAMLDecoder().decode(PartialConfiguration.self, from: text)
        } catch let error as DecodingError {
            throw ConfigurationError(file: url.relativePath, problem: error.yamlProblem)
        } catch let error as YamlError {
            throw ConfigurationError(file: url.relativePath, problem: error.sentence)
        }
    }

    private static func check<Key: RawRepresentable<String> & CaseIterable>(
        _ settings: Node.Mapping, _ keys: Key.Type, in url: URL
    ) throws(ConfigurationError) {
        let known = keys.allCases.map(\.rawValue)
        for key in settings.keys.compactMap(\.string) where !known.contains(key) {
            let suggestion = nearestName(to: key, in: known).map { " Did you mean '\($0)'?" } ?? ""
            throw ConfigurationError(file: url.relativePath, problem: "unknown setting '\(key)'.\(suggestion)")
        }
    }

    private static func text(of url: URL) throws(ConfigurationError) -> String {
        func failure(_ problem: String) -> ConfigurationError {
            ConfigurationError(file: url.relativePath, problem: problem)
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

/// A configuration file that cannot be used.
struct ConfigurationError: Error, CustomStringConvertible {
    let file: String
    let problem: String

    var description: String { "\(file): \(problem)" }
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
            let key = context.codingPath.filter { $0.intValue == nil }.map(\.stringValue).joined(separator: ".")
            return key.isEmpty ? "it is not a list of settings" : "the value of '\(key)' is of the wrong kind"
        case .keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
        @unknown default: return "it cannot be read"
        }
    }
}
