import CFiles
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
        /// Creating the file itself, or its directory: one that grows has no temporary name.
        case make = "create it"
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

    package init(path: String, operation: Operation, code: Int32) {
        self.path = path
        self.operation = operation
        self.code = code
    }
}

extension FileWriteError: CustomStringConvertible, LocalizedError {
    public var errorDescription: String? { description }

    public var description: String {
        "\(path): not written: cannot \(operation.rawValue): \(systemReason(code))"
    }
}

/// Files that are written whole or not at all.
package enum AtomicFile {
    /// Writes a file such that every reader, and the disk after a power failure, has either the previous file or the
    /// complete new one.
    ///
    /// The data goes to a hidden temporary file in the same directory, which then takes the place of the target. A
    /// symbolic link to a file is followed, one that leads nowhere is replaced. The file keeps the permissions of the
    /// one it replaces; a new one gets 0644 within the umask. Devices, pipes and directories are not replaced.
    ///
    /// - Throws: `FileWriteError`; the temporary file is then gone.
    package static func write(_ data: Data, to url: URL) throws {
        try write(to: url) { file in _ = try data.withUnsafeBytes(file.append) }
    }

    /// As ``write(_:to:)``, for what need not lie in one piece.
    ///
    /// - Parameter body: appends the pieces; what it throws leaves the previous file.
    package static func write<Result>(to url: URL, _ body: (FileSink) throws -> Result) throws -> Result {
        let target = try Target(url)
        defer { close(target.directory) }
        return try target.replace { temporary, calls in
            let file = Int32(
                try calls.attempt(.create) {
                    Int(openat(target.directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644))
                })
            // Errors that close could report have come up in fsync.
            defer { close(file) }
            if let mode = target.mode { try calls.attempt(.create) { Int(fchmod(file, mode)) } }
            let result = try body(FileSink(file, calls))
            try calls.attempt(.sync) { Int(fsync(file)) }
            return result
        }
    }

    /// Gives a file that is whole and on disk a second name, in the way of ``write(_:to:)``: no byte is written again. Where
    /// the file system refuses that, or a file of that name has other permissions, it becomes a copy.
    ///
    /// - Throws: `FileWriteError`, and what reading `source` throws.
    package static func write(linkTo source: URL, to url: URL) throws {
        if try !link(source, to: url) { try write(Data(contentsOf: source, options: .mappedIfSafe), to: url) }
    }

    /// - Returns: false where there cannot be a link; `url` is then as it was.
    private static func link(_ source: URL, to url: URL) throws -> Bool {
        struct Refusal: Error {}
        let target = try Target(url)
        defer { close(target.directory) }
        do {
            try target.replace { temporary, _ in
                var status = stat()
                guard stat(source.path, &status) == 0, target.mode ?? status.permissions == status.permissions,
                    linkat(AT_FDCWD, source.path, target.directory, temporary, 0) == 0
                else { throw Refusal() }
            }
            return true
        } catch is Refusal {
            return false
        }
    }
}

// MARK: - Directories

extension AtomicFile {
    fileprivate static func temporaryName() -> String {
        "\(temporaryPrefix)\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }

    private static let temporaryPrefix = ".atomic-"

    /// The temporary files in a directory whose processes were ended before they could remove them; none where the directory
    /// cannot be listed.
    package static func leftovers(in directory: URL) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.sorted().compactMap { name in
            guard name.hasPrefix(temporaryPrefix),
                let process = name.dropFirst(temporaryPrefix.count).split(separator: "-").first.flatMap({ pid_t($0) }),
                process == getpid() || kill(process, 0) != 0 && errno == ESRCH
            else { return nil }
            return directory.appending(path: name)
        }
    }

    /// Removes ``leftovers(in:)``, where this process is writing nothing. What cannot be removed does nothing but take space.
    package static func removeLeftovers(in directory: URL) {
        for file in leftovers(in: directory) { unlink(file.path) }
    }

    /// Brings a new file's or directory's entry to disk.
    ///
    /// - Throws: `FileWriteError`.
    package static func syncDirectory(of url: URL) throws {
        let calls = SystemCalls(path: url.path)
        let parent = url.deletingLastPathComponent().path
        let directory = Int32(
            try calls.attempt(.openDirectory) { Int(open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) })
        defer { close(directory) }
        try calls.syncDirectory(directory)
    }
}

/// A file that is being written, from its start on.
package final class FileSink {
    private let file: Int32
    private let calls: SystemCalls
    /// How much of the file has been written, and how much of that the disk was told to begin with.
    private var written = 0
    private var begun = 0

    fileprivate init(_ file: Int32, _ calls: SystemCalls) {
        self.file = file
        self.calls = calls
    }

    /// So much at a time, in bytes, that the disk writes one part while the next is being prepared.
    private static let chunk = 4 << 20

    /// - Returns: the checksum of the bytes, computed while they are being written.
    /// - Throws: `FileWriteError`.
    @discardableResult
    package func append(_ bytes: UnsafeRawBufferPointer) throws -> CRC32 {
        try CRC32.of(bytes) { try write(bytes) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.chunk))
            let count = try calls.attempt(.write) { Foundation.write(file, chunk.baseAddress, chunk.count) }
            written += count
            rest = rest.dropFirst(count)
            if written - begun >= Self.chunk { beginSync() }
        }
    }

    /// Writes over what stands at the start of the file.
    ///
    /// - Throws: `FileWriteError`.
    package func replaceStart(_ bytes: UnsafeRawBufferPointer) throws {
        var position = 0
        while position < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            position += try calls.attempt(.write) { pwrite(file, rest.baseAddress, rest.count, off_t(position)) }
        }
    }

    /// Has the disk begin with what has been written.
    private func beginSync() {
        cfiles_begin_sync(file, Int64(begun), Int64(written - begun))
        begun = written
    }
}

/// A name in a directory that is about to get a file.
private struct Target {
    /// Open, so that moving it meanwhile does no harm.
    let directory: Int32
    let name: String
    /// The permissions of the file that is replaced; nil where there is none.
    let mode: mode_t?
    private let calls: SystemCalls

    init(_ url: URL) throws {
        let target = url.resolvingSymlinksInPath()
        let calls = SystemCalls(path: url.path)
        let directoryPath = target.deletingLastPathComponent().path
        let directory = Int32(
            try calls.attempt(.openDirectory) { Int(open(directoryPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) })
        do {
            mode = try calls.permissions(of: target.lastPathComponent, in: directory)
        } catch {
            close(directory)
            throw error
        }
        self.directory = directory
        self.calls = calls
        name = target.lastPathComponent
    }

    /// Moves what `make` leaves under a temporary name in the directory into place.
    func replace<Result>(_ make: (_ temporary: String, _ calls: SystemCalls) throws -> Result) throws -> Result {
        let temporary = AtomicFile.temporaryName()
        let result: Result
        do {
            // Where both names are one file already, renaming leaves both.
            defer { unlinkat(directory, temporary, 0) }
            result = try make(temporary, calls)
            try calls.attempt(.rename) { Int(renameat(directory, temporary, directory, name)) }
        }
        try calls.syncDirectory(directory)
        return result
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

    func syncDirectory(_ directory: Int32) throws {
        try attempt(.syncDirectory) {
            let result = fsync(directory)
            // Some network filesystems cannot sync a directory; there is nothing more to be done on those.
            return result != 0 && errno == EINVAL ? 0 : Int(result)
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
        return status.permissions
    }
}

extension stat {
    fileprivate var permissions: mode_t { st_mode & 0o7777 }
}
