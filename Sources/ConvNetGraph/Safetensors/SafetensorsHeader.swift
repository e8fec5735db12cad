/// What the JSON header of a safetensors file says, checked in itself and against the size of the data section.
struct SafetensorsHeader {
    /// The longest header that the format allows, in bytes.
    static let maximumLength = 100_000_000

    /// The name that stands for metadata in place of a tensor.
    static let metadataKey = "__metadata__"

    private(set) var metadata: [String: String] = [:]
    private(set) var tensors: [String: SafetensorsFile.TensorInfo] = [:]

    /// The names of the tensors in the order of their data.
    private(set) var names: [String] = []

    private let file: String
    /// The part that is being read, for messages.
    private var part = SafetensorsError.HeaderPart.topLevel

    /// Reads a header.
    ///
    /// - Parameters:
    ///   - json: The header without its length.
    ///   - dataLength: The number of bytes that follow it.
    ///   - file: What messages call the file.
    /// - Throws: `SafetensorsError`.
    init(json: [UInt8], dataLength: Int, file: String) throws {
        self.file = file
        guard json.first == UInt8(ascii: "{") else { throw SafetensorsError.headerNotAnObject(file: file) }
        var scanner = JSONScanner(json)
        do {
            try readTopLevel(&scanner)
            try scanner.endWithPadding()
        } catch let failure as JSONScanner.Failure {
            throw SafetensorsError.malformedHeader(
                file: file, part: part, offset: SafetensorsFile.lengthBytes + failure.offset, problem: failure.problem)
        }
        try checkLayout(dataLength: dataLength)
    }

    private mutating func readTopLevel(_ scanner: inout JSONScanner) throws {
        var hasMetadata = false
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            try checkLength(of: key, scanner)
            if key == Self.metadataKey {
                guard !hasMetadata else { throw duplicate(key) }
                hasMetadata = true
                part = .metadata
                try readMetadata(&scanner)
            } else {
                guard tensors[key] == nil else { throw duplicate(key) }
                part = .tensor(key)
                tensors[key] = try readEntry(of: key, &scanner)
            }
            part = .topLevel
        }
    }

    /// Before a name is compared with others, which takes long for millions of characters.
    private func checkLength(of name: String, _ scanner: JSONScanner) throws {
        guard name.utf8.count <= Limits.tensorNameBytes else {
            throw JSONScanner.Failure(
                offset: scanner.offset,
                problem: "a name before it has \(name.utf8.count) bytes, at most \(Limits.tensorNameBytes) are allowed")
        }
    }

    private mutating func readMetadata(_ scanner: inout JSONScanner) throws {
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            try checkLength(of: key, scanner)
            guard metadata.updateValue(try scanner.string(), forKey: key) == nil else { throw duplicate(key) }
        }
    }

    private func readEntry(of tensor: String, _ scanner: inout JSONScanner) throws -> SafetensorsFile.TensorInfo {
        var dtypeName: String?
        var shape: [Int]?
        var offsets: (begin: Int, end: Int)?
        var fields: Set<String> = []

        try scanner.beginObject()
        while let field = try scanner.nextKey() {
            try checkLength(of: field, scanner)
            guard fields.insert(field).inserted else { throw duplicate(field) }
            switch field {
            case "dtype": dtypeName = try scanner.string()
            case "shape": shape = try readShape(&scanner)
            case "data_offsets": offsets = try readOffsets(&scanner)
            default: try scanner.skipValue()
            }
        }

        func missing(_ field: String) -> SafetensorsError { .missingField(file: file, tensor: tensor, field: field) }
        guard let dtypeName else { throw missing("dtype") }
        guard let shape else { throw missing("shape") }
        guard let offsets else { throw missing("data_offsets") }
        guard let dtype = SafetensorsDType(rawValue: dtypeName) else {
            throw SafetensorsError.unknownDType(file: file, tensor: tensor, dtype: dtypeName)
        }
        let (begin, end) = offsets
        guard begin <= end else {
            throw SafetensorsError.reversedOffsets(file: file, tensor: tensor, begin: begin, end: end)
        }
        guard let byteCount = dtype.byteCount(ofShape: shape) else {
            throw SafetensorsError.sizeOverflow(file: file, tensor: tensor, dtype: dtype, shape: shape)
        }
        guard byteCount == end - begin else {
            throw SafetensorsError.wrongByteCount(
                file: file, tensor: tensor, dtype: dtype, shape: shape, expected: byteCount, begin: begin, end: end)
        }
        return SafetensorsFile.TensorInfo(dtype: dtype, shape: shape, byteRange: begin..<end)
    }

    private func readShape(_ scanner: inout JSONScanner) throws -> [Int] {
        var shape: [Int] = []
        try scanner.beginArray()
        while try scanner.nextElement() {
            guard shape.count < Limits.tensorRank else {
                throw JSONScanner.Failure(
                    offset: scanner.offset, problem: "a shape has more than \(Limits.tensorRank) sizes")
            }
            shape.append(try scanner.unsignedInteger())
        }
        return shape
    }

    private func readOffsets(_ scanner: inout JSONScanner) throws -> (begin: Int, end: Int) {
        let start = scanner.offset
        var offsets: [Int] = []
        try scanner.beginArray()
        while offsets.count < 3, try scanner.nextElement() { offsets.append(try scanner.unsignedInteger()) }
        guard offsets.count == 2 else {
            throw JSONScanner.Failure(offset: start, problem: "'data_offsets' must hold two numbers")
        }
        return (offsets[0], offsets[1])
    }

    /// Checks that the tensors fill the data section from end to end, each byte belonging to one of them.
    private mutating func checkLayout(dataLength: Int) throws {
        let entries = tensors.sorted { first, second in
            let (a, b) = (first.value.byteRange, second.value.byteRange)
            guard (a.lowerBound, a.upperBound) == (b.lowerBound, b.upperBound) else {
                // At one offset, tensors without elements come before the one that has some.
                return (a.lowerBound, a.upperBound) < (b.lowerBound, b.upperBound)
            }
            return first.key.utf8.lexicographicallyPrecedes(second.key.utf8)
        }
        var end = 0
        for (name, info) in entries {
            guard info.byteRange.lowerBound == end else {
                throw SafetensorsError.notContiguous(
                    file: file, tensor: name, begin: info.byteRange.lowerBound, expected: end)
            }
            end = info.byteRange.upperBound
        }
        guard end <= dataLength else {
            throw SafetensorsError.dataCutShort(file: file, promised: end, found: dataLength)
        }
        guard end == dataLength else {
            throw SafetensorsError.trailingBytes(file: file, promised: end, found: dataLength)
        }
        names = entries.map(\.key)
    }

    private func duplicate(_ key: String) -> SafetensorsError {
        .duplicateKey(file: file, part: part, key: key)
    }
}
