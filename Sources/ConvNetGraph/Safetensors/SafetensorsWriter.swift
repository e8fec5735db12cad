import Foundation

/// Collects tensors and writes them as a safetensors file.
///
///     var writer = SafetensorsWriter(metadata: ["format": "pt"])
///     try writer.append("fc.weight", shape: [10, 128], floats: weights)
///     try writer.write(to: url)
///
/// The same tensors and metadata give the same bytes, in whichever order they were appended.
public struct SafetensorsWriter: Sendable {
    private struct Tensor {
        let name: String
        let dtype: SafetensorsDType
        let shape: [Int]
        /// nil where they are asked for when the file is written.
        let elements: Elements?
        let byteCount: Int

        func check(_ elements: Elements) throws(SafetensorsError) {
            guard elements.byteCount == byteCount else {
                throw .wrongDataSize(
                    tensor: name, dtype: dtype, shape: shape, expected: byteCount, found: elements.byteCount)
            }
        }
    }

    /// As they were given, since weights may fill much of the memory.
    private enum Elements {
        case floats([Float])
        case integers([Int64])
        case bytes(Data)

        var byteCount: Int {
            switch self {
            case .floats(let values): values.count * MemoryLayout<Float>.size
            case .integers(let values): values.count * MemoryLayout<Int64>.size
            case .bytes(let bytes): bytes.count
            }
        }

        /// The elements as they belong in the file.
        func withBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
            switch self {
            #if _endian(little)
            case .floats(let values): try values.withUnsafeBytes(body)
            case .integers(let values): try values.withUnsafeBytes(body)
            #else
            case .floats(let values): try values.map { $0.bitPattern.byteSwapped }.withUnsafeBytes(body)
            case .integers(let values): try values.map { $0.byteSwapped }.withUnsafeBytes(body)
            #endif
            case .bytes(let bytes): try bytes.withUnsafeBytes(body)
            }
        }
    }

    /// The data section starts at a multiple of this many bytes, so that a mapped file can be used in place.
    private static let alignment = 64

    /// The strings that the file carries beside its tensors.
    public var metadata: [String: String]

    /// Whether the file tells the CRC-32 of each tensor and of its metadata, by which ``SafetensorsFile`` finds damage.
    public let hasChecksums: Bool

    private var tensors: [String: Tensor] = [:]

    /// Creates a writer without tensors.
    ///
    /// - Parameter checksums: see ``hasChecksums``. They add the entries `convnet.crc32` and `convnet.crc32.metadata` to the
    ///   metadata, which keeps none that came from another file.
    public init(metadata: [String: String] = [:], checksums: Bool = false) {
        self.metadata = metadata
        hasChecksums = checksums
    }

    /// Adds a tensor of dtype F32, given row-major.
    ///
    /// - Throws: `SafetensorsError` where the name is taken, or the shape does not fit the number of elements.
    public mutating func append(_ name: String, shape: [Int], floats: [Float]) throws {
        try append(name, dtype: .f32, shape: shape, .floats(floats))
    }

    /// Adds a tensor of dtype I64, given row-major.
    ///
    /// - Throws: `SafetensorsError` where the name is taken, or the shape does not fit the number of elements.
    public mutating func append(_ name: String, shape: [Int], integers: [Int64]) throws {
        try append(name, dtype: .i64, shape: shape, .integers(integers))
    }

    /// Adds a tensor of any dtype, given as the bytes that belong in the file: row-major, little-endian.
    ///
    /// - Throws: `SafetensorsError` where the name is taken, or the shape does not fit the number of bytes.
    public mutating func append(_ name: String, dtype: SafetensorsDType, shape: [Int], bytes: Data) throws {
        try append(name, dtype: dtype, shape: shape, .bytes(bytes))
    }

    /// Adds a tensor of dtype F32 whose elements ``write(to:floats:)`` asks for.
    ///
    /// - Throws: `SafetensorsError` where the name is taken.
    package mutating func append(_ name: String, shape: [Int]) throws {
        try append(name, dtype: .f32, shape: shape, nil)
    }

    private mutating func append(
        _ name: String, dtype: SafetensorsDType, shape: [Int], _ elements: Elements?
    ) throws {
        guard name != SafetensorsHeader.metadataKey else { throw SafetensorsError.reservedName(tensor: name) }
        guard name.utf8.count <= Limits.tensorNameBytes else {
            throw SafetensorsError.nameTooLong(
                tensor: name, length: name.utf8.count, limit: Limits.tensorNameBytes)
        }
        guard tensors[name] == nil else { throw SafetensorsError.duplicateTensor(tensor: name) }
        guard let expected = dtype.byteCount(ofShape: shape) else {
            throw SafetensorsError.invalidShape(tensor: name, shape: shape)
        }
        let tensor = Tensor(name: name, dtype: dtype, shape: shape, elements: elements, byteCount: expected)
        if let elements { try tensor.check(elements) }
        tensors[name] = tensor
    }

    /// The file as it would be written.
    ///
    /// - Throws: `SafetensorsError.headerExceedsLimit`.
    public func encoded() throws -> Data {
        var file = Data(capacity: tensors.values.reduce(0) { $0 + $1.byteCount })
        _ = try write(
            floats: Self.noFloats,
            append: { bytes in
                file.append(contentsOf: bytes)
                var checksum = CRC32()
                checksum.append(bytes)
                return checksum
            },
            replaceStart: { file.replaceSubrange(0..<$0.count, with: $0) })
        return file
    }

    /// Writes the file, replacing one that is there only when the new one is complete and on disk.
    ///
    /// - Throws: `SafetensorsError.headerExceedsLimit`, or `FileWriteError`.
    public func write(to url: URL) throws {
        _ = try writeReturningChecksum(to: url)
    }

    /// Writes the file as ``write(to:)`` does, with elements that need not be in memory all at a time.
    ///
    /// - Parameter floats: the elements of a tensor that was added without them, row-major.
    /// - Throws: `SafetensorsError.wrongDataSize` too, where these are not as many as its shape says; a file that was there
    ///   then stays.
    /// - Returns: the checksum of the whole file.
    package func writeReturningChecksum(
        to url: URL, floats: (_ name: String) throws -> [Float] = noFloats
    ) throws -> FileChecksum {
        try AtomicFile.write(to: url) { file in
            try write(floats: floats, append: file.append, replaceStart: file.replaceStart)
        }
    }

    /// For a file whose tensors have all been added with their elements.
    package static func noFloats(_ name: String) -> [Float] { [] }

    /// Writes all bytes of the file in their order. The checksums stand before what they are computed from, and are known when
    /// that has been written: the start is then written again.
    private func write(
        floats: (_ name: String) throws -> [Float], append: (UnsafeRawBufferPointer) throws -> CRC32,
        replaceStart: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> FileChecksum {
        let tensors = tensorsInOrder
        var checksums = SafetensorsChecksums(tensors: self.tensors.mapValues { _ in 0 })
        var whole = CRC32()
        var start = try start(of: tensors, checksums)
        whole.append(try start.withUnsafeBytes(append), count: start.count)
        var written = start.count
        var content = CRC32()
        for tensor in tensors {
            let elements: Elements
            if let known = tensor.elements {
                elements = known
            } else {
                elements = .floats(try floats(tensor.name))
                try tensor.check(elements)
            }
            try elements.withBytes { bytes in
                let checksum = try append(bytes)
                checksums.tensors[tensor.name] = checksum.value
                content.append(checksum, count: bytes.count)
                written += bytes.count
            }
        }
        if hasChecksums {
            start = try self.start(of: tensors, checksums)
            try start.withUnsafeBytes(replaceStart)
            whole = CRC32()
            start.withUnsafeBytes { whole.append($0) }
        }
        whole.append(content, count: written - start.count)
        return FileChecksum(bytes: written, crc32: whole.value)
    }

    /// Wide elements first: every tensor then starts at a multiple of the size of its elements.
    private var tensorsInOrder: [Tensor] {
        tensors.values.sorted { first, second in
            first.dtype.byteWidth == second.dtype.byteWidth
                ? first.name.utf8.lexicographicallyPrecedes(second.name.utf8)
                : first.dtype.byteWidth > second.dtype.byteWidth
        }
    }

    /// What stands before the elements: the header, and its length.
    private func start(of tensors: [Tensor], _ checksums: SafetensorsChecksums) throws -> Data {
        let metadata =
            hasChecksums ? try checksums.added(to: metadata) : SafetensorsChecksums.removed(from: metadata)
        let header = header(of: tensors, metadata)
        guard header.count <= SafetensorsHeader.maximumLength else {
            throw SafetensorsError.headerExceedsLimit(length: header.count, limit: SafetensorsHeader.maximumLength)
        }
        return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) } + header
    }

    private func header(of tensors: [Tensor], _ metadata: [String: String]) -> Data {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { "\(jsonString($0.key)):\(jsonString($0.value))" }
            members.append("\(jsonString(SafetensorsHeader.metadataKey)):{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for tensor in tensors {
            let end = offset + tensor.byteCount
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(jsonString(tensor.name)):"
                    + #"{"dtype":"\#(tensor.dtype.rawValue)","shape":[\#(shape)],"data_offsets":[\#(offset),\#(end)]}"#)
            offset = end
        }
        var header = Data("{\(members.joined(separator: ","))}".utf8)
        let excess = (SafetensorsFile.lengthBytes + header.count) % Self.alignment
        if excess > 0 {
            header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: Self.alignment - excess))
        }
        return header
    }
}

/// The text as a JSON string. Only what must be escaped is; everything else stands as UTF-8.
private func jsonString(_ text: String) -> String {
    let quote = UInt8(ascii: "\"")
    let backslash = UInt8(ascii: "\\")
    var result = [quote]
    for byte in text.utf8 {
        switch byte {
        case quote, backslash:
            result += [backslash, byte]
        case ..<0x20:
            result += (byte < 0x10 ? "\\u000" : "\\u00").utf8
            result += String(byte, radix: 16).utf8
        default:
            result.append(byte)
        }
    }
    result.append(quote)
    return String(decoding: result, as: UTF8.self)
}
