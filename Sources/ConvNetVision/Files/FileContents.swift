import Foundation

/// Reads a whole file into memory.
///
/// This is `Data(contentsOf:)` with the reasons of the operating system, which Foundation words differently on Linux
/// and Mac, and without waiting for a pipe or a terminal to end.
///
/// - Throws: `DatasetError.fileNotFound`, `.notAFile` for a directory, pipe or device, `.unreadable` with the system's
///   reason for everything else.
func readFile(_ url: URL) throws(DatasetError) -> Data {
    let path = url.path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
        throw errno == ENOENT ? .fileNotFound(file: path) : .unreadable(file: path, reason: systemReason())
    }
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(file: path, reason: systemReason()) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(file: path) }

    var data = Data(count: Int(status.st_size))
    let size = data.withUnsafeMutableBytes { readAll(descriptor, into: $0) }
    guard let size else { throw .unreadable(file: path, reason: systemReason()) }
    return data.prefix(size)
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

/// What the operating system says about the last call that failed: `Permission denied`.
func systemReason() -> String {
    String(cString: strerror(errno))
}
