import ConvNet
import ConvNetGraph
import ConvNetPages
import Foundation

/// The directory of one training run.
///
///     runs/lenet5-1/
///         config.yaml                         every setting
///         model.safetensors                   the best epoch by validation
///         metrics.jsonl                       a line an epoch
///         results.csv                         the same as a table
///         predictions.csv                     what the model says of each image that it was not trained on
///         report.html                         all of it as a page
///         tensorboard/train, …/validation     the same for TensorBoard
///         run.json                            what it is and how it stands
///         split.json                          which images it learns from, where the dataset is not divided
///         .lock                               held by the process that trains
///         checkpoint/training.safetensors     where to go on
///         checkpoint/best-7.safetensors       the best epoch when the checkpoint was written, which names this file
public struct RunDirectory: Hashable, Sendable {
    /// The directory.
    public let url: URL

    /// The right to write in it, which others do not get as long as there is this value or a copy of it; nil in one that was
    /// opened to be looked at.
    private let claim: RunClaim?

    /// Values of one directory are equal, whoever may write in it.
    public static func == (a: Self, b: Self) -> Bool { a.url == b.url }

    public func hash(into hasher: inout Hasher) { hasher.combine(url) }

    /// `model.safetensors`.
    public var modelFile: URL { url.appending(path: RunFiles.model) }
    /// `metrics.jsonl`.
    public var metricsFile: URL { url.appending(path: "metrics.jsonl") }
    /// `results.csv`.
    public var resultsFile: URL { url.appending(path: "results.csv") }
    /// `config.yaml`.
    public var configurationFile: URL { url.appending(path: RunFiles.configuration) }
    /// `checkpoint/training.safetensors`.
    public var checkpointFile: URL { url.appending(path: "checkpoint/training.safetensors") }

    /// `checkpoint/best-<epoch>.safetensors`: the model of an epoch that was the best, until the checkpoint names a better one.
    public func bestModelFile(ofEpoch epoch: Int) -> URL { url.appending(path: "checkpoint/best-\(epoch).safetensors") }

    /// What is there of those that ``bestModelFile(ofEpoch:)`` names.
    var bestModelFiles: [URL] {
        let directory = checkpointFile.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.filter { $0.wholeMatch(of: /best-[0-9]+\.safetensors/) != nil }.sorted()
            .map { directory.appending(path: $0) }
    }

    /// Removes ``bestModelFiles``. What cannot be removed does nothing but take space.
    func removeBestModelFiles(except name: String?) {
        for file in bestModelFiles where file.lastPathComponent != name {
            try? FileManager.default.removeItem(at: file)
        }
    }

    /// `split.json`.
    public var splitFile: URL { url.appending(path: "split.json") }

    /// As it was asked for, for messages.
    public var path: String { url.relativePath }

    /// The command that goes on with the run, to be pasted into a shell.
    package var resumingCommand: String { RunFiles.resumingCommand(path) }

    /// A command that applies the run's model, to be pasted into a shell; the picture is for the reader to name.
    package var predictingCommand: String { "convnet predict \(RunFiles.quoted(path)) photo.jpg" }

    /// A command that starts a new run with this one's settings, to be pasted into a shell.
    package var repeatingCommand: String { "convnet train \(RunFiles.quoted(configurationFile.relativePath))" }

    /// A directory that is known to hold a run.
    init(at url: URL) { self.init(url) }

    private init(_ url: URL, claim: RunClaim? = nil) {
        self.url = url
        self.claim = claim
    }

    /// Makes the directory, with those around it, for a new run. No other process can write a run there as long as the value
    /// lives.
    ///
    /// - Throws: ``RunDirectoryError/holdsRun(_:)`` where it has the files of a run already, ``RunDirectoryError/inUse(_:)``
    ///   where another process is about to write them.
    public static func create(_ path: String) throws(RunDirectoryError) -> RunDirectory {
        // A directory that is refused stays as it was.
        try checkFree(path)
        let run = RunDirectory(URL(filePath: path))
        try makeDirectories(run.checkpointFile.deletingLastPathComponent().relativePath, for: path)
        let claimed = try run.claimed()
        // Only now is it certain that what is not there stays away.
        try checkFree(path)
        return claimed
    }

    /// - Throws: ``RunDirectoryError/holdsRun(_:)`` where `path` has the files of a run.
    public static func checkFree(_ path: String) throws(RunDirectoryError) {
        let run = RunDirectory(URL(filePath: path))
        for file in [run.configurationFile, run.modelFile, run.metricsFile, run.checkpointFile, run.recordFile]
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
            // Another process may be faster; the next number is then this one's.
            if try !isThere(URL(filePath: path), in: path), try makeDirectory(path) { return try create(path) }
            number += 1
        }
    }

    /// The directory of a run that was started before, to be looked at.
    ///
    /// - Throws: ``RunDirectoryError/holdsNoRun(_:)``.
    public static func open(_ path: String) throws(RunDirectoryError) -> RunDirectory {
        let run = RunDirectory(URL(filePath: path))
        guard try isThere(run.configurationFile, in: path) else { throw .holdsNoRun(path) }
        return run
    }

    /// The runs in a directory, by name.
    ///
    /// - Returns: none where there is no such directory.
    /// - Throws: ``RunDirectoryError/cannotList(_:reason:)``, ``RunDirectoryError/cannotLook(_:problem:)``.
    public static func list(in parent: String = "runs") throws(RunDirectoryError) -> [RunDirectory] {
        guard try kind(of: URL(filePath: parent), in: parent) == .directory else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: parent)
        } catch {
            throw .cannotList(parent, reason: systemReason(for: error))
        }
        var runs: [RunDirectory] = []
        for name in names.sorted() {
            let run = RunDirectory(URL(filePath: "\(parent)/\(name)"))
            if try isThere(run.configurationFile, in: run.path) { runs.append(run) }
        }
        return runs
    }

    /// The directory with the right to write in it, for a run that goes on. What a process that was killed while it wrote has
    /// left half written is removed.
    ///
    /// - Throws: ``RunDirectoryError/inUse(_:)`` where another process has that right.
    public func claimed() throws(RunDirectoryError) -> RunDirectory {
        let claim = try RunClaim(of: url)
        for directory in [url, checkpointFile.deletingLastPathComponent()] { AtomicFile.removeLeftovers(in: directory) }
        return RunDirectory(url, claim: claim)
    }

    /// The directory without the right to write in it, for what may outlive the value that has it.
    var unclaimed: RunDirectory { RunDirectory(url) }

    /// Whether nobody else can get the right to write that this value has: not so where the file system knows no locks.
    public var isExclusive: Bool { claim?.isExclusive ?? false }

    private static func isThere(_ file: URL, in path: String) throws(RunDirectoryError) -> Bool {
        try kind(of: file, in: path) != nil
    }

    private static func kind(of file: URL, in path: String) throws(RunDirectoryError) -> FileKind? {
        do {
            return try file.fileKind()
        } catch {
            throw .cannotLook(path, problem: error)
        }
    }

    /// Makes a directory and those above it. Foundation would do that, but hides why it cannot.
    ///
    /// - Parameter wanted: what an error names.
    private static func makeDirectories(_ path: String, for wanted: String? = nil) throws(RunDirectoryError) {
        let wanted = wanted ?? path
        switch try kind(of: URL(filePath: path), in: wanted) {
        case .directory: return
        case .file, .other: throw .cannotCreate(wanted, reason: systemReason(ENOTDIR))
        case nil: break
        }
        // Foundation's own way traps on a path of one letter.
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        if !parent.isEmpty { try makeDirectories(parent, for: wanted) }
        _ = try makeDirectory(path, for: wanted)
    }

    /// Makes a directory, which is there after a power failure too.
    ///
    /// - Returns: false where another process has been faster.
    private static func makeDirectory(_ path: String, for wanted: String? = nil) throws(RunDirectoryError) -> Bool {
        guard mkdir(path, 0o777) == 0 else {
            guard errno == EEXIST else {
                throw .cannotCreate(wanted ?? path, reason: systemReason())
            }
            return false
        }
        do {
            try AtomicFile.syncDirectory(of: URL(filePath: path))
        } catch {
            throw .cannotCreate(wanted ?? path, reason: "\(error)")
        }
        return true
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
    /// The path of a directory in which another process is training.
    case inUse(String)
    /// The path of a directory in which the system does not let a run's lock be made, and its message.
    case cannotClaim(String, reason: String)
    /// The path of a directory of which the system does not say what is in it, and why.
    case cannotLook(String, problem: FilePresenceError)
    /// The path of a directory whose runs the system does not tell, and its message.
    case cannotList(String, reason: String)
    /// The path of a run that lacks one of its files, and the file's name: going on with what is left would be another run.
    case lacks(String, file: String)
    /// The path of a run whose `run.json` cannot be read, and why.
    case recordUnusable(String, problem: String)
    /// The path of a run that this value has started before.
    case alreadyStarted(String)

    public var description: String {
        switch self {
        case .holdsRun(let path):
            "\(path) already holds a run; go on with it (\(RunFiles.resumingCommand(path))) or choose another --out"
        case .holdsNoRun(let path):
            "\(path) holds no run (it has no config.yaml)"
        case .cannotCreate(let path, let reason):
            "cannot make the directory \(path): \(reason)"
        case .inUse(let path):
            "another process is training in \(path); wait for its end or choose another --out"
        case .cannotClaim(let path, let reason):
            "cannot make \(path)/\(RunClaim.fileName), which keeps two runs apart: \(reason)"
        case .cannotLook(let path, let problem):
            "cannot tell whether \(path) holds a run: \(problem)"
        case .cannotList(let path, let reason):
            "cannot tell which runs are in \(path): \(reason)"
        case .lacks(let path, let file):
            "\(path) has no \(file), without which its run cannot go on; bring the file back or start again with another --out"
        case .recordUnusable(let path, let problem):
            "\(path)/run.json cannot be used (\(problem)); bring it back as it was or remove it"
        case .alreadyStarted(let path):
            "the run in \(path) has been started before; what goes on is another one, made from its directory"
        }
    }
}
