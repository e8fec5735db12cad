import Foundation
import Testing

@testable import ConvNetPages

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("größe", 5), ("gro\u{308}ße", 5), ("e\u{301}", 1),
        // Han, kana and full-width forms.
        ("日本語", 6), ("ひらがな", 8), ("カタカナ", 8), ("ﾊﾝｶｸ", 4), ("ＡＢ１", 6), ("、。", 4),
        // か with its sound mark apart.
        ("が", 2), ("か\u{3099}", 2),
        // Hangul, composed and in its parts.
        ("고양이", 6), ("고양이".decomposedStringWithCanonicalMapping, 6), ("ㄱ", 2),
        // Pictures: alone, coloured, joined, as a flag, and a letter that a selector makes one.
        ("🐱", 2), ("👍🏽", 2), ("👩\u{200D}👩\u{200D}👧\u{200D}👦", 2), ("👩🏽\u{200D}🚀", 2), ("🇰🇷", 2), ("❤\u{FE0F}", 2),
        ("❤", 1),
        ("1\u{FE0F}\u{20E3}", 2), ("🏳\u{FE0F}\u{200D}🌈", 2),
        // Marks over and around letters; Arabic, Hebrew, Thai.
        ("สวัสดี", 4), ("שָׁלוֹם", 4), ("مرحبا", 5), ("می\u{200C}شود", 5),
        ("…", 1), ("─", 1), ("×", 1),
    ])
    func isThatOfATerminal(text: String, width: Int) {
        #expect(text.displayWidth == width)
        #expect(text[...].displayWidth == width)
    }

    #if os(Linux)
    /// The C library's table, where it has one: letters that both know take as many columns. Its version may know fewer.
    @Test func lettersAreAsWideAsTheCLibrarySays() throws {
        // Headers hide it.
        let symbol = try #require(dlsym(nil, "wcwidth"))
        let wcwidth = unsafeBitCast(symbol, to: (@convention(c) (Int32) -> CInt).self)
        let locale = try #require(newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))
        let former = uselocale(locale)
        defer {
            uselocale(former)
            freelocale(locale)
        }
        var different: [String] = []
        for value in UInt32(0x20)..<0x110000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: continue
            default: break
            }
            let width = wcwidth(Int32(value))
            guard width >= 0, Int(width) != String(Character(scalar)).displayWidth else { continue }
            different.append(String(value, radix: 16))
        }
        // Signs in circles and hexagrams, of which one table or the other says that they are narrow; a letter of Ahom that one
        // version of Unicode has as a mark and a later one does not.
        let known =
            ["1171e"] + (0x3248...0x324F).map { String($0, radix: 16) }
            + (0x4DC0...0x4DFF).map { String($0, radix: 16) }
        #expect(different.filter { !known.contains($0) } == [])
    }
    #endif

    @Test(arguments: [
        ("abc", 2, "ab"), ("abc", 0, ""), ("고양이", 5, "고양"), ("고양이", 6, "고양이"), ("🐱🐶", 3, "🐱"),
        ("e\u{301}e\u{301}", 1, "e\u{301}"),
    ])
    func beginningsAreOfWholeCharacters(text: String, width: Int, beginning: String) {
        #expect(Array(text.prefix(ofWidth: width).utf8) == Array(beginning.utf8))
    }

    @Test func blanksFillColumns() {
        #expect("고양이".padded(toWidth: 8) == "고양이  ")
        #expect("고양이".padded(toWidth: 3) == "고양이")
    }
}
