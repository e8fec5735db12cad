/// A message in the wire format of Protocol Buffers, field by field.
///
/// What TensorBoard reads takes four kinds of fields; a library for all of them costs each clean build a minute.
///
/// Source: "Protocol Buffers Encoding", https://protobuf.dev/programming-guides/encoding/.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    /// An `int32`, `int64`, `bool` or `enum`.
    mutating func add(_ field: Int, _ value: Int) {
        addKey(field, type: 0)
        addVarint(UInt64(bitPattern: Int64(value)))
    }

    mutating func add(_ field: Int, _ value: Double) {
        addKey(field, type: 1)
        addLittleEndian(value.bitPattern)
    }

    mutating func add(_ field: Int, _ value: Float) {
        addKey(field, type: 5)
        addLittleEndian(value.bitPattern)
    }

    /// A `string`, `bytes` or packed field.
    mutating func add(_ field: Int, _ value: some Collection<UInt8>) {
        addKey(field, type: 2)
        addVarint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func add(_ field: Int, _ text: String) { add(field, text.utf8) }

    /// A message within the message.
    mutating func add(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        var message = ProtobufWriter()
        body(&message)
        add(field, message.bytes)
    }

    private mutating func addKey(_ field: Int, type: UInt64) { addVarint(UInt64(field) << 3 | type) }

    private mutating func addVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func addLittleEndian(_ value: some FixedWidthInteger) { bytes += Self.littleEndian(value) }

    static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }
}
