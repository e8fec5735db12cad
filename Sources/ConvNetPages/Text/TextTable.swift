/// Rows of text in aligned columns. Cells may hold anything: what would break a line is escaped.
package struct TextTable: CustomStringConvertible {
    package struct Column {
        package let title: String
        let isRight: Bool

        package static func left(_ title: String) -> Column { Column(title: title, isRight: false) }
        package static func right(_ title: String) -> Column { Column(title: title, isRight: true) }
    }

    private var columns: [Column]
    /// nil is a rule.
    private var rows: [[String]?] = []
    /// The widest cell of each column, the title included.
    private var widths: [Int]
    private var leftOut: [String] = []

    private static let gap = "  "

    package init(columns: [Column]) {
        self.columns = columns
        widths = columns.map(\.title.displayWidth)
    }

    package mutating func append(_ cells: [String]) {
        let cells = cells.map(printable)
        for (column, cell) in cells.enumerated() { widths[column] = max(widths[column], cell.displayWidth) }
        rows.append(cells)
    }

    package mutating func appendRule() { rows.append(nil) }

    /// The length of the rules, and of the longest line, in columns of a terminal.
    package var width: Int { widths.reduce(Self.gap.count * (widths.count - 1), +) }

    /// Leaves out columns until the table is at most so wide, or none is left that may be; ``leftOutNote`` names them.
    ///
    /// - Parameter titles: of the columns that may be left out, the least important first.
    private mutating func narrow(to width: Int, leavingOut titles: [String]) {
        let all = columns.map(\.title)
        for title in titles where self.width > width {
            guard let index = columns.firstIndex(where: { $0.title == title }) else { continue }
            columns.remove(at: index)
            widths.remove(at: index)
            for row in rows.indices { rows[row]?.remove(at: index) }
            leftOut.append(title)
        }
        leftOut = all.filter { leftOut.contains($0) && !$0.isEmpty }
    }

    /// Says which columns there was no room for; nil where there was for all.
    private var leftOutNote: String? {
        guard let last = leftOut.last else { return nil }
        let others = leftOut.dropLast().joined(separator: ", ")
        return "left out, since the terminal is narrow: \(others.isEmpty ? last : "\(others) and \(last)")"
    }

    /// The table, narrowed to so many columns of a terminal, with ``leftOutNote`` beneath.
    package func text(fitting width: Int?, leavingOut titles: [String]) -> String {
        guard let width else { return description }
        var table = self
        table.narrow(to: width, leavingOut: titles)
        return ([table.description] + (table.leftOutNote.map { [$0.wrapped(to: width, indent: 2)] } ?? []))
            .joined(separator: "\n")
    }

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
            let space = widths[column] - cell.displayWidth
            if columns[column].isRight { blanks += space }
            put(cell)
            if !columns[column].isRight { blanks += space }
            blanks += Self.gap.count
        }
        return line
    }
}

extension String {
    /// The text in lines of at most so many columns of a terminal, broken at blanks; those after the first are indented. A word
    /// that is longer has a line of its own.
    package func wrapped(to width: Int, indent: Int) -> String {
        if displayWidth <= width { return self }
        var lines = [""]
        for word in split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.displayWidth + 1 + word.displayWidth <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(repeating: " ", count: indent) + word)
            }
        }
        return lines.joined(separator: "\n")
    }
}
