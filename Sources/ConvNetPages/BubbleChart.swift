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

    /// What is measured along one direction, and how its marks are written.
    package struct Scale {
        package var title: String
        package var axis: Axis
        package var text: (Double) -> String

        package init(title: String, axis: Axis, text: @escaping (Double) -> String) {
            self.title = title
            self.axis = axis
            self.text = text
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
        svg .label { font-weight: 600; stroke: var(--paper); stroke-width: 3; stroke-linejoin: round;
          paint-order: stroke; }
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
            \(layout.grid)
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
    let width, height: Double
    let plot: LabelPlacement.Rectangle
    /// Where the scales' ends are, so far within the plot that no circle crosses an axis.
    private let scales: LabelPlacement.Rectangle
    let circles: [LabelPlacement.Circle]
    let places: [LabelPlacement.Place]
    let radiusOfOne: Double

    private static let fontSize = 13.0

    init(chart: BubbleChart, width: Double, height: Double, largestRadius: Double) {
        self.chart = chart
        self.width = width
        self.height = height
        let plot = LabelPlacement.Rectangle(x: 52, y: 48, width: width - 52 - 28, height: height - 48 - 92)
        let scales = LabelPlacement.Rectangle(
            x: plot.x + largestRadius, y: plot.y + largestRadius, width: plot.width - 2 * largestRadius,
            height: plot.height - 2 * largestRadius)
        let scale = largestRadius / max(chart.bubbles.map(\.area).max() ?? 1, 1).squareRoot()
        let circles = chart.bubbles.map { bubble in
            LabelPlacement.Circle(
                x: scales.x + scales.width * chart.horizontal.axis.position(of: bubble.x),
                y: scales.y + scales.height * (1 - chart.vertical.axis.position(of: bubble.y)),
                radius: max(2, scale * bubble.area.squareRoot()))
        }
        self.plot = plot
        self.scales = scales
        self.circles = circles
        radiusOfOne = scale
        places = LabelPlacement.places(
            for: circles, widths: chart.bubbles.map { Self.width(of: $0.label) }, height: Self.fontSize + 3,
            bounds: plot)
    }

    /// About what the text takes in a bold sans-serif.
    private static func width(of text: String) -> Double { Double(text.displayWidth) * fontSize * 0.64 }

    var grid: HTML {
        let right = plot.x + plot.width
        let bottom = plot.y + plot.height
        let rows: [HTML] = chart.vertical.axis.ticks.map { tick in
            let y = scales.y + scales.height * (1 - chart.vertical.axis.position(of: tick))
            return """
                <line class="grid" x1="\(plot.x)" x2="\(right)" y1="\(y)" y2="\(y)"/>
                <text class="muted" x="\(plot.x - 8)" y="\(y + 4)" text-anchor="end">\(chart.vertical.text(tick))</text>
                """
        }
        let columns: [HTML] = chart.horizontal.axis.ticks.map { tick in
            let x = scales.x + scales.width * chart.horizontal.axis.position(of: tick)
            return """
                <line class="grid" x1="\(x)" x2="\(x)" y1="\(plot.y)" y2="\(bottom)"/>
                <text class="muted" x="\(x)" y="\(bottom + 18)" text-anchor="middle">\(chart.horizontal.text(tick))</text>
                """
        }
        return """
            \(rows)
            \(columns)
            <line class="axis" x1="\(plot.x)" x2="\(right)" y1="\(bottom)" y2="\(bottom)"/>
            <text x="\(plot.x + plot.width / 2)" y="\(bottom + 40)" text-anchor="middle">\(chart.horizontal.title)</text>
            <text x="4" y="\(plot.y - 24)">\(chart.vertical.title)</text>
            """
    }

    /// Two circles of round areas at the bottom, on the right.
    var legend: HTML {
        let largest = chart.bubbles.map(\.area).max() ?? 1
        let areas = [largest / 25, largest / 4].map(Self.rounded)
        let y = height - 24
        var x = width - 8
        var parts: [HTML] = []
        for area in areas.reversed() {
            let radius = max(2, radiusOfOne * area.squareRoot())
            let text = chart.areaText(area)
            x -= Self.width(of: text)
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
            <text class="label" x="\(center.x)" y="\(center.y + 4.5)" text-anchor="middle">\(chart.bubbles[index].label)</text>
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
