/// Names with a value each.
package struct FactTable {
    package struct Row {
        package var name: String
        package var value: HTML
        /// What stands behind the value in fainter letters.
        package var detail: String

        package init(_ name: String, _ value: HTML, detail: String = "") {
            self.name = name
            self.value = value
            self.detail = detail
        }

        package init(_ name: String, _ value: String, detail: String = "") {
            self.init(name, "\(printable(value))" as HTML, detail: detail)
        }
    }

    package var rows: [Row]

    package init(_ rows: [Row]) {
        self.rows = rows
    }

    package static let style: HTML = """
        table.facts { width: auto; }
        table.facts th { font-weight: 400; color: var(--muted); }
        table.facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
        table.facts td span { color: var(--muted); padding-left: .4rem; }
        """

    package var html: HTML {
        guard !rows.isEmpty else { return "" }
        let lines: [HTML] = rows.map { row in
            let detail: HTML = row.detail.isEmpty ? "" : " <span>\(printable(row.detail))</span>"
            return "<tr><th scope=\"row\">\(printable(row.name))</th><td>\(row.value)\(detail)</td></tr>"
        }
        return "<table class=\"facts\"><tbody>\(lines)</tbody></table>"
    }
}
