/// A table of shares as shades, with a number in each field where there is one.
package struct HeatMap {
    package struct Cell {
        /// 0 ... 1, how strong the shade is.
        package var share: Double
        package var color: ChartColor
        /// What stands in the field; nothing where that is empty.
        package var text: String
        /// What a pointer over the field shows.
        package var tooltip: String
        /// Where a click leads, within the page.
        package var link: String?

        package init(share: Double, color: ChartColor, text: String, tooltip: String, link: String? = nil) {
            self.share = share
            self.color = color
            self.text = text
            self.tooltip = tooltip
            self.link = link
        }
    }

    /// What the rows are, and what the columns are.
    package var rowTitle, columnTitle: String
    package var rows, columns: [String]
    /// One for each row and column.
    package var cells: [[Cell]]
    /// What the map shows, for those who do not see it.
    package var summary: String

    package init(
        rowTitle: String, columnTitle: String, rows: [String], columns: [String], cells: [[Cell]], summary: String
    ) {
        self.rowTitle = rowTitle
        self.columnTitle = columnTitle
        self.rows = rows
        self.columns = columns
        self.cells = cells
        self.summary = summary
    }

    package static let style: HTML = """
        svg.heatmap { max-width: none; }
        .heatmap rect { stroke: var(--grid); }
        .heatmap .number { font-size: 11px; }
        .heatmap a:hover rect, .heatmap a:focus rect { stroke: var(--ink); }
        @media print { svg.heatmap { max-width: 100%; height: auto; } }
        """

    /// Labels are cut where they are longer; the fields' tooltips have all of them.
    private static let longestLabel = 150.0

    /// As wide as its fields are: it can be scrolled where the page is narrower.
    package var html: HTML {
        let longest = cells.joined().map { Double($0.text.displayWidth) * 6.6 }.max() ?? 0
        let side = (wide: max(26, longest + 8), high: 24.0)
        func label(_ text: String) -> String { TextWidth.fitting(text, Self.longestLabel) }
        let left = max(TextWidth.of(rowTitle), rows.map { TextWidth.of(label($0)) }.max() ?? 0) + 10
        // The columns' labels lean to the right, so that none covers its neighbour however long it is.
        let slope = 0.7071
        let top = (columns.map { TextWidth.of(label($0)) }.max() ?? 0) * slope + 36
        let width = left + side.wide * Double(columns.count) + (top - 36) + 8
        let height = top + side.high * Double(rows.count) + 2
        let heads: [HTML] = columns.indices.map { column in
            let x = left + (Double(column) + 0.5) * side.wide
            return """
                <text class="muted" x="\(x)" y="\(top - 8)" transform="rotate(-45 \(x) \(top - 8))">\(label(columns[column]))\
                </text>
                """
        }
        let lines: [HTML] = rows.indices.map { row in
            let y = top + Double(row) * side.high
            let fields: [HTML] = columns.indices.map { column in
                field(cells[row][column], x: left + Double(column) * side.wide, y: y, side)
            }
            return """
                <text x="\(left - 8)" y="\(y + side.high / 2 + 4.5)" text-anchor="end">\(label(rows[row]))</text>
                \(fields)
                """
        }
        return """
            <div class="scroll"><svg class="heatmap" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
            role="img" aria-label="\(summary)">
            <text class="muted" x="\(left - 8)" y="\(top - 8)" text-anchor="end">\(rowTitle)</text>
            <text class="muted" x="\(left)" y="13">\(columnTitle)</text>
            \(heads)
            \(lines)
            </svg></div>
            """
    }

    private func field(_ cell: Cell, x: Double, y: Double, _ side: (wide: Double, high: Double)) -> HTML {
        let number: HTML =
            cell.text.isEmpty
            ? ""
            : """
            <text class="number" x="\(x + side.wide / 2)" y="\(y + side.high / 2 + 4)" text-anchor="middle">\(cell.text)</text>
            """
        let box: HTML = """
            <g><title>\(cell.tooltip)</title><rect class="\(cell.color.rawValue)" x="\(x)" y="\(y)" width="\(side.wide)" \
            height="\(side.high)" fill-opacity=".\(Self.hundredths(cell.share * 0.6))"/>\(number)</g>
            """
        return cell.link.map { "<a href=\"\($0)\">\(box)</a>" } ?? box
    }

    private static func hundredths(_ share: Double) -> String {
        let count = Int((min(max(share, 0), 0.99) * 100).rounded())
        return count < 10 ? "0\(count)" : "\(count)"
    }
}
