import ConvNetGraph
import ConvNetPages
import Foundation

/// A view of a storage.
struct PyTorchTensor {
    /// A value of a pickle that is no tensor which can be read.
    struct Unusable: Error {
        /// What is wrong with it, behind its name.
        var problem: String
    }

    let info: WeightInfo
    /// The storage's key.
    let storage: String
    /// In elements.
    private let offset: Int
    private let strides: [Int]

    var count: Int { info.shape.reduce(1, *) }

    /// Checks that every element lies in the storage, and that there are no more of them than it has.
    init(_ value: PickleTable.Index, in content: PyTorchContent) throws(Unusable) {
        let table = content.table
        let arguments = try Self.arguments(of: value, in: table)
        guard arguments.count >= 4, case .persistent(let storageName) = table[arguments[0]],
            let offset = table.integer(arguments[1]), let shape = table.integers(arguments[2]),
            let strides = table.integers(arguments[3])
        else { throw Unusable(problem: "is not described as tensors are") }
        guard let name = StorageName(storageName, in: table) else {
            throw Unusable(problem: "has elements of a type that is not read here; save it as float32")
        }
        guard let storage = content.storages[name.key] else {
            throw Unusable(problem: "lies in a storage that the file lacks")
        }
        guard shape.count == strides.count, shape.count <= Limits.tensorRank, offset >= 0,
            (shape + strides).allSatisfy({ $0 >= 0 })
        else { throw Unusable(problem: "has the shape \(shape) with the strides \(strides)") }
        let available = storage.bytes.count / name.dtype.byteWidth
        let count = shape.reduce(1) { $0.saturatingProduct($1) }
        // The place behind the last element.
        let end =
            count == 0
            ? 0
            : zip(shape, strides).reduce(offset.saturatingSum(1)) {
                $0.saturatingSum(($1.0 - 1).saturatingProduct($1.1))
            }
        guard end <= available, count <= available else {
            throw Unusable(
                problem: "of shape \(Shape(shape)) has more elements than its storage, which has \(available.grouped)")
        }
        info = WeightInfo(dtype: name.dtype, shape: shape)
        self.storage = name.key
        self.offset = offset
        self.strides = strides
    }

    /// What the function that makes a tensor is called with; parameters are tensors with something around them.
    private static func arguments(of value: PickleTable.Index, in table: PickleTable) throws(Unusable) -> [PickleTable
        .Index]
    {
        var value = value
        // A parameter of a parameter is none that PyTorch writes.
        for _ in 0..<2 {
            guard case .object(let callable, let arguments) = table[value], let global = table.global(callable) else {
                throw Unusable(problem: "is no tensor")
            }
            switch (global.module, global.name) {
            case ("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor"): return arguments
            case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"):
                guard let tensor = arguments.first else { throw Unusable(problem: "is not described as tensors are") }
                value = tensor
            default:
                throw Unusable(problem: "would be made by \(shortened(global.description)), which is not executed")
            }
        }
        throw Unusable(problem: "is not described as tensors are")
    }

    /// Whether a value says that it is a tensor, whichever kind, or something made of one.
    static func isTensor(_ value: PickleTable.Index, in table: PickleTable) -> Bool {
        guard case .object(let callable, let arguments) = table[value] else { return false }
        return isTensorFunction(callable, in: table)
            || arguments.contains {
                guard case .object(let callable, _) = table[$0] else { return false }
                return isTensorFunction(callable, in: table)
            }
    }

    private static func isTensorFunction(_ callable: PickleTable.Index, in table: PickleTable) -> Bool {
        guard let global = table.global(callable) else { return false }
        return global.module == "torch._utils" && global.name.hasPrefix("_rebuild_")
    }

    /// The elements, row-major; nil where they are no numbers of floating point and no integers.
    func floats(in bytes: Data) -> [Float]? {
        switch info.dtype {
        case .f32: elements(bytes) { (bits: UInt32) in Float(bitPattern: bits) }
        case .f64: elements(bytes) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        case .f16: elements(bytes) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
        case .bf16: elements(bytes) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
        case .i64: elements(bytes) { (value: Int64) in Float(value) }
        case .i32: elements(bytes) { (value: Int32) in Float(value) }
        case .i16: elements(bytes) { (value: Int16) in Float(value) }
        case .i8: elements(bytes) { (value: Int8) in Float(value) }
        case .u8, .bool: elements(bytes) { (value: UInt8) in Float(value) }
        default: nil
        }
    }

    private func elements<Stored: FixedWidthInteger>(_ bytes: Data, convert: (Stored) -> Float) -> [Float] {
        let width = MemoryLayout<Stored>.size
        return bytes.withUnsafeBytes { source in
            func element(_ place: Int) -> Float {
                convert(Stored(littleEndian: source.loadUnaligned(fromByteOffset: place * width, as: Stored.self)))
            }
            return Array(unsafeUninitializedCapacity: count) { elements, filled in
                // Rows of the innermost dimension, in the order of the shape; the indices of the others count up like digits.
                let (length, stride) = (info.shape.last ?? 1, strides.last ?? 1)
                var indices = info.shape.dropLast().map { _ in 0 }
                var row = offset
                while filled < count {
                    for index in 0..<length {
                        elements.initializeElement(at: filled + index, to: element(row + index * stride))
                    }
                    filled += length
                    for digit in indices.indices.reversed() {
                        indices[digit] += 1
                        row += strides[digit]
                        if indices[digit] < info.shape[digit] { break }
                        row -= indices[digit] * strides[digit]
                        indices[digit] = 0
                    }
                }
            }
        }
    }
}
