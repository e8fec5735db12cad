import ConvNetGraph
import ConvNetPages
import Foundation

/// What both of PyTorch's containers have: a pickle, and the bytes of the storages that it names.
struct PyTorchContent {
    /// A container that cannot be read.
    struct Malformed: Error {
        /// The end of a sentence.
        var problem: String
    }

    let table: PickleTable
    let root: PickleTable.Index
    /// By the keys that the pickle has for them.
    private(set) var storages: [String: PyTorchStorage] = [:]

    /// The longest pickle that is read: of what it names only, so that those of the largest networks have less than a megabyte.
    private static let maximumPickle = 64 << 20

    /// The first bytes of a stream: a pickle of the number that says what it is.
    static let streamStart: [UInt8] = [
        0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
    ]

    // MARK: ZIP

    /// The container of today: `NAME/data.pkl`, and each storage as `NAME/data/KEY`.
    init(zip bytes: Data) throws(Malformed) {
        let archive: ZipArchive
        do {
            archive = try ZipArchive(bytes)
        } catch {
            throw Malformed(problem: error.problem)
        }
        let pickles = archive.members.keys.filter { $0.hasSuffix("/data.pkl") && $0.filter { $0 == "/" }.count == 1 }
        guard let path = pickles.first, pickles.count == 1, let pickle = archive.members[path] else {
            throw Malformed(
                problem:
                    "it is a ZIP archive without PyTorch's 'data.pkl'; unpack it, and name the file of weights in it")
        }
        let folder = path.dropLast("data.pkl".count)
        guard archive.members["\(folder)constants.pkl"] == nil else {
            throw Malformed(
                problem:
                    "it is a TorchScript program; save its weights in Python with torch.save(model.state_dict(), 'weights.pth')"
            )
        }
        if let order = archive.members["\(folder)byteorder"], archive.content(order).starts(with: Data("big".utf8)) {
            throw Malformed(problem: "its numbers are big-endian; save it on a machine with an x86 or ARM processor")
        }
        var position = 0
        (table, root) = try Self.pickle(archive.content(pickle), at: &position)
        for (member, range) in archive.members where member.hasPrefix("\(folder)data/") {
            storages[String(member.dropFirst(folder.count + "data/".count))] = PyTorchStorage(
                bytes: archive.content(range))
        }
    }

    // MARK: Stream

    /// The container of before 2020: pickles one behind the other, of a number that says what it is, of the version, of the machine,
    /// of the values and of the storages' keys, and then the storages, each behind its number of elements.
    init(stream bytes: Data) throws(Malformed) {
        guard bytes.starts(with: Self.streamStart) else {
            throw Malformed(problem: "it is neither PyTorch's container of today, a ZIP archive, nor its older stream")
        }
        var position = 0
        _ = try Self.pickle(bytes, at: &position)
        let version = try Self.pickle(bytes, at: &position)
        guard version.table.integer(version.root) == 1001 else {
            throw Malformed(problem: "it is a stream of a version other than 1001")
        }
        let machine = try Self.pickle(bytes, at: &position)
        if let order = machine.table.value(of: "little_endian", in: machine.root),
            case .boolean(false) = machine.table[order]
        {
            throw Malformed(problem: "its numbers are big-endian; save it on a machine with an x86 or ARM processor")
        }
        (table, root) = try Self.pickle(bytes, at: &position)
        let keys = try Self.pickle(bytes, at: &position)
        let widths = elementWidths
        for key in keys.table.elements(keys.root) ?? [] {
            guard let key = keys.table.text(key), let width = widths[key] else {
                throw Malformed(problem: "its list of storages names one that no tensor has")
            }
            let start = bytes.startIndex + position
            guard bytes.endIndex - start >= 8 else {
                throw Malformed(problem: "it ends before its storages do: it was cut short; fetch it again")
            }
            let count = bytes[start..<start + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            let size = Int(clamping: count).saturatingProduct(width)
            guard size <= bytes.endIndex - start - 8 else {
                throw Malformed(problem: "it ends before its storages do: it was cut short; fetch it again")
            }
            storages[key] = PyTorchStorage(bytes: bytes[(start + 8)..<(start + 8 + size)])
            position += 8 + size
        }
    }

    /// The width of the elements of each storage that the pickle names.
    private var elementWidths: [String: Int] {
        var widths: [String: Int] = [:]
        for value in table.values {
            guard case .persistent(let name) = value, let storage = StorageName(name, in: table) else { continue }
            widths[storage.key] = storage.dtype.byteWidth
        }
        return widths
    }

    private static func pickle(
        _ bytes: Data, at position: inout Int
    ) throws(Malformed) -> (table: PickleTable, root: PickleTable.Index) {
        let rest = bytes[(bytes.startIndex + position)...].prefix(maximumPickle)
        var reader = PickleReader(rest)
        do {
            let result = try reader.read()
            position += reader.position
            return result
        } catch {
            throw Malformed(problem: error.problem)
        }
    }
}

/// The bytes that tensors lie in.
struct PyTorchStorage {
    let bytes: Data
}

/// How a pickle names a storage: ('storage', type, key, device, elements).
struct StorageName {
    let key: String
    let dtype: SafetensorsDType

    /// nil where it is something else, or a type that nothing here reads.
    init?(_ name: PickleTable.Index, in table: PickleTable) {
        guard let parts = table.elements(name), parts.count >= 5, table.text(parts[0]) == "storage",
            let type = table.global(parts[1]), type.module == "torch", let dtype = Self.dtypes[type.name],
            let key = table.text(parts[2])
        else { return nil }
        self.key = key
        self.dtype = dtype
    }

    private static let dtypes: [String: SafetensorsDType] = [
        "FloatStorage": .f32, "DoubleStorage": .f64, "HalfStorage": .f16, "BFloat16Storage": .bf16, "LongStorage": .i64,
        "IntStorage": .i32, "ShortStorage": .i16, "CharStorage": .i8, "ByteStorage": .u8, "BoolStorage": .bool,
    ]
}
