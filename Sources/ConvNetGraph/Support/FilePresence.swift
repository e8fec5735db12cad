import ConvNetPages
import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Why it cannot be told whether there is a file.
public struct FilePresenceError: Error, Hashable, Sendable {
    /// The file.
    public let path: String

    /// The `errno` of the system call that failed.
    public let code: Int32
}

extension FilePresenceError: CustomStringConvertible, LocalizedError {
    public var errorDescription: String? { description }

    public var description: String {
        "\(printable(path)): cannot be looked at: \(systemReason(code))"
    }
}

/// What stands at a path.
package enum FileKind: Hashable, Sendable {
    case file, directory, other
}

extension URL {
    /// What is there, links followed; nil where nothing is. Foundation takes every error for absence, which makes of a file
    /// that cannot be looked at one that may be replaced.
    ///
    /// - Throws: where the system does not say.
    package func fileKind() throws(FilePresenceError) -> FileKind? {
        guard let status = try status() else { return nil }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        default: .other
        }
    }

    /// The size in bytes; nil where nothing is there.
    ///
    /// - Throws: as ``fileKind()``.
    package func fileSize() throws(FilePresenceError) -> Int? { try status().map { Int($0.st_size) } }

    private func status() throws(FilePresenceError) -> stat? {
        var status = stat()
        if stat(path, &status) == 0 { return status }
        let code = errno
        guard code == ENOENT || code == ENOTDIR else { throw FilePresenceError(path: path, code: code) }
        return nil
    }

    /// Whether anything is there.
    ///
    /// - Throws: as ``fileKind()``.
    package func isThere() throws(FilePresenceError) -> Bool { try fileKind() != nil }
}
