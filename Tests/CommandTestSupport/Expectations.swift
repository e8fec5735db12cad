import Foundation
import Testing

/// What stands under an error where the arguments themselves were wrong.
private let hint = "See 'convnet --help' or 'convnet SUBCOMMAND --help'."

extension Workplace {
    /// Expects that a command fails with this sentence, or these lines, and nothing else, and that it changes no file.
    package func expect(
        _ arguments: [String], failsWith sentence: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = try snapshot()
        let outcome = try await run(arguments)
        let lines = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let isUsage = outcome.ending == .exit(64)
        let expected = "Error: \(sentence)".split(separator: "\n").map(String.init)
        #expect(lines == expected + (isUsage ? [hint, ""] : [""]), sourceLocation: sourceLocation)
        #expect(isUsage || outcome.ending == .exit(1), sourceLocation: sourceLocation)
        #expect(outcome.output == "", sourceLocation: sourceLocation)
        #expect(try snapshot() == before, sourceLocation: sourceLocation)
    }

    /// All files below the directory and what is in them; nil for directories.
    package func snapshot() throws -> [String: Data?] {
        var files: [String: Data?] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: url.path) {
            guard !path.hasPrefix(".output-"), !path.hasPrefix(".errors-") else { continue }
            files[path] = .some(try? data(path))
        }
        return files
    }
}

extension Workplace.Outcome {
    /// The only JSON document on standard output.
    package func json() throws -> Any {
        try JSONSerialization.jsonObject(with: Data(output.utf8))
    }

    /// The keys of the JSON object on standard output, in order.
    package func keys() throws -> [String] {
        try #require(json() as? [String: Any]).keys.sorted()
    }
}
