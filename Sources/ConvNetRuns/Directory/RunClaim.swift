import ConvNetGraph
import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The right of one process to write in a run's directory, which ends with the value or with the process, however that ends.
///
/// It is an advisory lock (`flock`) on a file of its own: those that a run writes are replaced, and a lock does not go with
/// the name.
final class RunClaim: Sendable {
    private let descriptor: Int32
    /// Whether the file system has locks at all; on one that has none, everybody gets a claim.
    let isExclusive: Bool

    static let fileName = ".lock"

    /// - Throws: ``RunDirectoryError/inUse(_:)`` where another process has it.
    init(of directory: URL) throws(RunDirectoryError) {
        let path = directory.relativePath
        descriptor = open(
            directory.appending(path: Self.fileName).path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644
        )
        guard descriptor >= 0 else { throw .cannotClaim(path, reason: systemReason()) }
        var code: Int32
        repeat { code = flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno } while code == EINTR
        if code == EWOULDBLOCK {
            close(descriptor)
            throw .inUse(path)
        }
        isExclusive = code == 0
    }

    deinit { close(descriptor) }

    /// Whether a process has a directory's claim now; false where that cannot be told.
    static func isHeld(of directory: URL) -> Bool {
        let descriptor = open(directory.appending(path: fileName).path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Shared, so that two who look do not see one another.
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
