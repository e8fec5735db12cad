import Testing

@testable import ConvNetCore

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

    @Test(arguments: [
        (11, "one two\n  three\n  four"), (7, "one two\n  three\n  four"), (13, "one two three\n  four"),
        (1, "one\n  two\n  three\n  four"), (80, "one two three four"),
    ])
    func wrappedText(width: Int, text: String) {
        #expect("one two three four".wrapped(to: width, indent: 2) == text)
    }
}
