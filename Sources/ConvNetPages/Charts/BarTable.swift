/// Several bar charts of the same things side by side, as a table: each row a thing, each column a chart with bars from the
/// left and the numbers beside them. Text stays text, so it can be read at any width and by any program.
package struct BarTable {
    package struct Column {
        package var title: String
        /// The bars' colour: `first`, `second` or `third`.
        package var color: String

        package init(title: String, color: String) {
            self.title = title
            self.color = color
        }
    }

    package struct Row {
        package var label: String
        /// What stands in fainter letters behind the label.
        package var detail: String
        /// One for each column.
        package var cells: [Cell]

        package init(label: String, detail: String = "", cells: [Cell]) {
            self.label = label
            self.detail = detail
            self.cells = cells
        }
    }

    package struct Cell {
        package var value: Double
        /// What stands beside the bar.
        package var text: String
        /// What a pointer over the bar shows.
        package var tooltip: String

        package init(value: Double, text: String, tooltip: String) {
            self.value = value
            self.text = text
            self.tooltip = tooltip
        }
    }

    package var rowTitle: String
    package var columns: [Column]
    package var rows: [Row]

    package init(rowTitle: String, columns: [Column], rows: [Row]) {
        self.rowTitle = rowTitle
        self.columns = columns
        self.rows = rows
    }

    package static let style: HTML = """
        table.bars { table-layout: fixed; }
        table.bars th, table.bars td { text-align: left; padding-top: .1rem; padding-bottom: .1rem; border: 0; }
        table.bars thead th { border-bottom: 1px solid var(--rule); }
        table.bars th:first-child { width: 19rem; overflow-wrap: anywhere; white-space: normal; }
        table.bars tbody th { font-weight: 400; }
        table.bars th span { color: var(--muted); padding-left: .4rem; }
        table.bars .cell { display: flex; align-items: center; gap: .4rem; }
        table.bars .track { flex: 1; min-width: 0; }
        table.bars .number { width: 4.9rem; flex: none; color: var(--muted); text-align: right; }
        table.bars svg { width: 100%; height: .75rem; }
        @media (max-width: 44rem) {
          table.bars { table-layout: auto; }
          table.bars tr { display: grid; grid-template-columns: repeat(3, 1fr); column-gap: .75rem; }
          table.bars th:first-child { grid-column: 1 / -1; width: auto; }
          table.bars thead th:first-child { display: none; }
          table.bars th, table.bars td { padding-left: 0; padding-right: 0; white-space: normal; }
          table.bars tbody tr { padding: .2rem 0; border-top: 1px solid var(--grid); }
          table.bars .cell { display: block; }
          table.bars .number { width: auto; text-align: left; }
        }
        """

    package var html: HTML {
        let largest = columns.indices.map { column in rows.reduce(0) { max($0, $1.cells[column].value) } }
        let headers: [HTML] = columns.map { "<th scope=\"col\">\($0.title)</th>" }
        let lines: [HTML] = rows.map { row in
            let cells: [HTML] = row.cells.indices.map { column in
                bar(row.cells[column], color: columns[column].color, largest: largest[column])
            }
            return "<tr><th scope=\"row\">\(row.label) <span>\(row.detail)</span></th>\(cells)</tr>"
        }
        return """
            <table class="bars">
            <thead><tr><th scope="col">\(rowTitle)</th>\(headers)</tr></thead>
            <tbody>
            \(lines)
            </tbody>
            </table>
            """
    }

    private func bar(_ cell: Cell, color: String, largest: Double) -> HTML {
        let percent = largest > 0 ? cell.value / largest * 100 : 0
        // What there is a little of must not look like nothing.
        let rectangle: HTML =
            percent > 0 ? "<rect class=\"\(color)\" width=\"\(max(percent, 0.5))%\" height=\"100%\" rx=\"1\"/>" : ""
        return """
            <td title="\(cell.tooltip)"><div class="cell"><div class="track"><svg aria-hidden="true">\(rectangle)</svg></div>\
            <div class="number">\(cell.text)</div></div></td>
            """
    }
}
