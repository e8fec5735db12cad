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
    /// A twentieth of a second in all.
    private static let mostAttempts = 10

    /// - Throws: ``RunDirectoryError/inUse(_:)`` where another process has it.
    init(of directory: URL) throws(RunDirectoryError) {
        let path = directory.relativePath
        descriptor = open(
            directory.appending(path: Self.fileName).path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644
        )
        guard descriptor >= 0 else { throw .cannotClaim(path, reason: systemReason()) }
        let code = Self.lock(descriptor, LOCK_EX)
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
        return lock(descriptor, LOCK_SH) == EWOULDBLOCK
    }

    /// Tries for a moment: a process that is just being started has its parent's descriptors, and the locks that come with them,
    /// until it becomes another program.
    ///
    /// - Returns: 0, or the `errno` of the last try.
    private static func lock(_ descriptor: Int32, _ operation: Int32) -> Int32 {
        var attempts = mostAttempts
        while true {
            let code = flock(descriptor, operation | LOCK_NB) == 0 ? 0 : errno
            guard code == EINTR || code == EWOULDBLOCK && attempts > 0 else { return code }
            if code == EWOULDBLOCK {
                attempts -= 1
                usleep(5000)
            }
        }
    }
}
