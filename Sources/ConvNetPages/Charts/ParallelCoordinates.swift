/// Things with many numbers each, as lines from scale to scale: which values go with a good last one is seen at once.
package struct ParallelCoordinates {
    /// One upright scale.
    package struct Dimension {
        package enum Kind {
            case numbers(Scale)
            /// Values without an order, the lowest first; a line's value is the position of its own.
            case names([String])
        }

        package var title: String
        package var kind: Kind

        package init(title: String, kind: Kind) {
            self.title = title
            self.kind = kind
        }
    }

    package struct Line {
        /// One for each dimension; a line is broken where there is none.
        package var values: [Double?]
        /// What a pointer over the line shows.
        package var tooltip: String

        package init(values: [Double?], tooltip: String) {
            self.values = values
            self.tooltip = tooltip
        }
    }

    /// The last one gives the lines their colour.
    package var dimensions: [Dimension]
    package var lines: [Line]
    /// What the chart shows, for those who do not see it.
    package var summary: String

    package init(dimensions: [Dimension], lines: [Line], summary: String) {
        self.dimensions = dimensions
        self.lines = lines
        self.summary = summary
    }

    package static let style: HTML = """
        svg.parallel { max-width: none; }
        .parallel path { fill: none; stroke-width: 1.5; stroke-opacity: .8; }
        .parallel path:hover { stroke: var(--ink); stroke-width: 3; }
        @media print { svg.parallel { max-width: 100%; height: auto; } }
        """

    private static let (top, bottom) = (40.0, 300.0)

    package var html: HTML {
        let spacing = max(120, min(220, 800 / Double(max(dimensions.count - 1, 1))))
        let left = 12.0
        let width = left + spacing * Double(max(dimensions.count - 1, 0)) + 110
        let height = Self.bottom + 14
        func x(_ index: Int) -> Double { left + spacing * Double(index) }
        let axes: [HTML] = dimensions.indices.map { index in
            let dimension = dimensions[index]
            let marks: [HTML] = dimension.marks.map { place, text in
                let y = Self.bottom - (Self.bottom - Self.top) * place
                return """
                    <line class="axis" x1="\(x(index))" x2="\(x(index) + 5)" y1="\(y)" y2="\(y)"/>
                    <text class="muted halo" x="\(x(index) + 8)" y="\(y - 3)">\
                    \(TextWidth.fitting(text, spacing - 16))</text>
                    """
            }
            return """
                <line class="axis" x1="\(x(index))" x2="\(x(index))" y1="\(Self.top)" y2="\(Self.bottom)"/>
                <text x="\(x(index) - (index == 0 ? left - 2 : 8))" y="14">\
                \(TextWidth.fitting(dimension.title, spacing - 6))<title>\(dimension.title)</title></text>
                \(marks)
                """
        }
        // The best ones are drawn last, over the others.
        let order = lines.indices.sorted { (goodness($0) ?? -1, $0) < (goodness($1) ?? -1, $1) }
        let paths: [HTML] = order.map { path(lines[$0], goodness($0), x) }
        return """
            <div class="scroll"><svg class="parallel" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
            role="img" aria-label="\(summary)">
            \(paths)
            \(axes)
            </svg></div>
            """
    }

    /// Where a line meets the last scale, 0 ... 1.
    private func goodness(_ index: Int) -> Double? {
        lines[index].values.last.flatMap { $0 }.flatMap { dimensions.last?.position(of: $0) }
    }

    private func path(_ line: Line, _ goodness: Double?, _ x: (Int) -> Double) -> HTML {
        var path: [HTML] = []
        var before: Double?
        for (index, value) in line.values.enumerated() {
            guard let value, let place = dimensions[index].position(of: value) else {
                before = nil
                continue
            }
            let y = Self.bottom - (Self.bottom - Self.top) * place
            if let before {
                let middle = (x(index - 1) + x(index)) / 2
                path.append("C\(middle) \(before) \(middle) \(y) \(x(index)) \(y)")
            } else {
                path.append("M\(x(index)) \(y)")
            }
            before = y
        }
        let color: HTML =
            goodness.map { "color-mix(in oklab, var(--second), var(--first) \(($0 * 100).rounded())%)" }
            ?? "var(--rule)"
        return "<path d=\"\(path)\" style=\"stroke: \(color)\"><title>\(line.tooltip)</title></path>"
    }
}

extension ParallelCoordinates.Dimension {
    /// 0 at the lower end, 1 at the upper; nil for what the scale cannot show.
    fileprivate func position(of value: Double) -> Double? {
        switch kind {
        case .numbers(let scale): scale.axis.canShow(value) ? scale.axis.position(of: value) : nil
        case .names(let names): names.count < 2 ? 0.5 : value / Double(names.count - 1)
        }
    }

    fileprivate var marks: [(place: Double, text: String)] {
        switch kind {
        case .numbers(let scale): scale.axis.ticks.map { (scale.axis.position(of: $0), scale.text($0)) }
        case .names(let names): names.indices.map { (position(of: Double($0)) ?? 0, names[$0]) }
        }
    }
}
