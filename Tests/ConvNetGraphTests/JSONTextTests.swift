import Foundation
import Testing

@testable import ConvNetGraph

/// JSON from files is read by Foundation only once the scanner has been through it.
@Suite struct JSONTextTests {
    private func decode(_ text: String) throws -> [String: [Int]] {
        try JSONText.decode([String: [Int]].self, from: Data(text.utf8))
    }

    @Test(arguments: [
        #"{"a":[1,2]}"#, " {\"a\" : [ 1 ,2 ] }\n", "\u{FEFF}{\"a\":[1,2]}", #"{"\u0061":[1,2]}"#,
        "{\"a\":[1,2]}\r\n\t ",
    ])
    func read(text: String) throws {
        #expect(try decode(text) == ["a": [1, 2]])
    }

    /// Foundation's decoder ends the process over the third.
    @Test(arguments: [64, 65, 511, 512, 513, 514, 515, 1025, 100_000], ["[", "{\"a\":", "[[", "{\"a\":["])
    func deep(depth: Int, piece: String) {
        for end in ["", "1", "\"", "]", "}"] {
            let text = String(repeating: piece, count: depth) + end
            #expect(throws: DecodingError.self) { try decode(text) }
            #expect(throws: DecodingError.self) { try decode("{\"a\":" + text) }
        }
    }

    @Test func deepButWhole() {
        let text = String(repeating: "[", count: 513) + String(repeating: "]", count: 513)
        #expect(throws: DecodingError.self) { try decode(text) }
    }

    @Test(arguments: [
        "", " ", "{", "{\"a\"", "{\"a\":}", "{\"a\":[1,]}", "{\"a\":[01]}", "{\"a\":[1]}x", "{\"a\":[1]}{}",
        "{'a':[1]}",
        "{\"a\":[.5]}", "{\"a\":[NaN]}", "{\"a\":[+1]}", "{\"a\\u-000\":[1]}", "{\"a\\ud800\":[1]}",
        "\u{FEFF}\u{FEFF}{}",
        "// c\n{}",
    ])
    func malformed(text: String) {
        #expect(throws: DecodingError.self) { try decode(text) }
    }

    @Test func bytesThatAreNoText() {
        for bytes in [[0xFF, 0xFE, 0x7B, 0], [0x22, 0xC3, 0x22], [0xEF, 0xBB]] as [[UInt8]] {
            #expect(throws: DecodingError.self) { try JSONText.decode(String.self, from: Data(bytes)) }
        }
    }

    @Test func sentence() throws {
        let error = #expect(throws: DecodingError.self) { try decode("{\"a\":[1,") }
        guard case .dataCorrupted(let context) = error else { return #expect(Bool(false)) }
        #expect(context.debugDescription == "byte 8: expected a value, found the end of the text")
    }

    /// Numbers take signs in Swift, digits of escapes do not in JSON.
    @Test(arguments: ["-000", "+000", "00-0", "000+", "00 0", " 000", "0x00", "00g0", "0١00", "000"])
    func escapesHaveFourHexadecimalDigits(digits: String) {
        var scanner = JSONScanner([UInt8]("\"\\u\(digits)\"".utf8))
        #expect(throws: JSONScanner.Failure.self) { try scanner.string() }
    }

    @Test func escapes() throws {
        var scanner = JSONScanner([UInt8](#""\u00e9\u00C9\uD83D\uDC08""#.utf8))
        #expect(try scanner.string() == "éÉ🐈")
    }
}
