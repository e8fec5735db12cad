/// Values that follow one another, as lines: one value of each at most for a place along the horizontal scale.
package struct LineChart {
    package struct Series {
        package var name: String
        /// From left to right. What is not finite is a gap.
        package var points: [Point]
        package var color: ChartColor
        package var isDashed: Bool

        package init(name: String, points: [Point], color: ChartColor, isDashed: Bool = false) {
            self.name = name
            self.points = points
            self.color = color
            self.isDashed = isDashed
        }
    }

    package struct Point: Hashable {
        package var x, y: Double

        package init(_ x: Double, _ y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// Something that happened at a place, as an upright line.
    package struct Mark {
        package var x: Double
        package var text: String

        package init(x: Double, text: String) {
            self.x = x
            self.text = text
        }
    }

    package var series: [Series]
    package var horizontal: Scale
    package var vertical: Scale
    package var marks: [Mark]
    /// What the chart shows, for those who do not see it.
    package var summary: String

    package init(series: [Series], horizontal: Scale, vertical: Scale, marks: [Mark] = [], summary: String) {
        self.series = series
        self.horizontal = horizontal
        self.vertical = vertical
        self.marks = marks
        self.summary = summary
    }

    package static let style: HTML = """
        svg.chart { width: 100%; max-width: 36rem; }
        .line { fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
        .dashed { stroke-dasharray: 5 4; }
        .halo { stroke: var(--paper); stroke-width: 3; stroke-linejoin: round; paint-order: stroke; }
        .mark { stroke: var(--muted); stroke-dasharray: 2 3; }
        .hit { fill: transparent; }
        .hit:hover { fill: var(--ink); fill-opacity: .08; }
        ul.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .2rem 0; padding: 0;
          font-size: .87rem; }
        ul.legend li { display: flex; align-items: center; gap: .4rem; overflow-wrap: anywhere; }
        ul.legend svg { width: 24px; height: 10px; flex: none; }
        """

    private static let (width, height) = (460.0, 270.0)
    /// More than a line's pixels say nothing: where there are more points, the least and the largest of some stay.
    private static let mostPoints = 800
    /// Of the places that a pointer finds.
    private static let mostHits = 300

    package var html: HTML {
        let frame = PlotFrame(width: Self.width, height: Self.height, horizontal: horizontal, vertical: vertical)
        return """
            \(series.count > 1 ? Self.legend(series) : "")
            <svg class="chart" viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-label="\(summary)">
            \(frame.grid)
            \(series.map { line($0, frame) })
            \(marks.map { mark($0, frame) })
            \(hits(frame))
            </svg>
            """
    }

    /// What the lines are.
    private static func legend(_ series: [Series]) -> HTML {
        let items: [HTML] = series.map { series in
            """
            <li><svg viewBox="0 0 24 10" aria-hidden="true"><path class="\(className(of: series))" d="M1 5H23"/></svg>\
            \(series.name)</li>
            """
        }
        return "<ul class=\"legend\">\(items)</ul>"
    }

    private static func className(of series: Series) -> String {
        "line \(series.color.rawValue)\(series.isDashed ? " dashed" : "")"
    }

    private func line(_ series: Series, _ frame: PlotFrame) -> HTML {
        var path: [HTML] = []
        var lone: [HTML] = []
        var isDrawing = false
        let points = Self.thinned(series.points)
        for (index, point) in points.enumerated() {
            guard vertical.axis.canShow(point.y) else {
                isDrawing = false
                continue
            }
            let (x, y) = (frame.x(point.x), frame.y(point.y))
            let isLast = index + 1 == points.count || !vertical.axis.canShow(points[index + 1].y)
            // A line of one point would not be seen.
            if !isDrawing, isLast {
                lone.append("<circle class=\"\(series.color.rawValue)\" cx=\"\(x)\" cy=\"\(y)\" r=\"3\"/>")
            }
            path.append("\(isDrawing ? "L" : "M")\(x) \(y)")
            isDrawing = true
        }
        return "<path class=\"\(Self.className(of: series))\" d=\"\(path)\"/>\(lone)"
    }

    /// No more points than can be told apart, with all peaks.
    static func thinned(_ points: [Point]) -> [Point] {
        guard points.count > mostPoints else { return points }
        let size = (points.count * 2 + mostPoints - 1) / mostPoints
        return stride(from: 0, to: points.count, by: size).flatMap { start -> [Point] in
            let some = points[start..<min(start + size, points.count)]
            let finite = some.indices.filter { points[$0].y.isFinite }
            guard let low = finite.min(by: { points[$0].y < points[$1].y }),
                let high = finite.max(by: { points[$0].y < points[$1].y })
            else { return Array(some.prefix(1)) }
            return Set([low, high]).sorted().map { points[$0] }
        }
    }

    private func mark(_ mark: Mark, _ frame: PlotFrame) -> HTML {
        let x = frame.x(mark.x)
        // On the side where there is room.
        let isRight = x + TextWidth.of(mark.text) + 6 <= frame.plot.right
        return """
            <line class="mark" x1="\(x)" x2="\(x)" y1="\(frame.plot.y)" y2="\(frame.plot.bottom)"/>
            <text class="muted halo" x="\(isRight ? x + 5 : x - 5)" y="\(frame.plot.y + 11)" \
            text-anchor="\(isRight ? "start" : "end")">\(mark.text)</text>
            """
    }

    /// Upright strips over the plot that tell, under a pointer, what the lines are at there.
    private func hits(_ frame: PlotFrame) -> [HTML] {
        let all = Set(series.flatMap { $0.points.map(\.x) }).sorted()
        let step = (all.count + Self.mostHits - 1) / Self.mostHits
        let places = all.indices.filter { $0 % max(step, 1) == 0 }.map { all[$0] }
        let values = series.map { series in
            Dictionary(series.points.map { ($0.x, $0.y) }, uniquingKeysWith: { $1 })
        }
        let middles = zip(places, places.dropFirst()).map { (frame.x($0) + frame.x($1)) / 2 }
        return places.indices.map { index in
            let left = index == 0 ? frame.plot.x : middles[index - 1]
            let right = index == middles.count ? frame.plot.right : middles[index]
            let lines = series.indices.compactMap { number in
                values[number][places[index]].map { value in
                    (series.count > 1 ? series[number].name + " " : "")
                        + (value.isFinite ? vertical.valueText(value) : "not finite")
                }
            }
            let text = ([horizontal.title + " " + horizontal.valueText(places[index])] + lines).joined(separator: "\n")
            return """
                <rect class="hit" x="\(left)" y="\(frame.plot.y)" width="\(max(right - left, 0.1))" \
                height="\(frame.plot.height)"><title>\(text)</title></rect>
                """
        }
    }
}
