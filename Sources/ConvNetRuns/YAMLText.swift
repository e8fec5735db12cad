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

    /// - Parameter kind: what it should be: `file of settings`.
    static func read(_ url: URL, kind: String) throws(Problem) -> String {
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
        guard data.count <= largestFile else {
            throw Problem(
                problem: "it has \(data.count.grouped) bytes; a \(kind) has at most \(largestFile.grouped)")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw Problem(problem: "it is not UTF-8 text") }
        return text
    }

    /// - Parameter kind: what it should be: `list of settings`.
    static func mapping(_ text: String, kind: String) throws(Problem) -> Node.Mapping {
        // A few lines of aliases of aliases stand for more nodes than any memory holds, and the parser follows them all.
        if text.contains(/(^|[\s\[{,:-])&[^\s,\[\]{}]+/), text.contains(/(^|[\s\[{,:?-])\*[^\s,\[\]{}]+/) {
            throw Problem(
                problem:
                    "it has anchors and aliases (&name, *name), which settings do not need; write out what they stand for"
            )
        }
        do {
            guard let mapping = try Yams.compose(yaml: text)?.mapping else {
                throw Problem(problem: "it is not a \(kind)")
            }
            return mapping
        } catch let error as YamlError {
            throw Problem(problem: error.sentence)
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
