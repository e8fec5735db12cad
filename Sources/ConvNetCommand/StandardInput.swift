import ArgumentParser
import ConvNet
import ConvNetGraph
import Foundation

/// A picture that is piped into the command.
enum StandardInput {
    /// What stands for it among files.
    static let argument = "-"

    /// What messages call it.
    static let name = "standard input"

    /// Reads it to its end.
    ///
    /// - Throws: `ValidationError` where it is a terminal, on which nobody types a picture; ``StandardInputError``.
    static func read() throws -> Data {
        guard isatty(STDIN_FILENO) == 0 else {
            throw ValidationError("standard input is a terminal; pipe a picture into it, as in '… - < photo.jpg'")
        }
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Foundation.read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw StandardInputError(problem: "cannot be read: \(systemReason())")
            }
            guard count > 0 else { break }
            data.append(contentsOf: buffer[..<count])
            // A picture that is larger than this cannot be decoded either.
            guard data.count <= ImageFile.memoryLimit else { throw StandardInputError(problem: "is larger than 1 GiB") }
        }
        guard !data.isEmpty else { throw StandardInputError(problem: "is empty; pipe a picture into it") }
        return data
    }
}

/// Standard input that cannot be read as a picture.
struct StandardInputError: Error, CustomStringConvertible {
    var problem: String

    var description: String { "\(StandardInput.name) \(problem)" }
}
