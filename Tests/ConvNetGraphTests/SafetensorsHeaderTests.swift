import Foundation
import Testing

@testable import ConvNetGraph

/// Headers as other programs, and attackers, write them.
@Suite struct SafetensorsHeaderTests {
    // MARK: Headers that are legal

    @Test(arguments: ["{}", "{}   ", "{ \n\t\r}", #"{"__metadata__":{}}"#])
    func headersWithoutTensors(header: String) throws {
        #expect(try open(header).tensors.isEmpty)
    }

    @Test func unknownFieldsAreIgnored() throws {
        let file = try open(
            #"{"w":{"extra":{"a":[1,-2.5e+3,true,false,null,"\u00e9",{}],"a":0},"dtype":"U8","shape":[2],"#
                + #""data_offsets":[0,2],"more":[[]],"zero":-0}}"#, data: 2)
        #expect(file.tensors["w"] == .init(dtype: .u8, shape: [2], byteRange: 0..<2))
    }

    @Test func escapesInNames() throws {
        let name = #"\"\\\/\b\f\n\r\t\u0041\ud83d\ude00é"#
        let file = try open(#"{"__metadata__":{"\#(name)":"\#(name)"},"\#(name)":\#(entry(0, 1))}"#, data: 1)
        let decoded = "\"\\/\u{8}\u{C}\n\r\tA😀é"
        #expect(file.names == [decoded])
        #expect(file.metadata == [decoded: decoded])
    }

    @Test func entriesInAnyOrderWithEmptyOnesBetween() throws {
        let file = try open(
            #"{"c":\#(entry(2, 3)),"e":\#(entry(2, 2)),"a":\#(entry(0, 2)),"f":\#(entry(3, 3)),"b":\#(entry(0, 0))}"#,
            data: 3)
        #expect(file.names == ["b", "a", "e", "c", "f"])
    }

    @Test func aSizeOfZeroMakesOtherSizesHarmless() throws {
        let file = try open(
            #"{"w":{"dtype":"F32","shape":[0,\#(Int.max),\#(Int.max)],"data_offsets":[0,0]}}"#)
        #expect(try file.floats(named: "w") == [])
    }

    @Test func nestingUpToTheLimit() throws {
        // The header and the entry are two levels.
        let levels = JSONScanner.maximumDepth - 2
        let nested = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        #expect(try open(#"{"w":{"x":\#(nested),\#(entry(0, 1).dropFirst())}"#, data: 1).names == ["w"])
        #expect(throws: SafetensorsError.self) {
            try open(#"{"w":{"x":[\#(nested)],\#(entry(0, 1).dropFirst())}"#, data: 1)
        }
    }

    // MARK: Lengths

    @Test func lengthOfTheHeader() {
        expectMessage("t: has 7 bytes, but a safetensors file has at least 8; fetch or export it again") {
            try SafetensorsFile(data: Data(count: 7), name: "t")
        }
        expectMessage(
            "t: promises a header of 3 bytes, but only 2 follow; "
                + "it was cut short or is no safetensors file; fetch or export it again"
        ) { try open("{}", length: 3) }
        #expect(throws: SafetensorsError.headerCutShort(file: "t", promised: 100_000_000, found: 2)) {
            try open("{}", length: 100_000_000)
        }
        expectMessage(
            "t: promises a header of 100000001 bytes, but the format allows 100000000; "
                + "check that it is a safetensors file"
        ) { try open("{}", length: 100_000_001) }
        for length in [1 << 63, UInt64.max] {
            #expect(throws: SafetensorsError.headerTooLong(file: "t", length: length, limit: 100_000_000)) {
                try open("{}", length: length)
            }
        }
    }

    @Test func lengthOfTheData() {
        let header = #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
        expectMessage(
            "t: promises 8 bytes of tensor data, but only 7 follow the header; "
                + "it was cut short; fetch or export it again"
        ) { try open(header, data: 7) }
        expectMessage(
            "t: promises 8 bytes of tensor data, but 9 follow the header; "
                + "remove what was appended, or export the file again"
        ) { try open(header, data: 9) }
        #expect(throws: SafetensorsError.trailingBytes(file: "t", promised: 0, found: 1)) { try open("{}", data: 1) }
        #expect(throws: SafetensorsError.dataCutShort(file: "t", promised: .max - 7, found: 0)) {
            try open(#"{"w":{"dtype":"F64","shape":[\#(Int.max / 8)],"data_offsets":[0,\#(Int.max - 7)]}}"#)
        }
    }

    // MARK: Entries

    @Test func offsets() {
        expectMessage("t: the data of tensor 'w' begins at 8, after its end at 4; export the file again") {
            try open(#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}"#, data: 8)
        }
        expectMessage(
            "t: tensor 'w', F32 [2, 3], takes 24 bytes, but its offsets 0 to 20 enclose 20; export the file again"
        ) {
            try open(#"{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}}"#, data: 20)
        }
        #expect(
            throws: SafetensorsError.wrongByteCount(
                file: "t", tensor: "w", dtype: .f16, shape: [], expected: 2, begin: 0, end: 4)
        ) {
            try open(#"{"w":{"dtype":"F16","shape":[],"data_offsets":[0,4]}}"#, data: 4)
        }
        expectMessage(
            "t: the data of tensor 'b' begins at 1 instead of 2 and overlaps the tensor before it; "
                + "export the file again"
        ) {
            try open(#"{"a":\#(entry(0, 2)),"b":\#(entry(1, 3))}"#, data: 3)
        }
        expectMessage(
            "t: the data of tensor 'b' begins at 3 instead of 2 and leaves a hole before it; export the file again"
        ) {
            try open(#"{"a":\#(entry(0, 2)),"b":\#(entry(3, 4))}"#, data: 4)
        }
        #expect(throws: SafetensorsError.notContiguous(file: "t", tensor: "a", begin: 1, expected: 0)) {
            try open(#"{"a":\#(entry(1, 2))}"#, data: 2)
        }
        #expect(throws: SafetensorsError.notContiguous(file: "t", tensor: "e", begin: 1, expected: 2)) {
            try open(#"{"a":\#(entry(0, 2)),"e":\#(entry(1, 1))}"#, data: 2)
        }
    }

    @Test func shapesThatOverflow() {
        expectMessage(
            "t: tensor 'w', F32 [4294967296, 4294967296], takes more than 9223372036854775807 bytes; "
                + "export the file again"
        ) {
            try open(#"{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#)
        }
        // The count of elements fits, the count of bytes does not.
        #expect(throws: SafetensorsError.self) {
            try open(#"{"w":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}"#)
        }
    }

    @Test func unknownType() {
        expectMessage(
            "t: tensor 'w' has the unknown dtype 'F31'; convert it to one of BOOL, U8, I8, F8_E4M3, F8_E5M2, F8_E8M0, "
                + "F8_E4M3FNUZ, F8_E5M2FNUZ, U16, I16, F16, BF16, U32, I32, F32, U64, I64, F64, C64"
        ) {
            try open(#"{"w":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}"#, data: 4)
        }
    }

    @Test(arguments: ["dtype", "shape", "data_offsets"])
    func missingField(field: String) {
        expectMessage("t: tensor 'w' has no '\(field)'; export the file again") {
            try open(#"{"w":\#(entry(0, 1).replacing(field, with: "x"))}"#, data: 1)
        }
    }

    @Test func duplicates() {
        expectMessage("t: the header has 'w' twice; export the file again with distinct names") {
            try open(#"{"w":\#(entry(0, 1)),"\u0077":\#(entry(1, 2))}"#, data: 2)
        }
        expectMessage(
            "t: the header has 'shape' twice in the entry of tensor 'w'; export the file again with distinct names"
        ) {
            try open(#"{"w":{"shape":[1],\#(entry(0, 1).dropFirst())}"#, data: 1)
        }
        expectMessage("t: the header has 'k' twice in the metadata; export the file again with distinct names") {
            try open(#"{"__metadata__":{"k":"1","k":"1"}}"#)
        }
        expectMessage("t: the header has '__metadata__' twice; export the file again with distinct names") {
            try open(#"{"__metadata__":{},"__metadata__":{}}"#)
        }
        expectMessage(
            "t: the header has 'x' twice in the entry of tensor 'w'; export the file again with distinct names"
        ) {
            try open(#"{"w":{"x":1,"x":2,\#(entry(0, 1).dropFirst())}"#, data: 1)
        }
        // Composed and decomposed é.
        #expect(throws: SafetensorsError.duplicateKey(file: "t", part: .topLevel, key: "é")) {
            try open(#"{"\u00e9":\#(entry(0, 1)),"e\u0301":\#(entry(1, 2))}"#, data: 2)
        }
    }

    // MARK: JSON

    @Test(arguments: ["", " {}", "[]", "\u{FEFF}{}", "null", "\0{}"])
    func headerThatIsNoObject(header: String) {
        expectMessage("t: its header does not begin with '{' at byte 8; check that it is a safetensors file") {
            try open(header)
        }
    }

    @Test(arguments: [
        ("{", "expected a string, found the end of the header", 9),
        ("{}}", "expected nothing but spaces, found '}'", 10),
        ("{}\n", "expected nothing but spaces, found byte 0xA", 10),
        ("{}\0", "expected nothing but spaces, found byte 0x0", 10),
        ("{,}", "expected a string, found ','", 9),
        (#"{"__metadata__":{},}"#, "expected a string, found '}'", 27),
        (#"{"__metadata__":{} "w":1}"#, "expected ',' or '}', found '\"'", 27),
        (#"{"w" 1}"#, "expected ':', found '1'", 13),
        ("{1:2}", "expected a string, found '1'", 9),
        (#"{"w"#, "the string has no end", 9),
        (#"{"w\"#, "the string has no end", 11),
        (#"{"\x":1}"#, "the escape in a string is unknown", 10),
        ("{\"\n\":1}", "a control character stands unescaped in a string", 10),
        (#"{"\ud800":1}"#, "the escape is half of a surrogate pair", 10),
        (#"{"\ud800\ud800":1}"#, "the escape is half of a surrogate pair", 10),
        (#"{"\udc00":1}"#, "the escape is half of a surrogate pair", 10),
        (#"{"\ud800\n":1}"#, "the escape is half of a surrogate pair", 10),
        (#"{"\u00g0":1}"#, "expected four hexadecimal digits", 12),
        (#"{"\u+123":1}"#, "expected four hexadecimal digits", 12),
        (#"{"\u12"#, "expected four hexadecimal digits", 12),
    ])
    func malformedAtTheTopLevel(header: String, problem: String, offset: Int) {
        expectMessage("t: malformed header at byte \(offset): \(problem); export the file again") { try open(header) }
    }

    @Test(arguments: [
        ("1", "expected an object, found '1'"),
        (#"{"format":1}"#, "expected a string, found '1'"),
        (#"{"format":null}"#, "expected a string, found 'n'"),
        (#"{"format":{}}"#, "expected a string, found '{'"),
    ])
    func metadataMustBeStrings(metadata: String, problem: String) throws {
        let error = #expect(throws: SafetensorsError.self) { try open(#"{"__metadata__":\#(metadata)}"#) }
        let message = try #require(error?.description)
        #expect(message.hasSuffix(" in the metadata: \(problem); export the file again"))
    }

    @Test(arguments: [
        (#""shape":[1.5]"#, "expected a whole number in digits only, found 1.5"),
        (#""shape":[1e3]"#, "expected a whole number in digits only, found 1e3"),
        (#""shape":[-1]"#, "expected a whole number in digits only, found -1"),
        (#""shape":[-0]"#, "expected a whole number in digits only, found -0"),
        (#""shape":[9223372036854775808]"#, "the number 9223372036854775808 exceeds 9223372036854775807"),
        (
            #""shape":[\#(String(repeating: "9", count: 5000))]"#,
            "the number 999999999999999999999999… exceeds 9223372036854775807"
        ),
        (#""shape":[01]"#, "expected ',' or ']', found '1'"),
        (#""shape":[1,]"#, "expected a whole number, found ']'"),
        (#""shape":["1"]"#, "expected a whole number, found '\"'"),
        (#""shape":[+1]"#, "expected a whole number, found '+'"),
        (#""shape":[-]"#, "expected a digit, found ']'"),
        (#""shape":4"#, "expected an array, found '4'"),
        (#""data_offsets":[0]"#, "'data_offsets' must hold two numbers"),
        (#""data_offsets":[0,1,2]"#, "'data_offsets' must hold two numbers"),
        (#""data_offsets":[0,1.0]"#, "expected a whole number in digits only, found 1.0"),
        (#""dtype":4"#, "expected a string, found '4'"),
        (#""x":nul"#, "expected a value, found 'n'"),
        (#""x":NaN"#, "expected a value, found 'N'"),
        (#""x":1."#, "expected a digit, found '}'"),
        (#""x":1e+"#, "expected a digit, found '}'"),
        (#""x":.5"#, "expected a value, found '.'"),
        (#""x":tru"#, "expected a value, found 't'"),
        (#""x":[1 2]"#, "expected ',' or ']', found '2'"),
        (#""x":[1}"#, "expected ',' or ']', found '}'"),
        (#""x":"#, "expected a value, found '}'"),
    ])
    func malformedInAnEntry(field: String, problem: String) throws {
        let error = #expect(throws: SafetensorsError.self) { try open(#"{"w":{\#(field)}}"#) }
        let message = try #require(error?.description)
        #expect(message.hasPrefix("t: malformed header at byte "))
        #expect(message.hasSuffix(" in the entry of tensor 'w': \(problem); export the file again"))
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
        ] as [[UInt8]])
    func invalidUTF8(name: [UInt8]) {
        let header = Array(#"{""#.utf8) + name + Array(#"":{}}"#.utf8)
        expectMessage("t: malformed header at byte 9: the string is not valid UTF-8; export the file again") {
            try open(header)
        }
    }

    @Test(arguments: ["[", #"{"a":"#, "[[],"])
    func deepNesting(opening: String) {
        let nested = String(repeating: opening, count: 50_000)
        #expect(throws: SafetensorsError.self) { try open(#"{"w":{"x":\#(nested)"#) }
        #expect(throws: SafetensorsError.self) { try open(#"{"w":\#(nested)"#) }
        #expect(throws: SafetensorsError.self) { try open(#"{"__metadata__":\#(nested)"#) }
    }

    @Test func messagesStayShortAndOnOneLine() {
        expectMessage(#"t: tensor 'a\u{a}\u{1b}[31m\u{202e}' has no 'dtype'; export the file again"#) {
            try open(#"{"a\n\u001b[31m\u202e":{}}"#)
        }
        let name = String(repeating: "n", count: 10_000)
        let error = #expect(throws: SafetensorsError.self) { try open(#"{"\#(name)":{}}"#) }
        #expect((error?.description.count ?? .max) < 200)
    }

    // MARK: Helpers

    private func open(_ header: String, length: UInt64? = nil, data count: Int = 0) throws -> SafetensorsFile {
        try open(Array(header.utf8), length: length, data: count)
    }

    /// Opens a file `t` of this header, said to be `length` bytes long, and `count` zero bytes of data.
    private func open(_ header: [UInt8], length: UInt64? = nil, data count: Int = 0) throws -> SafetensorsFile {
        var file = Data()
        withUnsafeBytes(of: (length ?? UInt64(header.count)).littleEndian) { file.append(contentsOf: $0) }
        file.append(contentsOf: header)
        file.append(Data(count: count))
        return try SafetensorsFile(data: file, name: "t")
    }

    /// The entry of a tensor of bytes.
    private func entry(_ begin: Int, _ end: Int) -> String {
        #"{"dtype":"U8","shape":[\#(end - begin)],"data_offsets":[\#(begin),\#(end)]}"#
    }
}
