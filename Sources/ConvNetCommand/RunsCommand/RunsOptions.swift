#if CONVNET_RUN_INDEX
import ArgumentParser
import ConvNetRunIndex
import Foundation

/// Which runs.
struct RunsOptions: ParsableArguments {
    @Argument(
        help: "A directory of runs, those in directories within it included. (default: runs)", completion: .directory)
    var directory: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            """
            What they must have: settings, metrics of the best epoch (accuracy) or on test images (test.accuracy), state, model, \
            dataset, path, started. Conditions stand between blanks, with =, !=, <, >, <= or >=; '*' stands for any letters.
            """, valueName: "conditions"))
    var conditions: String?

    var path: String { directory ?? "runs" }

    func filter() throws -> RunFilter { try conditions.map { try RunFilter(parsing: $0) } ?? RunFilter() }

    /// The index of them, with what there is to say of it said.
    func index() throws -> RunIndex {
        guard FileManager.default.fileExists(atPath: path) || directory == nil else {
            throw ValidationError("there is no directory '\(path)'")
        }
        let index = try WaitingLine(.terminal).during("reading runs") { try RunIndex(of: path) }
        for note in index.notes { Terminal.writeError(wrapping: "Warning: \(note)") }
        return index
    }

    /// Where a run of the index is.
    func path(of entry: RunIndex.Entry) -> String { entry.path == "." ? path : "\(path)/\(entry.path)" }
}
#endif
