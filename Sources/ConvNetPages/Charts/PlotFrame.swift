/// The part of a drawing that a chart's marks are in, with two scales around it.
struct PlotFrame {
    let width, height: Double
    let horizontal, vertical: Scale
    /// Between the axes.
    let plot: Rectangle
    /// Where the scales' ends are, so far within the plot that nothing that is drawn at them crosses an axis.
    private let scales: Rectangle

    /// - Parameters:
    ///   - inset: how far the scales' ends are within the plot.
    ///   - bottom: what is left free beneath the horizontal scale's title.
    init(
        width: Double, height: Double, horizontal: Scale, vertical: Scale, inset: Double = 0, bottom: Double = 0
    ) {
        self.width = width
        self.height = height
        self.horizontal = horizontal
        self.vertical = vertical
        let left = (vertical.axis.ticks.map { TextWidth.of(vertical.text($0)) }.max() ?? 0) + 12
        let right = max(12, TextWidth.of(horizontal.axis.ticks.last.map(horizontal.text) ?? "") / 2 + 2)
        let top = vertical.title.isEmpty ? 12.0 : 28
        plot = Rectangle(x: left, y: top, width: width - left - right, height: height - top - 46 - bottom)
        scales = plot.inset(by: inset)
    }

    func x(_ value: Double) -> Double { scales.x + scales.width * horizontal.axis.position(of: value) }
    func y(_ value: Double) -> Double { scales.y + scales.height * (1 - vertical.axis.position(of: value)) }

    /// The axes with their titles and with those of their marks whose numbers have room.
    var grid: HTML {
        let rows: [HTML] = Self.apart(vertical.axis.ticks, at: y, length: { _ in 13 }).map { tick in
            """
            <line class="grid" x1="\(plot.x)" x2="\(plot.right)" y1="\(y(tick))" y2="\(y(tick))"/>
            <text class="muted" x="\(plot.x - 8)" y="\(y(tick) + 4)" text-anchor="end">\(vertical.text(tick))</text>
            """
        }
        let columns: [HTML] = Self.apart(
            horizontal.axis.ticks, at: x, length: { TextWidth.of(horizontal.text($0)) + 8 }
        ).map { tick in
            """
            <line class="grid" x1="\(x(tick))" x2="\(x(tick))" y1="\(plot.y)" y2="\(plot.bottom)"/>
            <text class="muted" x="\(x(tick))" y="\(plot.bottom + 18)" text-anchor="middle">\(horizontal.text(tick))</text>
            """
        }
        return """
            \(rows)
            \(columns)
            <line class="axis" x1="\(plot.x)" x2="\(plot.right)" y1="\(plot.bottom)" y2="\(plot.bottom)"/>
            <text x="\(plot.x + plot.width / 2)" y="\(plot.bottom + 38)" text-anchor="middle">\(horizontal.title)</text>
            <text x="2" y="14">\(vertical.title)</text>
            """
    }

    /// The marks without those whose text would run into that of another: every second one is left out, or more.
    private static func apart(
        _ ticks: [Double], at place: (Double) -> Double, length: (Double) -> Double
    ) -> [Double] {
        for step in 1...max(ticks.count, 1) {
            let kept = ticks.indices.filter { $0 % step == 0 }.map { ticks[$0] }
            let fits = zip(kept, kept.dropFirst()).allSatisfy { one, next in
                abs(place(next) - place(one)) >= (length(one) + length(next)) / 2
            }
            if fits { return kept }
        }
        return []
    }
}

/// What text takes in the charts' sans-serif of 13 pixels, about: a little more rather than less.
enum TextWidth {
    static func of(_ text: String) -> Double { Double(text.displayWidth) * 7.4 }
    static func ofBold(_ text: String) -> Double { Double(text.displayWidth) * 8.3 }

    /// The text, cut where it would be wider.
    static func fitting(_ text: String, _ width: Double) -> String {
        guard of(text) > width else { return text }
        var kept = text
        while !kept.isEmpty, of(kept) + 7.4 > width { kept.removeLast() }
        return kept + "…"
    }
}
