import ConvNetGraph
import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension RunDirectory {
    /// A run that was found below a directory.
    package struct Found: Hashable, Sendable {
        /// Where it is.
        fileprivate var location: String
        /// From the directory that was searched; `.` for that itself.
        package var path: String
        /// Another one once the files have changed that a list of runs is made from.
        package var stamp: String

        /// The run.
        package var directory: RunDirectory { RunDirectory(at: URL(filePath: location)) }
    }

    /// Deeper than anybody puts runs.
    private static let deepest = 8

    /// The runs in a directory and in those within it, by path. Hidden ones, links, and what is within runs are left out.
    ///
    /// - Returns: none where there is no such directory.
    /// - Throws: ``RunDirectoryError/cannotList(_:reason:)`` where the directory itself cannot be read.
    package static func search(below directory: String) throws(RunDirectoryError) -> [Found] {
        var found: [Found] = []
        if let run = run(at: directory, ".") { return [run] }
        guard let names = subdirectories(of: directory) else {
            if errno == ENOENT { return [] }
            throw .cannotList(directory, reason: systemReason())
        }
        for name in names { search("\(directory)/\(name)", name, 1, &found) }
        return found.sorted { $0.path < $1.path }
    }

    private static func search(_ url: String, _ path: String, _ depth: Int, _ found: inout [Found]) {
        if let run = run(at: url, path) {
            found.append(run)
        } else if depth < deepest {
            // A directory that cannot be read holds no run that could be listed.
            for name in subdirectories(of: url) ?? [] { search("\(url)/\(name)", "\(path)/\(name)", depth + 1, &found) }
        }
    }

    private static func run(at url: String, _ path: String) -> Found? {
        guard let configuration = stamp(of: "\(url)/config.yaml") else { return nil }
        let record = stamp(of: "\(url)/run.json") ?? stamp(of: "\(url)/metrics.jsonl").map { "-\($0)" }
        return Found(location: url, path: path, stamp: "\(configuration) \(record ?? "")")
    }

    /// When a file was last written, and its size; nil where there is none.
    private static func stamp(of file: String) -> String? {
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        #if canImport(Darwin)
        let time = status.st_mtimespec
        #else
        let time = status.st_mtim
        #endif
        return "\(time.tv_sec).\(time.tv_nsec)/\(status.st_size)"
    }

    /// nil where the directory cannot be read; `errno` says why.
    private static func subdirectories(of directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let kind = Int32(entry.pointee.d_type)
            guard kind == Int32(DT_DIR) || kind == Int32(DT_UNKNOWN) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
