#if CONVNET_RUN_INDEX
import ArgumentParser
import ConvNetPages
import ConvNetRunIndex
import ConvNetRuns
import Foundation

struct RunsClean: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Removes runs, or their checkpoints.",
        discussion: """
            convnet runs clean                            what has no model
            convnet runs clean --where 'accuracy<50%' --delete
            convnet runs clean --checkpoints --delete     of completed runs

            Without --delete it only says what it would remove. Runs that are going on are left alone, and so are files that no \
            run has written.
            """)

    @OptionGroup var options: RunsOptions

    @Flag(help: "Remove checkpoints, without which runs cannot go on, in the place of whole runs.")
    var checkpoints = false

    @Flag(help: "Do it.")
    var delete = false

    @OptionGroup var output: OutputOptions

    private struct Document: Encodable {
        var path: String
        var bytes: Int
        var deleted: Bool
    }

    func run() throws {
        let filter = try options.filter()
        let index = try options.index()
        let runs = try index.runs(where: filter, values: ["state"]).filter { $0.values["state"] != "running" }
        var documents: [Document] = []
        for entry in runs {
            let directory = try RunDirectory.open(options.path(of: entry))
            guard try isMeant(directory, entry) else { continue }
            let bytes = checkpoints ? directory.checkpointByteCount : directory.byteCount
            if delete {
                if checkpoints { try directory.removeCheckpoint() } else { _ = try directory.remove() }
            }
            documents.append(Document(path: directory.path, bytes: bytes, deleted: delete))
        }
        // So that it knows of them no more.
        if delete, !documents.isEmpty { _ = try RunIndex(of: options.path) }
        if output.json { return try Terminal.write(json: documents) }
        for document in documents { Terminal.write("\(document.path)  \(document.bytes.byteSize)") }
        let what = checkpoints ? "checkpoint" : "run"
        let all = "\(documents.count.counted(what)), \(documents.reduce(0) { $0 + $1.bytes }.byteSize)"
        if documents.isEmpty {
            Terminal.write("nothing to remove")
        } else {
            Terminal.write(delete ? "removed \(all)" : "\(all); --delete removes them")
        }
    }

    /// Of whole runs, unless somebody says which, those that have come to nothing.
    private func isMeant(_ directory: RunDirectory, _ entry: RunIndex.Entry) throws -> Bool {
        if checkpoints { return try entry.values["state"] == "completed" && directory.checkpointFile.isThere() }
        return try options.conditions != nil || !directory.modelFile.isThere()
    }
}
#endif
