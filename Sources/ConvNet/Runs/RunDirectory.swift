import Foundation

/// The directory of one training run.
///
///     runs/lenet5-1/
///         config.yaml                         every setting
///         model.safetensors                   the best epoch by validation
///         metrics.jsonl                       a line an epoch
///         checkpoint/training.safetensors     where to go on
public struct RunDirectory: Hashable, Sendable {
    public let url: URL

    public var modelFile: URL { url.appending(path: "model.safetensors") }
    public var metricsFile: URL { url.appending(path: "metrics.jsonl") }
    public var configurationFile: URL { url.appending(path: "config.yaml") }
    public var checkpointFile: URL { url.appending(path: "checkpoint/training.safetensors") }

    /// As it was asked for, for messages.
    public var path: String { url.relativePath }

    private init(_ url: URL) {
        self.url = url
    }

    /// Makes the directory, with those around it.
    ///
    /// - Throws: ``RunDirectoryError/holdsRun(_:)`` where it has the files of a run already.
    public static func create(_ path: String) throws(RunDirectoryError) -> RunDirectory {
        let run = RunDirectory(URL(filePath: path))
        try checkFree(path)
        try run.makeDirectories()
        return run
    }

    /// - Throws: ``RunDirectoryError/holdsRun(_:)`` where `path` has the files of a run.
    public static func checkFree(_ path: String) throws(RunDirectoryError) {
        let run = RunDirectory(URL(filePath: path))
        for file in [run.configurationFile, run.modelFile, run.metricsFile, run.checkpointFile]
        where FileManager.default.fileExists(atPath: file.path) {
            throw .holdsRun(path)
        }
    }

    /// Makes the first of `runs/<model>-1`, `runs/<model>-2`, … that does not exist.
    public static func createNext(for model: String, in parent: String = "runs") throws(RunDirectoryError) -> RunDirectory {
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        } catch {
            throw .cannotCreate(parent, reason: error.reason)
        }
        var number = 1
        while true {
            let path = "\(parent)/\(model)-\(number)"
            if !FileManager.default.fileExists(atPath: path) {
                // Making it fails where another process was faster; the next number is then this one's.
                do {
                    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
                } catch {
                    guard FileManager.default.fileExists(atPath: path) else {
                        throw .cannotCreate(path, reason: error.reason)
                    }
                    number += 1
                    continue
                }
                return try create(path)
            }
            number += 1
        }
    }

    /// The directory of a run that was started before.
    ///
    /// - Throws: ``RunDirectoryError/holdsNoRun(_:)``.
    public static func open(_ path: String) throws(RunDirectoryError) -> RunDirectory {
        let run = RunDirectory(URL(filePath: path))
        guard FileManager.default.fileExists(atPath: run.configurationFile.path) else { throw .holdsNoRun(path) }
        return run
    }

    private func makeDirectories() throws(RunDirectoryError) {
        do {
            try FileManager.default.createDirectory(
                at: checkpointFile.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            throw .cannotCreate(path, reason: error.reason)
        }
    }
}

/// A directory that cannot take a run, or has none.
public enum RunDirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    case holdsRun(String)
    case holdsNoRun(String)
    case cannotCreate(String, reason: String)

    public var description: String {
        switch self {
        case .holdsRun(let path):
            "\(path) already holds a run; go on with it (convnet train --resume --out \(path)) or choose another --out"
        case .holdsNoRun(let path):
            "\(path) holds no run (it has no config.yaml)"
        case .cannotCreate(let path, let reason):
            "cannot make the directory \(path): \(reason)"
        }
    }
}

extension Error {
    /// The operating system's own words where there are any: Foundation's hide them.
    fileprivate var reason: String {
        let error = self as NSError
        let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        return underlying.domain == NSPOSIXErrorDomain
            ? String(cString: strerror(CInt(underlying.code))) : localizedDescription
    }
}
