/// Circles at two numbers each, with the area of a third, labelled where they are.
package struct BubbleChart {
    package struct Bubble {
        package var label: String
        /// What a pointer over the bubble shows.
        package var tooltip: String
        package var x, y, area: Double

        package init(label: String, tooltip: String, x: Double, y: Double, area: Double) {
            self.label = label
            self.tooltip = tooltip
            self.x = x
            self.y = y
            self.area = area
        }
    }

    /// One for each thing, at least one; all numbers finite, areas not negative.
    package var bubbles: [Bubble]
    package var horizontal: Scale
    package var vertical: Scale
    /// What the areas stand for, and how it is written.
    package var areaTitle: String
    package var areaText: (Double) -> String
    /// What the chart shows, for those who do not see it.
    package var summary: String

    package init(
        bubbles: [Bubble], horizontal: Scale, vertical: Scale, areaTitle: String,
        areaText: @escaping (Double) -> String, summary: String
    ) {
        self.bubbles = bubbles
        self.horizontal = horizontal
        self.vertical = vertical
        self.areaTitle = areaTitle
        self.areaText = areaText
        self.summary = summary
    }

    package static let style: HTML = """
        figure svg { overflow: visible; }
        .bubble { fill: var(--first); fill-opacity: .35; stroke: var(--first); stroke-width: 1.5; }
        .leader { stroke: var(--muted); }
        svg .label { font-weight: 600; }
        """

    /// The chart twice: for wide pages and for narrow ones, since text in a picture that shrinks cannot be read.
    package var html: HTML {
        """
        \(svg(width: 920, height: 560, largestRadius: 44, className: "wide"))
        \(svg(width: 420, height: 470, largestRadius: 24, className: "narrow"))
        """
    }

    private func svg(width: Double, height: Double, largestRadius: Double, className: String) -> HTML {
        let layout = Layout(chart: self, width: width, height: height, largestRadius: largestRadius)
        // Small circles in front of large ones.
        let order = bubbles.indices.sorted { bubbles[$0].area > bubbles[$1].area }
        return """
            <svg class="\(className)" viewBox="0 0 \(width) \(height)" role="img" aria-label="\(summary)">
            \(layout.frame.grid)
            \(layout.legend)
            \(order.map(layout.circle))
            \(order.map(layout.label))
            </svg>
            """
    }
}

/// Where everything is in one drawing of a chart.
private struct Layout {
    let chart: BubbleChart
    let frame: PlotFrame
    let circles: [LabelPlacement.Circle]
    let places: [LabelPlacement.Place]
    let radiusOfOne: Double

    init(chart: BubbleChart, width: Double, height: Double, largestRadius: Double) {
        self.chart = chart
        let frame = PlotFrame(
            width: width, height: height, horizontal: chart.horizontal, vertical: chart.vertical, inset: largestRadius,
            bottom: 46)
        let scale = largestRadius / max(chart.bubbles.map(\.area).max() ?? 1, 1).squareRoot()
        let circles = chart.bubbles.map { bubble in
            LabelPlacement.Circle(
                x: frame.x(bubble.x), y: frame.y(bubble.y), radius: max(2, scale * bubble.area.squareRoot()))
        }
        self.frame = frame
        self.circles = circles
        radiusOfOne = scale
        places = LabelPlacement.places(
            for: circles, widths: chart.bubbles.map { TextWidth.ofBold($0.label) }, height: 16, bounds: frame.plot)
    }

    /// Two circles of round areas at the bottom, on the right.
    var legend: HTML {
        let largest = chart.bubbles.map(\.area).max() ?? 1
        let areas = [largest / 25, largest / 4].map(Self.rounded)
        let y = frame.height - 24
        var x = frame.width - 8
        var parts: [HTML] = []
        for area in areas.reversed() {
            let radius = max(2, radiusOfOne * area.squareRoot())
            let text = chart.areaText(area)
            x -= TextWidth.ofBold(text)
            parts.append("<text class=\"muted\" x=\"\(x)\" y=\"\(y + 4)\">\(text)</text>")
            x -= radius + 6
            parts.append("<circle class=\"bubble\" cx=\"\(x)\" cy=\"\(y)\" r=\"\(radius)\"/>")
            x -= radius + 14
        }
        return """
            <text class="muted" x="\(x)" y="\(y + 4)" text-anchor="end">\(chart.areaTitle)</text>
            \(parts)
            """
    }

    /// 1, 2 or 5 times a power of ten, not above the number where that is at least 1.
    private static func rounded(_ number: Double) -> Double {
        var power = 1.0
        while power * 10 <= number { power *= 10 }
        return ([5, 2, 1].first { $0 * power <= number } ?? 1) * power
    }

    func circle(_ index: Int) -> HTML {
        let (circle, bubble) = (circles[index], chart.bubbles[index])
        return """
            <circle class="bubble" cx="\(circle.x)" cy="\(circle.y)" r="\(circle.radius)">\
            <title>\(bubble.tooltip)</title></circle>
            """
    }

    func label(_ index: Int) -> HTML {
        let (circle, place) = (circles[index], places[index])
        let center = place.rectangle.center
        let text: HTML = """
            <text class="label halo" x="\(center.x)" y="\(center.y + 4.5)" text-anchor="middle">\(chart.bubbles[index].label)</text>
            """
        guard place.needsLine else { return text }
        let end = place.rectangle.nearest(toX: circle.x, y: circle.y)
        let (dx, dy) = (end.x - circle.x, end.y - circle.y)
        let share = circle.radius / max((dx * dx + dy * dy).squareRoot(), circle.radius)
        return """
            <line class="leader" x1="\(circle.x + dx * share)" y1="\(circle.y + dy * share)" x2="\(end.x)" y2="\(end.y)"/>
            \(text)
            """
    }
}
