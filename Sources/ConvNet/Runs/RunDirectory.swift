import Foundation

/// The directory of one training run.
///
///     runs/lenet5-1/
///         config.yaml                         every setting
///         model.safetensors                   the best epoch by validation
///         metrics.jsonl                       a line an epoch
///         split.json                          which images it learns from, where the dataset is not divided
///         checkpoint/training.safetensors     where to go on
///         checkpoint/best-7.safetensors       the best epoch when the checkpoint was written, which names this file
public struct RunDirectory: Hashable, Sendable {
    /// The directory.
    public let url: URL

    /// `model.safetensors`.
    public var modelFile: URL { url.appending(path: Self.modelFileName) }
    /// `metrics.jsonl`.
    public var metricsFile: URL { url.appending(path: "metrics.jsonl") }
    /// `config.yaml`.
    public var configurationFile: URL { url.appending(path: "config.yaml") }
    /// `checkpoint/training.safetensors`.
    public var checkpointFile: URL { url.appending(path: "checkpoint/training.safetensors") }

    /// `checkpoint/best-<epoch>.safetensors`: the model of an epoch that was the best, until the checkpoint names a better one.
    public func bestModelFile(ofEpoch epoch: Int) -> URL { url.appending(path: "checkpoint/best-\(epoch).safetensors") }

    /// Removes what ``bestModelFile(ofEpoch:)`` names. What cannot be removed does nothing but take space.
    func removeBestModelFiles(except name: String?) {
        let directory = checkpointFile.deletingLastPathComponent()
        for file in (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        where file != name && file.wholeMatch(of: /best-[0-9]+\.safetensors/) != nil {
            try? FileManager.default.removeItem(at: directory.appending(path: file))
        }
    }

    /// `split.json`.
    public var splitFile: URL { url.appending(path: "split.json") }

    /// As it was asked for, for messages.
    public var path: String { url.relativePath }

    /// The command that goes on with the run, to be pasted into a shell.
    public var resumingCommand: String { Self.resumingCommand(path) }

    /// A command that applies the run's model, to be pasted into a shell; the picture is for the reader to name.
    public var predictingCommand: String { "convnet predict \(Self.quoted(path)) photo.jpg" }

    /// A command that starts a new run with this one's settings, to be pasted into a shell.
    public var repeatingCommand: String { "convnet train \(Self.quoted(configurationFile.relativePath))" }

    static let modelFileName = "model.safetensors"

    fileprivate static func resumingCommand(_ path: String) -> String {
        "convnet train --resume --out " + quoted(path)
    }

    private static func quoted(_ path: String) -> String {
        let isPlain = path.allSatisfy { $0.isLetter || $0.isNumber || "/._-+,:@%=".contains($0) }
        return isPlain ? path : "'\(path.replacing("'", with: "'\\''"))'"
    }

    private init(_ url: URL) {
        self.url = url
    }

    /// Makes the directory, with those around it.
    ///
    /// - Throws: ``RunDirectoryError/holdsRun(_:)`` where it has the files of a run already.
    public static func create(_ path: String) throws(RunDirectoryError) -> RunDirectory {
        let run = RunDirectory(URL(filePath: path))
        try checkFree(path)
        try makeDirectories(run.checkpointFile.deletingLastPathComponent().relativePath, for: path)
        return run
    }

    /// - Throws: ``RunDirectoryError/holdsRun(_:)`` where `path` has the files of a run.
    public static func checkFree(_ path: String) throws(RunDirectoryError) {
        let run = RunDirectory(URL(filePath: path))
        for file in [run.configurationFile, run.modelFile, run.metricsFile, run.checkpointFile]
        where try isThere(file, in: path) {
            throw .holdsRun(path)
        }
    }

    /// Makes the first of `runs/<model>-1`, `runs/<model>-2`, … that does not exist.
    public static func createNext(for model: String, in parent: String = "runs") throws(RunDirectoryError)
        -> RunDirectory
    {
        try makeDirectories(parent)
        var number = 1
        while true {
            let path = "\(parent)/\(model)-\(number)"
            if try !isThere(URL(filePath: path), in: path) {
                if mkdir(path, 0o777) == 0 { return try create(path) }
                // Another process may have been faster; the next number is then this one's.
                guard errno == EEXIST else { throw .cannotCreate(path, reason: String(cString: strerror(errno))) }
            }
            number += 1
        }
    }

    /// The directory of a run that was started before.
    ///
    /// - Throws: ``RunDirectoryError/holdsNoRun(_:)``.
    public static func open(_ path: String) throws(RunDirectoryError) -> RunDirectory {
        let run = RunDirectory(URL(filePath: path))
        guard try isThere(run.configurationFile, in: path) else { throw .holdsNoRun(path) }
        return run
    }

    private static func isThere(_ file: URL, in path: String) throws(RunDirectoryError) -> Bool {
        do {
            return try file.isThere()
        } catch {
            throw .cannotLook(path, problem: error)
        }
    }

    /// Makes a directory and those above it. Foundation would do that, but hides why it cannot.
    ///
    /// - Parameter wanted: what an error names.
    private static func makeDirectories(_ path: String, for wanted: String? = nil) throws(RunDirectoryError) {
        if mkdir(path, 0o777) == 0 { return }
        var code = errno
        let parent = (path as NSString).deletingLastPathComponent
        if code == ENOENT, !parent.isEmpty, parent != path, try !isThere(URL(filePath: parent), in: wanted ?? path) {
            try makeDirectories(parent, for: wanted ?? path)
            code = mkdir(path, 0o777) == 0 ? 0 : errno
        }
        var isDirectory: ObjCBool = false
        if code == EEXIST, FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
            code = isDirectory.boolValue ? 0 : ENOTDIR
        }
        guard code == 0 else { throw .cannotCreate(wanted ?? path, reason: String(cString: strerror(code))) }
    }
}

/// A directory that cannot take a run, or has none.
public enum RunDirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path of a directory that has the files of a run already.
    case holdsRun(String)
    /// The path of a directory without a `config.yaml`.
    case holdsNoRun(String)
    /// The path of a directory that the system refuses to make, and its message.
    case cannotCreate(String, reason: String)
    /// The path of a directory of which the system does not say what is in it, and why.
    case cannotLook(String, problem: FilePresenceError)
    /// The path of a run that lacks one of its files, and the file's name: going on with what is left would be another run.
    case lacks(String, file: String)

    public var description: String {
        switch self {
        case .holdsRun(let path):
            "\(path) already holds a run; go on with it (\(RunDirectory.resumingCommand(path))) or choose another --out"
        case .holdsNoRun(let path):
            "\(path) holds no run (it has no config.yaml)"
        case .cannotCreate(let path, let reason):
            "cannot make the directory \(path): \(reason)"
        case .cannotLook(let path, let problem):
            "cannot tell whether \(path) holds a run: \(problem)"
        case .lacks(let path, let file):
            "\(path) has no \(file), without which its run cannot go on; bring the file back or start again with another --out"
        }
    }
}
