import ConvNetGraph
import Foundation

/// What can be removed of runs.
extension RunDirectory {
    /// The checkpoint, and the best model that it names: what only going on needs.
    private var checkpointFiles: [URL] { [checkpointFile] + bestModelFiles }

    /// What a run has written, which may be all that there is in its directory, or not.
    private var files: [URL] {
        let events = ["train", "validation"].flatMap { part -> [URL] in
            let directory = tensorBoardDirectory.appending(path: part)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
            return names.filter { $0.hasPrefix("events.out.tfevents.") }.map { directory.appending(path: $0) }
        }
        // What makes it a run comes last, so that one that was removed half way can be removed again.
        return checkpointFiles + events + [
            modelFile, metricsFile, resultsFile, predictionsFile, reportFile, splitFile, recordFile, configurationFile,
            url.appending(path: RunClaim.fileName),
        ]
    }

    private static func bytes(of files: [URL]) -> Int {
        files.reduce(0) { $0 + ((try? $1.fileSize()) ?? nil ?? 0) }
    }

    /// What all of the run's files take.
    package var byteCount: Int { Self.bytes(of: files) }

    /// What removing the checkpoint would free: not the best model, where the run's own is the same file.
    package var checkpointByteCount: Int { Self.bytes(of: [checkpointFile]) }

    /// Removes the checkpoint: the run keeps its model, and cannot go on any more.
    ///
    /// - Throws: ``RunDirectoryError/inUse(_:)`` where a process is training in it, and what the system says.
    package func removeCheckpoint() throws {
        let claimed = try claimed()
        for file in checkpointFiles where try file.isThere() { try FileManager.default.removeItem(at: file) }
        _ = claimed
    }

    /// Removes the run: the files that a run writes, and the directory, if nothing else is in it.
    ///
    /// - Returns: whether the directory is gone.
    /// - Throws: ``RunDirectoryError/inUse(_:)`` where a process is training in it, and what the system says.
    package func remove() throws -> Bool {
        let claimed = try claimed()
        defer { _ = claimed }
        for file in files where try file.isThere() { try FileManager.default.removeItem(at: file) }
        // What is not empty stays.
        for name in ["checkpoint", "tensorboard/train", "tensorboard/validation", "tensorboard", ""] {
            rmdir(name.isEmpty ? url.path : url.appending(path: name).path)
        }
        return try !url.isThere()
    }
}
