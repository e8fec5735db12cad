import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Why a file could not be written. The previous file of that name, if there was one, is whole, unless `operation` is
/// `.syncDirectory`: then the new one has replaced it, but may not outlive a power failure.
public struct FileWriteError: Error, Equatable, Sendable {
    /// The step that failed; the raw value completes "cannot …".
    public enum Operation: String, Sendable {
        /// Looking at what stands in the file's place.
        case inspect = "look at what it is to replace"
        /// Opening the directory, whose entry is to be brought to disk later.
        case openDirectory = "open its directory"
        /// Something stands there that is no regular file.
        case replace = "replace what is not a regular file"
        /// Creating the temporary file.
        case create = "create a temporary file beside it"
        /// Writing to it.
        case write = "write its data"
        /// Flushing it.
        case sync = "bring its data to disk"
        /// Renaming it.
        case rename = "move the complete file into place"
        /// Flushing the directory.
        case syncDirectory = "bring its directory to disk"
    }

    /// The file that was to be written.
    public let path: String

    /// The step that failed.
    public let operation: Operation

    /// The `errno` of the system call that failed.
    public let code: Int32
}

extension FileWriteError: CustomStringConvertible, LocalizedError {
    public var errorDescription: String? { description }

    public var description: String {
        "\(path): not written: cannot \(operation.rawValue): \(String(cString: strerror(code)))"
    }
}

/// Files that are written whole or not at all.
public enum AtomicFile {
    /// Writes a file such that every reader, and the disk after a power failure, has either the previous file or the
    /// complete new one.
    ///
    /// The data goes to a hidden temporary file in the same directory, which then takes the place of the target. A
    /// symbolic link to a file is followed, one that leads nowhere is replaced. The file keeps the permissions of the
    /// one it replaces; a new one gets 0644 within the umask. Devices, pipes and directories are not replaced.
    ///
    /// - Throws: `FileWriteError`; the temporary file is then gone.
    public static func write(_ data: Data, to url: URL) throws {
        let target = url.resolvingSymlinksInPath()
        let name = target.lastPathComponent
        let calls = SystemCalls(path: url.path)

        // Everything else is relative to the open directory, so moving the directory meanwhile does no harm.
        let directoryPath = target.deletingLastPathComponent().path
        let directory = Int32(
            try calls.attempt(.openDirectory) { Int(open(directoryPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) })
        defer { close(directory) }

        let mode = try calls.permissions(of: name, in: directory)
        let temporary = ".atomic-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let file = Int32(
            try calls.attempt(.create) {
                Int(openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644))
            })
        do {
            // Errors that close could report have come up in fsync.
            defer { close(file) }
            if let mode { try calls.attempt(.create) { Int(fchmod(file, mode)) } }
            try calls.writeAll(data, to: file)
            try calls.attempt(.sync) { Int(fsync(file)) }
            try calls.attempt(.rename) { Int(renameat(directory, temporary, directory, name)) }
        } catch {
            unlinkat(directory, temporary, 0)
            throw error
        }
        try calls.attempt(.syncDirectory) {
            let result = fsync(directory)
            // Some network filesystems cannot sync a directory; there is nothing more to be done on those.
            return result != 0 && errno == EINVAL ? 0 : Int(result)
        }
    }
}

/// System calls that are repeated when a signal interrupts them and throw when they fail.
private struct SystemCalls {
    /// What errors name as the file.
    let path: String

    @discardableResult
    func attempt(_ operation: FileWriteError.Operation, _ call: () -> Int) throws -> Int {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            guard code == EINTR else { throw FileWriteError(path: path, operation: operation, code: code) }
        }
    }

    /// The permissions of a regular file, or nil if there is none of that name.
    func permissions(of name: String, in directory: Int32) throws -> mode_t? {
        var status = stat()
        let exists = try attempt(.inspect) {
            if fstatat(directory, name, &status, 0) == 0 { return 1 }
            return errno == ENOENT ? 0 : -1
        }
        guard exists == 1 else { return nil }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG else {
            throw FileWriteError(path: path, operation: .replace, code: kind == S_IFDIR ? EISDIR : ENOTSUP)
        }
        return status.st_mode & 0o7777
    }

    func writeAll(_ data: Data, to file: Int32) throws {
        // Darwin refuses counts beyond Int32.max at once.
        let largestChunk = 1 << 30
        try data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let chunk = UnsafeRawBufferPointer(rebasing: rest.prefix(largestChunk))
                rest = rest.dropFirst(try attempt(.write) { write(file, chunk.baseAddress, chunk.count) })
            }
        }
    }
}
