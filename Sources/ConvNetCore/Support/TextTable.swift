/// Rows of text in aligned columns.
package struct TextTable: CustomStringConvertible {
    package struct Column {
        let title: String
        let isRight: Bool

        package static func left(_ title: String) -> Column { Column(title: title, isRight: false) }
        package static func right(_ title: String) -> Column { Column(title: title, isRight: true) }
    }

    private let columns: [Column]
    /// nil is a rule.
    private var rows: [[String]?] = []
    /// The widest cell of each column, the title included.
    private var widths: [Int]

    private static let gap = "  "

    package init(columns: [Column]) {
        self.columns = columns
        widths = columns.map(\.title.count)
    }

    package mutating func append(_ cells: [String]) {
        for (column, cell) in cells.enumerated() { widths[column] = max(widths[column], cell.count) }
        rows.append(cells)
    }

    package mutating func appendRule() { rows.append(nil) }

    /// The length of the rules, and of the longest line.
    package var width: Int { widths.reduce(Self.gap.count * (widths.count - 1), +) }

    package var description: String {
        let rule = String(repeating: "─", count: width)
        return ([line(columns.map(\.title)), rule] + rows.map { $0.map(line) ?? rule }).joined(separator: "\n")
    }

    private func line(_ cells: [String]) -> String {
        var line = ""
        var blanks = 0
        func put(_ text: String) {
            // Blanks are written only when something follows them: there are none at the end of a line.
            guard !text.isEmpty else { return }
            line += String(repeating: " ", count: blanks)
            line += text
            blanks = 0
        }
        for (column, cell) in cells.enumerated() {
            let space = widths[column] - cell.count
            if columns[column].isRight { blanks += space }
            put(cell)
            if !columns[column].isRight { blanks += space }
            blanks += Self.gap.count
        }
        return line
    }
}

extension String {
    /// The text in lines of at most that many characters, broken at blanks; those after the first are indented. A word that
    /// is longer has a line of its own.
    package func wrapped(to width: Int, indent: Int) -> String {
        var lines = [""]
        for word in split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(repeating: " ", count: indent) + word)
            }
        }
        return lines.joined(separator: "\n")
    }
}
