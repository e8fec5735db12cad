import ConvNetPages
import ConvNetTraining
import ConvNetVision
import Foundation
import Yams

/// Text in YAML that somebody may have written by hand.
enum YAMLText {
    /// In bytes: settings are a page of text.
    static let largestFile = 1 << 20

    /// What is wrong with a text, and in which line.
    struct Problem: Error {
        var line: Int?
        var problem: String
    }

    /// - Parameters:
    ///   - kind: what it should be: `file of settings`.
    ///   - largest: in bytes.
    /// - Returns: its text, with lines as Unix ends them.
    static func read(_ url: URL, kind: String, largest: Int = largestFile) throws(Problem) -> String {
        let data: Data
        do {
            data = try readFile(url)
        } catch .fileNotFound {
            throw Problem(problem: "there is no such file")
        } catch .notAFile {
            throw Problem(problem: "it is no \(kind), but a directory, a pipe or a device")
        } catch .unreadable(_, let reason) {
            throw Problem(problem: "it cannot be read: \(reason)")
        } catch {
            throw Problem(problem: "\(error)")
        }
        guard data.count <= largest else {
            throw Problem(problem: "it has \(data.count.grouped) bytes; a \(kind) has at most \(largest.grouped)")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw Problem(problem: "it is not UTF-8 text") }
        return text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    }

    /// A text with quotes around the list items that are written like `Conv2D(32, kernel: 3)`, whose colons YAML would take for
    /// those of a mapping.
    static func quotingItems(_ text: String) -> String {
        quoting(text, behind: "-", /\s*(?:-[ \t]+)+(?=[A-Za-z_]\w*\()/)
    }

    /// The same of the value of `model`.
    static func quotingModel(_ text: String) -> String { quoting(text, behind: "m", /model: +(?=[A-Za-z_][-\w]*\()/) }

    private static func quoting(_ text: String, behind first: Character, _ beginning: Regex<Substring>) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            // Most lines are told by a letter, faster than by a pattern.
            guard line.first(where: { !$0.isWhitespace }) == first,
                let start = line.prefixMatch(of: beginning)?.range.upperBound
            else { return String(line) }
            return quoted(line, from: start)
        }
        .joined(separator: "\n")
    }

    private static func quoted(_ line: Substring, from start: Substring.Index) -> String {
        var depth = 0
        var end = start
        // To the first space outside brackets.
        while end < line.endIndex, depth > 0 || !line[end].isWhitespace {
            if line[end] == "(" { depth += 1 } else if line[end] == ")" { depth -= 1 }
            end = line.index(after: end)
        }
        if let name = line[end...].prefixMatch(of: /\s+\.named\([^()]*\)/) { end = name.range.upperBound }
        let rest = line[end...].drop(while: \.isWhitespace)
        guard rest.isEmpty || rest.first == "#" else { return String(line) }
        let indent = line[..<start].replacing("\t", with: " ")
        return indent + "'" + line[start..<end].replacing("'", with: "''") + "'" + line[end...]
    }

    /// - Parameters:
    ///   - kind: what it should be: `list of settings`.
    ///   - things: what it is made of: `settings`.
    static func mapping(_ text: String, kind: String, of things: String) throws(Problem) -> Node.Mapping {
        // A few lines of aliases of aliases stand for more nodes than any memory holds, and the parser follows them all.
        if text.contains(/(^|[\s\[{,:-])&[^\s,\[\]{}]+/), text.contains(/(^|[\s\[{,:?-])\*[^\s,\[\]{}]+/) {
            throw Problem(
                problem:
                    "it has anchors and aliases (&name, *name), which \(things) do not need; write out what they stand for"
            )
        }
        do {
            guard let mapping = try Yams.compose(yaml: text)?.mapping else {
                throw Problem(problem: "it is not a \(kind)")
            }
            return mapping
        } catch let error as YamlError {
            throw Problem(problem: error.sentence(on: things))
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(problem: "\(error)")
        }
    }
}

extension Node {
    /// Counted from 1.
    var line: Int? { mark?.line }
}

extension YamlError {
    /// Where and what, in one line; its own description draws the place under the text.
    fileprivate func sentence(on things: String) -> String {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "it is not YAML: line \(mark.line), column \(mark.column): \(problem)"
        case .duplicatedKeysInMapping(let keys, _):
            "it has \(things == "settings" ? "the setting " : "")'\(keys.first ?? "")' more than once"
        default:
            "it is not YAML: \("\(self)".replacing("\n", with: " "))"
        }
    }
}

extension YAMLText {
    /// The values in a file of settings by their paths, as text, whatever they are: `optimizer.kind` is `sgd`.
    ///
    /// - Throws: ``ConfigurationFileError``.
    static func values(in url: URL) throws -> [String: String] {
        do throws(Problem) {
            let text = try read(url, kind: "file of settings")
            var values: [String: String] = [:]
            for (key, value) in try mapping(quotingModel(text), kind: "list of settings", of: "settings") {
                note(value, path: key.string ?? "", in: &values)
            }
            return values
        } catch {
            throw ConfigurationFileError(file: url, line: error.line, problem: error.problem)
        }
    }

    private static func note(_ node: Node, path: String, in values: inout [String: String]) {
        switch node {
        case .scalar(let scalar): values[path] = scalar.string
        case .mapping(let mapping):
            for (key, value) in mapping { note(value, path: "\(path).\(key.string ?? "")", in: &values) }
        case .sequence(let sequence):
            values[path] = "[\(sequence.map(text).joined(separator: ", "))]"
        case .alias: break
        }
    }

    /// In one line.
    private static func text(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.string
        case .sequence(let sequence): "[\(sequence.map(text).joined(separator: ", "))]"
        case .mapping(let mapping):
            "{\(mapping.map { "\(text($0.key)): \(text($0.value))" }.joined(separator: ", "))}"
        case .alias: ""
        }
    }
}
