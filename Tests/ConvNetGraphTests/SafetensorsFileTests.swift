import Foundation
import Testing

@testable import ConvNetGraph

@Suite struct SafetensorsFileTests {
    @Test func smallFileHasTheseBytes() throws {
        var writer = SafetensorsWriter(metadata: ["format": "pt", "a\"\\\n": "é"])
        try writer.append("b", shape: [2], floats: [1, -2])
        try writer.append("a", shape: [1, 2], floats: [0.5, 0])
        try writer.append("n", shape: [], integers: [-2])
        let header =
            #"{"__metadata__":{"a\"\\\u000a":"é","format":"pt"},"#
            + #""n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
            + #""a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"#
            + #""b":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}"#
        // 8 + 214 is padded to 256.
        #expect(header.utf8.count == 214)
        let expected: [UInt8] =
            [248, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + Array(repeating: 0x20, count: 248 - 214)
            + [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
            + [0, 0, 0, 0x3F, 0, 0, 0, 0]
            + [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
        #expect([UInt8](try writer.encoded()) == expected)
    }

    @Test func orderOfAppendingMakesNoDifference() throws {
        // Sorted by bytes; Swift's own order would compose the accent first and put that name behind "z".
        let names = ["w", "e\u{301}", "z", "B", "a", "", "𝕏", "\u{FFFF}"]
        func encoded(_ names: [String]) throws -> Data {
            var writer = SafetensorsWriter(metadata: Dictionary(uniqueKeysWithValues: names.map { ($0, $0) }))
            for name in names { try writer.append(name, shape: [1], floats: [1]) }
            return try writer.encoded()
        }
        let bytes = try encoded(names)
        #expect(try encoded(names.reversed()) == bytes)
        let sorted = ["", "B", "a", "e\u{301}", "w", "z", "\u{FFFF}", "𝕏"]
        #expect(try SafetensorsFile(data: bytes, name: "t").names == sorted)
    }

    @Test func floatsKeepTheirBits() throws {
        let patterns: [UInt32] = [
            0, 0x8000_0000, 1, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7F80_0001, 0xFFBF_1234, 0x3F80_0000,
        ]
        var writer = SafetensorsWriter()
        try writer.append("x", shape: [3, 3], floats: patterns.map(Float.init(bitPattern:)))
        let file = try SafetensorsFile(data: try writer.encoded(), name: "t")
        #expect(try file.floats(named: "x").map(\.bitPattern) == patterns)
        #expect(file.tensors["x"] == .init(dtype: .f32, shape: [3, 3], byteRange: 0..<36))
        #expect(file.tensors["x"]?.count == 9)
    }

    @Test func otherFloatingPointTypesAreConverted() throws {
        var writer = SafetensorsWriter()
        // 1, -2, the smallest subnormal, infinity and the largest number of half precision.
        try writer.append(
            "f16", dtype: .f16, shape: [5], bytes: Data([0, 0x3C, 0, 0xC0, 1, 0, 0, 0x7C, 0xFF, 0x7B]))
        try writer.append("bf16", dtype: .bf16, shape: [2], bytes: Data([0x80, 0x3F, 0x49, 0xC0]))
        try writer.append(
            "f64", dtype: .f64, shape: [2], bytes: [0.1, 1e300].withUnsafeBytes { Data($0) })
        let file = try SafetensorsFile(data: try writer.encoded(), name: "t")
        #expect(try file.floats(named: "f16") == [1, -2, 0x1p-24, .infinity, 65504])
        #expect(try file.floats(named: "bf16") == [1, -3.140625])
        #expect(try file.floats(named: "f64") == [0.1, .infinity])
    }

    @Test func integersOfAllWidths() throws {
        var writer = SafetensorsWriter()
        try writer.append("i64", shape: [2], integers: [.min, .max])
        let bytes: [UInt8] = [0xFE, 0xFF, 0xFF, 0xFF]
        for dtype in [.i32, .u32, .i16, .u16, .i8, .u8] as [SafetensorsDType] {
            try writer.append(
                dtype.rawValue, dtype: dtype, shape: [bytes.count / dtype.byteWidth], bytes: Data(bytes))
        }
        try writer.append("flags", dtype: .bool, shape: [3], bytes: Data([0, 1, 7]))
        let file = try SafetensorsFile(data: try writer.encoded(), name: "t")
        #expect(try file.integers(named: "i64") == [.min, .max])
        #expect(try file.integers(named: "I32") == [-2])
        #expect(try file.integers(named: "U32") == [4_294_967_294])
        #expect(try file.integers(named: "I16") == [-2, -1])
        #expect(try file.integers(named: "U16") == [65534, 65535])
        #expect(try file.integers(named: "I8") == [-2, -1, -1, -1])
        #expect(try file.integers(named: "U8") == [254, 255, 255, 255])
        #expect(try file.integers(named: "flags") == [0, 1, 1])
    }

    @Test func emptyFilesTensorsAndScalars() throws {
        let empty = try SafetensorsFile(data: try SafetensorsWriter().encoded(), name: "t")
        #expect(empty.tensors.isEmpty && empty.metadata.isEmpty && empty.names.isEmpty)

        var writer = SafetensorsWriter()
        try writer.append("none", shape: [3, 0, 2], floats: [])
        try writer.append("also none", shape: [0], integers: [])
        try writer.append("scalar", shape: [], floats: [7])
        let file = try SafetensorsFile(data: try writer.encoded(), name: "t")
        #expect(try file.floats(named: "none") == [])
        #expect(try file.integers(named: "also none") == [])
        #expect(try file.floats(named: "scalar") == [7])
        #expect(file.tensors["scalar"]?.count == 1)
    }

    @Test func everyTypeOpensAndGivesItsBytes() throws {
        var writer = SafetensorsWriter()
        for dtype in SafetensorsDType.allCases {
            try writer.append(
                dtype.rawValue, dtype: dtype, shape: [3], bytes: Data((0..<3 * dtype.byteWidth).map(UInt8.init)))
        }
        let file = try SafetensorsFile(data: try writer.encoded(), name: "t")
        for dtype in SafetensorsDType.allCases {
            #expect(try file.bytes(named: dtype.rawValue) == Data((0..<3 * dtype.byteWidth).map(UInt8.init)))
        }
    }

    @Test func dataThatIsASliceReadsAlike() throws {
        var writer = SafetensorsWriter(metadata: ["k": "v"])
        try writer.append("x", shape: [2], floats: [3, 4])
        let slice = (Data([9, 9, 9]) + (try writer.encoded())).dropFirst(3)
        let file = try SafetensorsFile(data: slice, name: "t")
        #expect(try file.floats(named: "x") == [3, 4])
        #expect(file.metadata == ["k": "v"])
    }

    @Test func filesOnDisk() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("small.safetensors")
            var writer = SafetensorsWriter(metadata: ["note": "tab\there, nul\0, quote\""])
            try writer.append("x", shape: [2], floats: [3, 4])
            try writer.append("none", shape: [0], floats: [])
            try writer.append("n", shape: [1], integers: [5])
            try writer.append("raw", dtype: .u8, shape: [2], bytes: Data([9, 8, 7]).dropFirst())
            try writer.write(to: url)
            #expect(try Data(contentsOf: url) == writer.encoded())
            let file = try SafetensorsFile(contentsOf: url)
            #expect(file.name == url.path)
            #expect(file.metadata == writer.metadata)
            #expect(try file.floats(named: "x") == [3, 4])

            let empty = directory.appendingPathComponent("empty")
            try Data().write(to: empty)
            #expect(throws: SafetensorsError.missingHeaderLength(file: empty.path, found: 0)) {
                try SafetensorsFile(contentsOf: empty)
            }
            let absent = directory.appendingPathComponent("absent")
            expectMessage("\(absent.path): cannot be read: No such file or directory") {
                try SafetensorsFile(contentsOf: absent)
            }
            expectMessage("\(directory.path): cannot be read: Is a directory") {
                try SafetensorsFile(contentsOf: directory)
            }
        }
    }

    /// Elements that are asked for while the file is written: the same bytes, and an error where they are not as many as was
    /// said, after which the file is as it was.
    @Test func elementsThatComeLater() throws {
        try withTemporaryDirectory { directory in
            let url = directory.appendingPathComponent("later.safetensors")
            var (writer, whole) = (SafetensorsWriter(), SafetensorsWriter())
            try writer.append("a", shape: [2])
            try writer.append("b", shape: [1], floats: [7])
            try whole.append("a", shape: [2], floats: [3, 4])
            try whole.append("b", shape: [1], floats: [7])
            _ = try writer.writeReturningChecksum(to: url) { $0 == "a" ? [3, 4] : [] }
            #expect(try Data(contentsOf: url) == whole.encoded())

            expectMessage("cannot write tensor 'a', F32 [2]: it takes 8 bytes, but 12 were given") {
                _ = try writer.writeReturningChecksum(to: url) { _ in [1, 2, 3] }
            }
            expectMessage("cannot write tensor 'a', F32 [2]: it takes 8 bytes, but 0 were given") {
                try writer.write(to: url)
            }
            expectMessage("cannot write tensor 'a', F32 [2]: it takes 8 bytes, but 0 were given") {
                try writer.encoded()
            }
            #expect(try Data(contentsOf: url) == whole.encoded())
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["later.safetensors"])
        }
    }

    @Test func askingForTheWrongThing() throws {
        var writer = SafetensorsWriter()
        try writer.append("conv.weight", shape: [1], floats: [1])
        try writer.append("count", dtype: .u64, shape: [1], bytes: Data(count: 8))
        let file = try SafetensorsFile(data: try writer.encoded(), name: "net")
        expectMessage("net: has no tensor 'fc.weight'; it has 'count', 'conv.weight'") {
            try file.bytes(named: "fc.weight")
        }
        expectMessage(
            "net: tensor 'count' has the dtype U64, which cannot be read as integers; convert it before export"
        ) {
            try file.integers(named: "count")
        }
        expectMessage(
            "net: tensor 'count' has the dtype U64, which cannot be read as floating point; convert it before export"
        ) {
            try file.floats(named: "count")
        }
    }

    @Test func writerRefusals() {
        var writer = SafetensorsWriter()
        #expect(throws: Never.self) { try writer.append("w", shape: [1], floats: [1]) }
        expectMessage("cannot write two tensors called 'w'; give each its own name") {
            try writer.append("w", shape: [1], floats: [2])
        }
        expectMessage("cannot write a tensor called '__metadata__', a name kept for metadata; rename it") {
            try writer.append("__metadata__", shape: [1], floats: [2])
        }
        expectMessage("cannot write tensor 'v', F32 [2, 3]: it takes 24 bytes, but 20 were given") {
            try writer.append("v", shape: [2, 3], floats: [0, 0, 0, 0, 0])
        }
        for shape in [[-1], [0, -1], [-1, -1], [.max, 2]] {
            #expect(throws: SafetensorsError.invalidShape(tensor: "v", shape: shape)) {
                try writer.append("v", shape: shape, floats: [])
            }
        }
        writer.metadata["long"] = String(decoding: [UInt8](repeating: 0x78, count: 100_000_000), as: UTF8.self)
        #expect(throws: SafetensorsError.headerExceedsLimit(length: 100_000_120, limit: 100_000_000)) {
            try writer.encoded()
        }
    }
}

/// Expects a `SafetensorsError` of exactly this wording.
func expectMessage(
    _ message: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> some Any
) {
    let error = #expect(throws: SafetensorsError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.description == message, sourceLocation: sourceLocation)
    #expect(error?.localizedDescription == message, sourceLocation: sourceLocation)
}

/// Runs `body` with a directory that is empty at first and gone afterwards.
func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory)
}
