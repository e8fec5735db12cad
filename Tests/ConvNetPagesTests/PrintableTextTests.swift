import Foundation
import Testing

@testable import ConvNetPages

@Suite struct PrintableTextTests {
    @Test(arguments: [
        ("plain text", "plain text"), ("a\nb", #"a\u{a}b"#), ("a\r\nb", #"a\u{d}\u{a}b"#),
        ("\u{1B}[31m", #"\u{1b}[31m"#),
        ("tab\t", #"tab\u{9}"#), ("\u{7F}", #"\u{7f}"#), ("\u{9B}31m", #"\u{9b}31m"#), ("\u{85}", #"\u{85}"#),
        // What reorders, and what cannot be seen.
        ("\u{202E}gpj", #"\u{202e}gpj"#), ("\u{2066}x\u{2069}", #"\u{2066}x\u{2069}"#), ("a\u{2028}b", #"a\u{2028}b"#),
        ("\u{FEFF}a", #"\u{feff}a"#), ("a\u{200B}b", #"a\u{200b}b"#), ("soft\u{AD}", #"soft\u{ad}"#),
        ("\u{E000}", #"\u{e000}"#),
        ("\u{E0041}", #"\u{e0041}"#),
        // A joiner hides in Latin, and belongs to the spelling elsewhere.
        ("a\u{200D}b", #"a\u{200d}b"#), ("می\u{200C}شود", "می\u{200C}شود"), ("क\u{94D}\u{200D}ष", "क\u{94D}\u{200D}ष"),
        ("👩\u{200D}👧", "👩\u{200D}👧"), ("❤\u{FE0F}\u{200D}🔥", "❤\u{FE0F}\u{200D}🔥"),
        ("고양이 U\u{308}", "고양이 U\u{308}"),
    ])
    func escapesWhatWouldChangeALine(text: String, printed: String) {
        #expect(Array(printable(text).utf8) == Array(printed.utf8))
        #expect(printable(printable(text)) == printable(text))
    }

    /// JSON leaves all but the first 32 of them as they are.
    @Test(arguments: ["\u{7F}", "\u{9B}31m", "\u{202E}x", "\u{2028}", "\u{E0041}", "\u{FEFF}", "\n\u{1B}", "é🐱"])
    func documentsSayTheSame(text: String) throws {
        let document = String(decoding: try JSONEncoder().encode([text]), as: UTF8.self)
        let printed = printableJSON(document)
        #expect(printed.unicodeScalars.allSatisfy { printable(String($0)) == String($0) })
        #expect(try JSONDecoder().decode([String].self, from: Data(printed.utf8)) == [text])
    }

    @Test func documentsKeepTheirLines() {
        #expect(printableJSON("{\n  \"a\" : 1\n}") == "{\n  \"a\" : 1\n}")
    }
}
