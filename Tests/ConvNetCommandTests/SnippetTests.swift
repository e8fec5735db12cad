import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// The programs that README and articles show do run, and print what a comment behind `print` says.
@Suite struct SnippetTests {
    /// All but those that train on a dataset for a minute, and how many lines they promise.
    private static let snippets =
        [
            ("Architectures", 7), ("LayerLanguage", 4), ("CustomLayers", 0), ("LookingInside", 0), ("Pictures", 1),
            ("SavingAndLoading", 1),
        ] + (hasBfloat16 ? [("TrainingSettings", 1), ("UsingEngines", 0)] : [])

    /// Those that show how to compute with half the digits need a processor that can.
    private static let hasBfloat16 = (try? Engines.makeDefault(precision: .bf16)) != nil

    @Test(arguments: snippets)
    func printsWhatItSays(name: String, promises: Int) async throws {
        let place = try Workplace()
        let program = Workplace.executable.deletingLastPathComponent().appending(path: name)
        let outcome = try await place.start([], of: program).outcome()
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        let promised = try Self.promises(of: name)
        #expect(promised.count == promises)
        var lines = outcome.output.split(separator: "\n").map { Self.plain(String($0)) }[...]
        for promise in promised {
            // In this order, with other lines in between.
            guard let index = lines.firstIndex(where: { Self.matches($0, promise) }) else {
                Issue.record("\(name) does not print '\(promise)'")
                continue
            }
            lines = lines[(index + 1)...]
        }
    }

    /// What stands behind `print(…)` as a comment.
    private static func promises(of name: String) throws -> [String] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Snippets/\(name).swift")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            line.firstMatch(of: /print\(.*\)  \/\/ (.*)$/).map { plain(String($0.1)) }
        }
    }

    /// Without what `print` puts around lists and their texts.
    private static func plain(_ line: String) -> String { line.filter { !"[]\"".contains($0) } }

    /// `…` stands for anything.
    private static func matches(_ line: String, _ promise: String) -> Bool {
        let parts = promise.split(separator: "…").map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count > 1 else { return line == promise }
        var rest = line[...]
        for part in parts {
            guard let range = rest.range(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return line.hasPrefix(parts[0]) && rest.isEmpty
    }
}
