/// Charts of one size beside each other, as many in a row as there is room for.
package struct SmallMultiples {
    package var charts: [(title: String, chart: HTML)]

    package init(_ charts: [(title: String, chart: HTML)]) {
        self.charts = charts
    }

    package static let style: HTML = """
        .multiples { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.5rem 2rem; }
        .multiples figure { margin: 0; min-width: 0; max-width: 36rem; display: flex; flex-direction: column; }
        .multiples figcaption { color: var(--ink); font-weight: 600; font-size: .95rem; }
        .multiples svg { width: 100%; }
        .multiples ul.legend svg { width: 24px; }
        .multiples figure > svg { margin-top: auto; }
        """

    package var html: HTML {
        let figures: [HTML] = charts.map { title, chart in
            "<figure><figcaption>\(title)</figcaption>\n\(chart)</figure>"
        }
        return "<div class=\"multiples\">\(figures)</div>"
    }
}
