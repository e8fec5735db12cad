import ConvNetGraph
import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file of events that TensorBoard shows, and follows while it grows.
///
///     let file = try TensorBoardFile(in: URL(filePath: "tensorboard/validation"))
///     try file.append(TensorBoardEvent(at: .now, step: 1, .values([.scalar("accuracy", 0.9)])))
///
/// A process that goes on with a run writes a file of its own, which begins with ``TensorBoardEvent/Content/sessionStart``.
public final class TensorBoardFile {
    /// `events.out.tfevents.<seconds>.<host>.<process>.<number>`.
    public let url: URL
    private let descriptor: Int32

    /// Makes the directory where it is missing, and a new file in it.
    ///
    /// - Parameter time: the file's, and its first event's.
    /// - Throws: `FileWriteError`.
    public init(in directory: URL, at time: Date = .now) throws {
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        } catch {
            throw FileWriteError(
                path: directory.relativePath, operation: .make, code: systemCode(of: error) ?? ENOTDIR)
        }
        let seconds = String(format: "%010d", Int(time.timeIntervalSince1970))
        var number = 0
        while true {
            let name = "events.out.tfevents.\(seconds).\(HostName.current).\(getpid()).\(number)"
            let file = directory.appending(path: name)
            let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o644)
            if descriptor >= 0 {
                url = file
                self.descriptor = descriptor
                break
            }
            guard errno == EEXIST else {
                throw FileWriteError(path: file.relativePath, operation: .make, code: errno)
            }
            number += 1
        }
        try append(TensorBoardEvent(at: time, .fileVersion))
    }

    deinit { close(descriptor) }

    /// Writes an event at the end. A reader never sees more than the last one cut off.
    ///
    /// - Throws: `FileWriteError`; what of the record had been written is then taken back, so that others can follow.
    public func append(_ event: TensorBoardEvent) throws {
        let start = lseek(descriptor, 0, SEEK_END)
        var rest = event.record[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                let code = errno
                if start >= 0 { _ = ftruncate(descriptor, start) }
                throw FileWriteError(path: url.relativePath, operation: .write, code: code)
            }
        }
    }
}
