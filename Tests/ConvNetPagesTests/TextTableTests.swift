import Testing

@testable import ConvNetPages

@Suite struct TextTableTests {
    @Test func columnsAreAsWideAsTheirWidestCell() {
        var table = TextTable(columns: [.left("a"), .right("number"), .left("note")])
        table.append(["long one", "1", ""])
        table.append(["b", "1,234,567", "x"])
        table.appendRule()
        table.append(["", "", ""])
        #expect(
            table.description == """
                a            number  note
                ─────────────────────────
                long one          1
                b         1,234,567  x
                ─────────────────────────

                """)
    }

    @Test func withoutRows() {
        #expect(TextTable(columns: [.left("a"), .right("b")]).description == "a  b\n────")
    }

    /// Counted as people see them, not in bytes.
    @Test func letters() {
        var table = TextTable(columns: [.left("größe"), .right("×")])
        table.append(["e\u{301}é", "1×1"])
        #expect(table.description == "größe    ×\n──────────\ne\u{301}é     1×1")
    }

    /// Two columns for each of Hangul, and for a picture.
    @Test func wideLetters() {
        var table = TextTable(columns: [.left("class"), .right("images")])
        for name in ["고양이", "고양이".decomposedStringWithCanonicalMapping, "🐱", "cat"] { table.append([name, "12"]) }
        #expect(
            "\(table)".split(separator: "\n").dropFirst(2).map { $0.prefix { !$0.isNumber }.displayWidth } == [
                12, 12, 12, 12,
            ])
        #expect("\(table)".hasPrefix("class   images\n──────────────\n고양이      12\n"))
    }

    /// A class may be called anything, and none is two lines.
    @Test func cellsCannotBreakLines() {
        var table = TextTable(columns: [.left("class"), .right("images")])
        table.append(["a\nb  100\u{1B}[1m", "1"])
        #expect("\(table)".split(separator: "\n").dropFirst(2) == [#"a\u{a}b  100\u{1b}[1m       1"#])
    }

    @Test func columnsThatAreLeftOutAreNamed() {
        var table = TextTable(columns: [.left("layer"), .right("field"), .right(""), .right("stride"), .right("size")])
        table.append(["conv", "3", "¹", "1", "12"])
        let titles = ["stride", "", "field"]
        #expect(table.text(fitting: nil, leavingOut: titles) == "\(table)")
        #expect(table.text(fitting: table.width, leavingOut: titles) == "\(table)")
        let narrow = table.text(fitting: 21, leavingOut: titles).split(separator: "\n").map(String.init)
        #expect(
            narrow == [
                "layer  field     size", "─────────────────────", "conv       3  ¹    12", "left out, since the",
                "  terminal is narrow:", "  stride",
            ])
        #expect(
            table.text(fitting: 12, leavingOut: titles).replacing("\n  ", with: " ")
                .hasSuffix("left out, since the terminal is narrow: field and stride"))
    }

    @Test(arguments: [
        (11, "one two\n  three\n  four"), (7, "one two\n  three\n  four"), (13, "one two three\n  four"),
        (1, "one\n  two\n  three\n  four"), (80, "one two three four"),
    ])
    func wrappedText(width: Int, text: String) {
        #expect("one two three four".wrapped(to: width, indent: 2) == text)
    }
}
