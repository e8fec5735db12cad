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
        "\(path): cannot be looked at: \(String(cString: strerror(code)))"
    }
}

extension URL {
    /// Whether there is something of that name, links followed. Foundation takes every error for absence, which makes of a file
    /// that cannot be looked at one that may be replaced.
    ///
    /// - Throws: where the system does not say.
    package func isThere() throws(FilePresenceError) -> Bool {
        var status = stat()
        if stat(path, &status) == 0 { return true }
        let code = errno
        guard code == ENOENT || code == ENOTDIR else { throw FilePresenceError(path: path, code: code) }
        return false
    }
}
