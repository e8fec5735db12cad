import Foundation
import Testing

@testable import ConvNetFormats

/// Instructions of pickles, by hand.
@Suite struct PickleReaderTests {
    private func read(_ text: String) throws -> (PickleTable, PickleTable.Index) {
        var reader = PickleReader(Data(text.utf8.map { $0 }))
        let result = try reader.read()
        return (result.table, result.root)
    }

    @Test func oldTextsAreRead() throws {
        let (table, root) = try read("(dp0\nS'size'\np1\n(I2\nL3L\nI01\ntp2\ns.")
        let size = try #require(table.value(of: "size", in: root).flatMap(table.elements))
        #expect(size.count == 3 && table.integer(size[0]) == 2 && table.integer(size[1]) == 3)
    }

    @Test func listsMayHoldThemselves() throws {
        let (table, root) = try read("(lp0\ng0\na.")
        #expect(table.elements(root) == [root])
    }

    @Test(arguments: [
        ("", "its pickle is cut short at byte 0"), (".", "its pickle takes a value from an empty stack at byte 1"),
        ("(.", "its pickle takes a value from an empty stack at byte 2"),
        ("0.", "its pickle takes a value from an empty stack at byte 1"),
        ("t.", "its pickle goes back to a mark that is not there at byte 1"),
        ("h\u{1}.", "its pickle recalls what it has not remembered at byte 2"),
        ("(I1\nd.", "its pickle has a key without a value at byte 5"),
        ("\u{1}", "its pickle has an unknown instruction, 1, at byte 1"),
        ("cos", "its pickle has a line without an end at byte 1"),
        ("X\u{7f}\u{7f}\u{7f}\u{7f}a", "its pickle is cut short at byte 6"),
    ])
    func whatBreaksTheRulesIsNamed(text: String, problem: String) throws {
        let error = try #require(throws: PickleReader.Malformed.self) { try read(text) }
        #expect(error.problem == problem)
    }
}
