/// Things as points at two numbers each.
package struct ScatterChart {
    package struct Point {
        package var x, y: Double
        package var color: ChartColor
        /// What a pointer over the point shows.
        package var tooltip: String
        /// Where a click leads, within the page or beside it.
        package var link: String?

        package init(x: Double, y: Double, color: ChartColor = .first, tooltip: String, link: String? = nil) {
            self.x = x
            self.y = y
            self.color = color
            self.tooltip = tooltip
            self.link = link
        }
    }

    package var points: [Point]
    package var horizontal: Scale
    package var vertical: Scale
    /// What the chart shows, for those who do not see it.
    package var summary: String

    package init(points: [Point], horizontal: Scale, vertical: Scale, summary: String) {
        self.points = points
        self.horizontal = horizontal
        self.vertical = vertical
        self.summary = summary
    }

    package static let style: HTML = """
        .point { fill-opacity: .75; stroke: var(--paper); stroke-width: .8; }
        .point:hover { fill-opacity: 1; stroke: var(--ink); }
        """

    package var html: HTML {
        let frame = PlotFrame(width: 460, height: 300, horizontal: horizontal, vertical: vertical, inset: 6)
        let shown = points.filter { horizontal.axis.canShow($0.x) && vertical.axis.canShow($0.y) }
        let circles: [HTML] = shown.map { point in
            let circle: HTML = """
                <circle class="point \(point.color.rawValue)" cx="\(frame.x(point.x))" cy="\(frame.y(point.y))" r="4.5">\
                <title>\(point.tooltip)</title></circle>
                """
            return point.link.map { "<a href=\"\($0)\">\(circle)</a>" } ?? circle
        }
        return """
            <svg class="chart" viewBox="0 0 \(frame.width) \(frame.height)" role="img" aria-label="\(summary)">
            \(frame.grid)
            \(circles)
            </svg>
            """
    }
}
