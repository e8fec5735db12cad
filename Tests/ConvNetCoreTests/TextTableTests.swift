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
        (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (61_706, "61,706"), (1_234_567, "1,234,567"),
        (1_000_000_000, "1,000,000,000"), (-999, "-999"), (-1000, "-1,000"),
        (.max, "9,223,372,036,854,775,807"), (.min, "-9,223,372,036,854,775,808"),
    ])
    func groupedDigits(number: Int, text: String) {
        #expect(number.grouped == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1, "1 B"), (999, "999 B"), (1000, "1.0 kB"), (1234, "1.2 kB"), (999_949, "999.9 kB"),
        (1_000_000, "1.0 MB"), (246_824, "246.8 kB"), (3_400_000, "3.4 MB"), (5_600_000_000, "5.6 GB"),
        (7_000_000_000_000, "7.0 TB"), (.max, "9223372.0 TB"),
    ])
    func sizes(bytes: Int, text: String) {
        #expect(bytes.byteSize == text)
    }
}
