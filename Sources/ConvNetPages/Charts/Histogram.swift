/// How many things there are in each part of a scale, as bars; those of several groups stand on one another.
package struct Histogram {
    package struct Group {
        package var name: String
        package var color: ChartColor
        /// One for each part.
        package var counts: [Int]

        package init(name: String, color: ChartColor, counts: [Int]) {
            self.name = name
            self.color = color
            self.counts = counts
        }
    }

    /// Where the parts begin, and where the last one ends.
    package var edges: [Double]
    /// The lowest first.
    package var groups: [Group]
    /// Holds the edges.
    package var horizontal: Scale
    /// What is counted.
    package var title: String
    /// What the chart shows, for those who do not see it.
    package var summary: String

    package init(edges: [Double], groups: [Group], horizontal: Scale, title: String, summary: String) {
        self.edges = edges
        self.groups = groups
        self.horizontal = horizontal
        self.title = title
        self.summary = summary
    }

    package var html: HTML {
        let parts = 0..<max(edges.count - 1, 0)
        let sums = parts.map { part in groups.reduce(0) { $0 + $1.counts[part] } }
        let vertical = Scale(
            title: title, axis: .linear([Double(max(sums.max() ?? 1, 1))], fromZero: true), text: Axis.countText)
        let frame = PlotFrame(width: 460, height: 270, horizontal: horizontal, vertical: vertical)
        let bars: [HTML] = parts.map { part in
            let left = frame.x(edges[part])
            let width = frame.x(edges[part + 1]) - left
            var below = 0
            let boxes: [HTML] = groups.map { group in
                let (low, high) = (frame.y(Double(below)), frame.y(Double(below + group.counts[part])))
                below += group.counts[part]
                return """
                    <rect class="\(group.color.rawValue)" x="\(left + 0.5)" y="\(high)" width="\(max(width - 1, 0.5))" \
                    height="\(low - high)"/>
                    """
            }
            let lines = groups.map { ($0.name.isEmpty ? "" : $0.name + " ") + $0.counts[part].grouped }
            let range = "\(horizontal.valueText(edges[part])) to \(horizontal.valueText(edges[part + 1]))"
            return """
                \(boxes)
                <rect class="hit" x="\(left)" y="\(frame.plot.y)" width="\(width)" height="\(frame.plot.height)">\
                <title>\(([range] + lines).joined(separator: "\n"))</title></rect>
                """
        }
        return """
            \(groups.count > 1 ? legend : "")
            <svg class="chart" viewBox="0 0 \(frame.width) \(frame.height)" role="img" aria-label="\(summary)">
            \(frame.grid)
            \(bars)
            </svg>
            """
    }

    private var legend: HTML {
        let items: [HTML] = groups.map { group in
            """
            <li><svg viewBox="0 0 24 10" aria-hidden="true"><rect class="\(group.color.rawValue)" width="14" height="10"/></svg>\
            \(group.name)</li>
            """
        }
        return "<ul class=\"legend\">\(items)</ul>"
    }
}
