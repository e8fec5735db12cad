import ConvNetGraph
import Foundation

/// A file that is opened once, and read as far as it is asked for.
final class FileReader {
    /// What the system says of the file's size, in bytes. Some files, those under /proc, hold more than it says: nothing.
    let statedSize: Int

    private let path: String
    private let descriptor: CInt
    private let bytesForEach: Int
    private var room = Room(size: 0)
    private var count = 0
    private var hasEnded = false

    /// Memory that lives as long as somebody looks at it.
    private final class Room: Sendable {
        let size: Int
        /// nil where the system does not grant as much.
        nonisolated(unsafe) let start: UnsafeMutableRawPointer?

        init(size: Int) {
            self.size = size
            start = malloc(max(size, 1))
        }

        deinit { free(start) }
    }

    /// Up to this size there is room for all of a file from the start, whatever is read of it: that costs nothing, and what has
    /// been read need not be moved.
    private static let smallSize = 1 << 24

    /// Opens a file, without waiting for a pipe or a terminal to end.
    ///
    /// - Parameter bytesForEach: how much memory its reader will need for each byte of it.
    /// - Throws: `DatasetError.fileNotFound`, `.notAFile` for a directory, pipe or device, `.unreadable` with the system's
    ///   reason for everything else.
    init(_ url: URL, bytesForEach: Int = 1) throws(DatasetError) {
        path = url.path
        self.bytesForEach = bytesForEach
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        let isThere = descriptor >= 0 && fstat(descriptor, &status) == 0
        statedSize = Int(status.st_size)
        guard isThere else {
            throw errno == ENOENT ? .fileNotFound(file: path) : .unreadable(file: path, reason: systemReason())
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(file: path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether all of it has been read.
    var isAtEnd: Bool { hasEnded || statedSize > 0 && count >= statedSize }

    /// The file's first bytes: at least `wanted`, or all that there are.
    ///
    /// - Throws: `DatasetError.unreadable`, `.notEnoughMemory`.
    func start(_ wanted: Int) throws(DatasetError) -> Data {
        while count < wanted, !isAtEnd {
            // Where the size is not known, the end comes sooner or later.
            let most = statedSize > 0 ? statedSize : max(2 * count, 1 << 16)
            try extend(to: min(wanted, most))
        }
        guard count > 0, let start = room.start else { return Data() }
        return Data(bytesNoCopy: start, count: count, deallocator: .custom { [room] _, _ in _ = room })
    }

    private func extend(to size: Int) throws(DatasetError) {
        try makeRoom(for: statedSize <= Self.smallSize ? max(size, statedSize) : size)
        let rest = UnsafeMutableRawBufferPointer(start: room.start.map { $0 + count }, count: size - count)
        guard let found = readAll(descriptor, into: rest) else {
            throw .unreadable(file: path, reason: systemReason())
        }
        if found < rest.count { hasEnded = true }
        count += found
    }

    private func makeRoom(for size: Int) throws(DatasetError) {
        guard size > room.size else { return }
        let needed = size.saturatingProduct(bytesForEach)
        if let available = AvailableMemory.tooLittle(for: needed) {
            throw .notEnoughMemory(file: path, needed: needed, available: available)
        }
        let larger = Room(size: size)
        guard let start = larger.start else { throw .unreadable(file: path, reason: systemReason()) }
        if let known = room.start { start.copyMemory(from: known, byteCount: count) }
        room = larger
    }
}

/// Reads a whole file into memory.
///
/// This is `Data(contentsOf:)` with the reasons of the operating system, which Foundation words differently on Linux
/// and Mac, without waiting for a pipe or a terminal to end, and without trying what memory has no room for.
///
/// - Parameter bytesForEach: how much memory the caller will need for each byte of the file.
/// - Throws: `DatasetError.fileNotFound`, `.notAFile` for a directory, pipe or device, `.notEnoughMemory`, `.unreadable`
///   with the system's reason for everything else.
package func readFile(_ url: URL, bytesForEach: Int = 1) throws(DatasetError) -> Data {
    try FileReader(url, bytesForEach: bytesForEach).start(.max)
}

/// Reads until the end of the file or of the buffer; returns the number of bytes, or nil with `errno` set.
private func readAll(_ descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    var position = 0
    while position < buffer.count {
        // Systems read at most 2³¹ - 1 bytes at a time.
        let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[position...].prefix(1 << 30))
        let count = read(descriptor, piece.baseAddress, piece.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { return nil }
        guard count > 0 else { break }
        position += count
    }
    return position
}
