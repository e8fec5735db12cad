import Foundation

/// A safetensors file that has been opened and checked: named tensors, row-major, and a dictionary of strings.
///
///     let file = try SafetensorsFile(contentsOf: url)
///     let weight = try file.floats(named: "conv1.weight")
///
/// Opening reads the header only. The file is safe to open wherever it comes from: a header that is malformed,
/// contradicts itself or does not fit the size of the file is refused with a `SafetensorsError`. Where the file has checksums,
/// as those that ``SafetensorsWriter`` writes with them, a tensor that has been damaged is refused when it is read.
///
/// Two names that differ only in how Unicode composes a character, such as é, count as the same name and are refused.
public struct SafetensorsFile: Sendable {
    /// What a file says about one tensor.
    public struct TensorInfo: Equatable, Sendable {
        /// The type of the elements.
        public let dtype: SafetensorsDType

        /// The sizes, outermost first; empty for a scalar, and 0 is a legal size.
        public let shape: [Int]

        /// Where the elements are, in bytes from the start of the data section.
        public let byteRange: Range<Int>

        /// The number of elements.
        public var count: Int { byteRange.count / dtype.byteWidth }
    }

    /// What messages call the file.
    public let name: String

    /// The strings that the file carries beside its tensors.
    public let metadata: [String: String]

    /// The tensors by name.
    public let tensors: [String: TensorInfo]

    /// The names of the tensors in the order of their data.
    public let names: [String]

    /// The size of the integer, at the start of the file, that gives the length of the header.
    static let lengthBytes = 8

    /// The bytes behind the header.
    private let data: Data

    private let checksums: SafetensorsChecksums?

    /// Whether the file tells the checksums of its tensors, so that damage is found where they are read.
    public var hasChecksums: Bool { checksums != nil }

    /// Opens a file. It is mapped into memory where that is possible and must not be changed in place while in use;
    /// replacing it, as `AtomicFile` does, is safe.
    ///
    /// - Throws: `SafetensorsError`.
    public init(contentsOf url: URL) throws {
        try self.init(data: Self.content(of: url), name: url.path)
    }

    /// The bytes of a file, mapped into memory where that is possible.
    ///
    /// - Throws: `SafetensorsError.unreadable`.
    package static func content(of url: URL) throws -> Data {
        func unreadable(_ reason: String) -> SafetensorsError { .unreadable(file: url.path, reason: reason) }
        var status = stat()
        guard stat(url.path, &status) == 0 else { throw unreadable(systemReason()) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw unreadable(systemReason(EISDIR))
        // Foundation would wait for a pipe, or say something else of it.
        default: throw unreadable("it is a pipe or a device, not a file")
        }
        do {
            return try Data(contentsOf: url, options: .mappedIfSafe)
        } catch {
            throw unreadable(systemReason(for: error))
        }
    }

    /// Opens a file that is in memory; messages call it `name`.
    ///
    /// - Throws: `SafetensorsError`.
    public init(data: Data, name: String) throws {
        guard data.count >= Self.lengthBytes else {
            throw SafetensorsError.missingHeaderLength(file: name, found: data.count)
        }
        let length = data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= UInt64(SafetensorsHeader.maximumLength) else {
            throw SafetensorsError.headerTooLong(file: name, length: length, limit: SafetensorsHeader.maximumLength)
        }
        let body = data.dropFirst(Self.lengthBytes)
        guard length <= UInt64(body.count) else {
            throw SafetensorsError.headerCutShort(file: name, promised: Int(length), found: body.count)
        }
        self.data = body.dropFirst(Int(length))
        let header = try SafetensorsHeader(
            json: [UInt8](body.prefix(Int(length))), dataLength: self.data.count, file: name)
        self.name = name
        metadata = header.metadata
        tensors = header.tensors
        names = header.names
        checksums = try SafetensorsChecksums(in: metadata, tensors: names, file: name)
    }

    /// The bytes of a tensor, little-endian, without copying them. The indices of the result need not start at 0.
    ///
    /// - Throws: `SafetensorsError.missingTensor`, `.damaged`.
    public func bytes(named tensor: String) throws -> Data {
        let info = try info(named: tensor)
        let bytes = data.dropFirst(info.byteRange.lowerBound).prefix(info.byteRange.count)
        try checksums?.check(tensor, bytes, file: name)
        return bytes
    }

    /// The elements of a tensor of dtype F32, bit for bit, or of F16, BF16 or F64, converted.
    ///
    /// - Throws: `SafetensorsError.missingTensor`, `.damaged`, `.unsupportedConversion` for other dtypes, or `.tensorDoesNotFit` where memory
    ///   has no room for them: a file may have holes, which take none on the disk.
    public func floats(named tensor: String) throws -> [Float] {
        let info = try info(named: tensor)
        try checkRoom(for: info, named: tensor, elementBytes: MemoryLayout<Float>.size)
        return switch info.dtype {
        case .f32: try elements(of: tensor, info) { (bits: UInt32) in Float(bitPattern: bits) }
        case .f64: try elements(of: tensor, info) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        case .f16: try elements(of: tensor, info) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
        case .bf16: try elements(of: tensor, info) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
        default:
            throw SafetensorsError.unsupportedConversion(
                file: name, tensor: tensor, dtype: info.dtype, wanted: "floating point")
        }
    }

    /// The elements of a tensor of any integer dtype but U64, which may not fit, or of BOOL, as 0 and 1.
    ///
    /// - Throws: `SafetensorsError.missingTensor`, `.damaged`, `.unsupportedConversion` for other dtypes, or `.tensorDoesNotFit`.
    public func integers(named tensor: String) throws -> [Int64] {
        let info = try info(named: tensor)
        try checkRoom(for: info, named: tensor, elementBytes: MemoryLayout<Int64>.size)
        return switch info.dtype {
        case .i64: try elements(of: tensor, info) { (value: Int64) in value }
        case .i32: try elements(of: tensor, info) { (value: Int32) in Int64(value) }
        case .u32: try elements(of: tensor, info) { (value: UInt32) in Int64(value) }
        case .i16: try elements(of: tensor, info) { (value: Int16) in Int64(value) }
        case .u16: try elements(of: tensor, info) { (value: UInt16) in Int64(value) }
        case .i8: try elements(of: tensor, info) { (value: Int8) in Int64(value) }
        case .u8: try elements(of: tensor, info) { (value: UInt8) in Int64(value) }
        case .bool: try elements(of: tensor, info) { (value: UInt8) in value == 0 ? 0 : 1 }
        default:
            throw SafetensorsError.unsupportedConversion(
                file: name, tensor: tensor, dtype: info.dtype, wanted: "integers")
        }
    }

    private func info(named tensor: String) throws -> TensorInfo {
        guard let info = tensors[tensor] else {
            throw SafetensorsError.missingTensor(file: name, tensor: tensor, available: names)
        }
        return info
    }

    private func checkRoom(for info: TensorInfo, named tensor: String, elementBytes: Int) throws {
        let bytes = info.count.saturatingProduct(elementBytes)
        guard let available = AvailableMemory.tooLittle(for: bytes) else { return }
        throw SafetensorsError.tensorDoesNotFit(file: name, tensor: tensor, bytes: bytes, available: available)
    }

    private func elements<Stored: FixedWidthInteger, Element>(
        of tensor: String, _ info: TensorInfo, convert: (Stored) -> Element
    ) throws -> [Element] {
        try bytes(named: tensor).withUnsafeBytes { source in
            Array(unsafeUninitializedCapacity: info.count) { elements, count in
                for index in 0..<info.count {
                    // Other writers need not align the data section.
                    let stored = source.loadUnaligned(
                        fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
                    elements.initializeElement(at: index, to: convert(Stored(littleEndian: stored)))
                }
                count = info.count
            }
        }
    }
}
