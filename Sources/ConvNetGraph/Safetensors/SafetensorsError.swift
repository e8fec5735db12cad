import ConvNetPages
import Foundation

/// Why a safetensors file could not be read or written.
///
/// `description` is one line that says what is wrong where, and what to do about it. Text that comes out of a file is
/// shortened there and its control characters are escaped, so the line is safe to print.
public enum SafetensorsError: Error, Equatable, Sendable {
    /// The part of a header in which an error was found.
    public enum HeaderPart: Equatable, Sendable {
        /// The object that holds the names of the tensors.
        case topLevel
        /// The `__metadata__`.
        case metadata
        /// The entry of the tensor of this name.
        case tensor(String)
    }

    /// The operating system would not open or read the file.
    case unreadable(file: String, reason: String)
    /// The file is shorter than the eight bytes that give the length of the header.
    case missingHeaderLength(file: String, found: Int)
    /// The file gives its header a length in bytes beyond the limit of the format.
    case headerTooLong(file: String, length: UInt64, limit: Int)
    /// The file ends before its header does; both counts are bytes of header.
    case headerCutShort(file: String, promised: Int, found: Int)
    /// The header does not begin with `{`.
    case headerNotAnObject(file: String)
    /// The header is not JSON, or a value is not of the type that belongs there; `offset` counts from the file's start.
    case malformedHeader(file: String, part: HeaderPart, offset: Int, problem: String)
    /// A name occurs twice in one object of the header.
    case duplicateKey(file: String, part: HeaderPart, key: String)
    /// The entry of a tensor lacks a field.
    case missingField(file: String, tensor: String, field: String)
    /// The element type of a tensor is none of `SafetensorsDType`.
    case unknownDType(file: String, tensor: String, dtype: String)
    /// The byte count of a tensor exceeds what an `Int` holds.
    case sizeOverflow(file: String, tensor: String, dtype: SafetensorsDType, shape: [Int])
    /// The data of a tensor ends before it begins; offsets count from the start of the data section.
    case reversedOffsets(file: String, tensor: String, begin: Int, end: Int)
    /// The offsets of a tensor enclose another number of bytes than its type and shape take.
    case wrongByteCount(
        file: String, tensor: String, dtype: SafetensorsDType, shape: [Int], expected: Int, begin: Int, end: Int)
    /// A tensor does not begin where the one before it ends, at `expected`: they overlap, or there is a hole.
    case notContiguous(file: String, tensor: String, begin: Int, expected: Int)
    /// The file ends before its last tensor does; both counts are bytes of the data section.
    case dataCutShort(file: String, promised: Int, found: Int)
    /// The file goes on after its last tensor; both counts are bytes of the data section.
    case trailingBytes(file: String, promised: Int, found: Int)
    /// The bytes of a tensor, or the metadata, are not those that the file's checksums were computed from.
    case damaged(file: String, part: HeaderPart)
    /// The file has no tensor of the name asked for.
    case missingTensor(file: String, tensor: String, available: [String])
    /// The elements of a tensor take more memory than there is, in bytes.
    case tensorDoesNotFit(file: String, tensor: String, bytes: Int, available: Int)
    /// The elements of a tensor are not of a type that can be converted to the one asked for.
    case unsupportedConversion(file: String, tensor: String, dtype: SafetensorsDType, wanted: String)

    /// Two tensors to be written have one name.
    case duplicateTensor(tensor: String)
    /// A tensor to be written has the name that the format keeps for metadata.
    case reservedName(tensor: String)
    /// A tensor to be written has a name of more bytes than are read again.
    case nameTooLong(tensor: String, length: Int, limit: Int)
    /// A tensor to be written has a negative size, or more bytes than an `Int` holds.
    case invalidShape(tensor: String, shape: [Int])
    /// A tensor to be written came with another number of bytes than its type and shape take.
    case wrongDataSize(tensor: String, dtype: SafetensorsDType, shape: [Int], expected: Int, found: Int)
    /// The names and metadata to be written make a header longer than the format allows.
    case headerExceedsLimit(length: Int, limit: Int)
}

extension SafetensorsError: CustomStringConvertible, LocalizedError {
    public var errorDescription: String? { description }

    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(printable(file)): cannot be read: \(printable(reason))"
        case .missingHeaderLength(let file, let found):
            "\(printable(file)): has \(found) bytes, but a safetensors file has at least 8; fetch or export it again"
        case .headerTooLong(let file, let length, let limit):
            "\(printable(file)): promises a header of \(length) bytes, but the format allows \(limit); "
                + "check that it is a safetensors file"
        case .headerCutShort(let file, let promised, let found):
            "\(printable(file)): promises a header of \(promised) bytes, but only \(found) follow; "
                + "it was cut short or is no safetensors file; fetch or export it again"
        case .headerNotAnObject(let file):
            "\(printable(file)): its header does not begin with '{' at byte 8; check that it is a safetensors file"
        case .malformedHeader(let file, let part, let offset, let problem):
            "\(printable(file)): malformed header at byte \(offset)\(part.location): \(problem); export the file again"
        case .duplicateKey(let file, let part, let key):
            "\(printable(file)): the header has \(quoted(key)) twice\(part.location); "
                + "export the file again with distinct names"
        case .missingField(let file, let tensor, let field):
            "\(printable(file)): tensor \(quoted(tensor)) has no '\(field)'; export the file again"
        case .unknownDType(let file, let tensor, let dtype):
            "\(printable(file)): tensor \(quoted(tensor)) has the unknown dtype \(quoted(dtype)); "
                + "convert it to one of \(SafetensorsDType.allCases.map(\.rawValue).joined(separator: ", "))"
        case .sizeOverflow(let file, let tensor, let dtype, let shape):
            "\(printable(file)): tensor \(quoted(tensor)), \(dtype.rawValue) \(list(shape)), "
                + "takes more than \(Int.max) bytes; export the file again"
        case .reversedOffsets(let file, let tensor, let begin, let end):
            "\(printable(file)): the data of tensor \(quoted(tensor)) begins at \(begin), after its end at \(end); "
                + "export the file again"
        case .wrongByteCount(let file, let tensor, let dtype, let shape, let expected, let begin, let end):
            "\(printable(file)): tensor \(quoted(tensor)), \(dtype.rawValue) \(list(shape)), takes \(expected) bytes, "
                + "but its offsets \(begin) to \(end) enclose \(end - begin); export the file again"
        case .notContiguous(let file, let tensor, let begin, let expected):
            "\(printable(file)): the data of tensor \(quoted(tensor)) begins at \(begin) instead of \(expected) and "
                + (begin < expected ? "overlaps the tensor before it" : "leaves a hole before it")
                + "; export the file again"
        case .dataCutShort(let file, let promised, let found):
            "\(printable(file)): promises \(promised) bytes of tensor data, but only \(found) follow the header; "
                + "it was cut short; fetch or export it again"
        case .trailingBytes(let file, let promised, let found):
            "\(printable(file)): promises \(promised) bytes of tensor data, but \(found) follow the header; "
                + "remove what was appended, or export the file again"
        case .damaged(let file, let part):
            "\(printable(file)): \(part.subject) not as it was written: its checksum is another; fetch or export the file again "
                + "(a program that changes tensors has to remove '\(SafetensorsChecksums.tensorsKey)' and "
                + "'\(SafetensorsChecksums.metadataKey)' from the metadata)"
        case .missingTensor(let file, let tensor, let available):
            "\(printable(file)): has no tensor \(quoted(tensor)); "
                + (available.isEmpty ? "it has none at all" : "it has \(list(available.map(quoted)))")
        case .tensorDoesNotFit(let file, let tensor, let bytes, let available):
            "\(printable(file)): tensor \(quoted(tensor)) takes \(bytes.byteSize), and \(available.byteSize) of memory are free; "
                + "free some memory"
        case .unsupportedConversion(let file, let tensor, let dtype, let wanted):
            "\(printable(file)): tensor \(quoted(tensor)) has the dtype \(dtype.rawValue), which cannot be read as "
                + "\(wanted); convert it before export"
        case .duplicateTensor(let tensor):
            "cannot write two tensors called \(quoted(tensor)); give each its own name"
        case .reservedName(let tensor):
            "cannot write a tensor called \(quoted(tensor)), a name kept for metadata; rename it"
        case .nameTooLong(let tensor, let length, let limit):
            "cannot write a tensor called \(quoted(tensor)), a name of \(length) bytes; at most \(limit) are allowed"
        case .invalidShape(let tensor, let shape):
            "cannot write tensor \(quoted(tensor)) of shape \(list(shape)): "
                + "sizes must be 0 or more and the bytes at most \(Int.max)"
        case .wrongDataSize(let tensor, let dtype, let shape, let expected, let found):
            "cannot write tensor \(quoted(tensor)), \(dtype.rawValue) \(list(shape)): "
                + "it takes \(expected) bytes, but \(found) were given"
        case .headerExceedsLimit(let length, let limit):
            "cannot write a header of \(length) bytes, as the format allows \(limit); shorten names or metadata"
        }
    }
}

extension SafetensorsError.HeaderPart {
    /// What this part is, and a verb.
    fileprivate var subject: String {
        switch self {
        case .topLevel: "its header is"
        case .metadata: "its metadata is"
        case .tensor(let name): "tensor \(quoted(name)) is"
        }
    }

    /// Where this part is, worded to follow what happened there.
    fileprivate var location: String {
        switch self {
        case .topLevel: ""
        case .metadata: " in the metadata"
        case .tensor(let name): " in the entry of tensor \(quoted(name))"
        }
    }
}

private func list(_ sizes: [Int]) -> String {
    "[\(list(sizes.map(String.init)))]"
}

private func list(_ items: [String]) -> String {
    items.count <= 8
        ? items.joined(separator: ", ")
        : items.prefix(6).joined(separator: ", ") + ", … (\(items.count) in all)"
}
