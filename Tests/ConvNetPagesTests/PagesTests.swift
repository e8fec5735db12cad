import Testing

@testable import ConvNetPages

@Suite struct PagesTests {
    @Test func textIsEscapedAndMarkupIsNot() {
        let bold: HTML = "<b>\("a < b & \"c\" 'd'")</b>"
        #expect(bold.description == "<b>a &lt; b &amp; &quot;c&quot; &#39;d&#39;</b>")
        let items: [HTML] = [bold, "<i/>"]
        let whole: HTML = "<p>\(items)\(1)\("\u{0}\u{1B}\n\u{FFFE}é")</p>"
        #expect(whole.description == "<p>\(bold)\n<i/>1\u{FFFD}\u{FFFD}\n\u{FFFD}é</p>")
    }

    @Test(arguments: [(0.0, "0"), (12.0, "12"), (12.34, "12.3"), (12.96, "13"), (-0.04, "0"), (-1.25, "-1.3")])
    func coordinates(number: Double, text: String) {
        #expect(("\(number)" as HTML).description == text)
    }

    @Test func linearAxes() {
        #expect(Axis.linear([69.8, 78.3]).ticks == [65, 70, 75, 80])
        #expect(Axis.linear([3, 17], fromZero: true).ticks == [0, 5, 10, 15, 20])
        #expect(Axis.linear([5]).range.contains(5))
        #expect(Axis.linear([0]).ticks.count > 1)
        #expect(Axis.linear([65, 80]).position(of: 70) == 1.0 / 3)
    }

    @Test func logarithmicAxes() {
        #expect(Axis.logarithmic([40e6, 15e9]).ticks == [1e8, 1e9, 1e10])
        #expect(Axis.logarithmic([40e6, 15e9]).range == 2e7...2e10)
        #expect(Axis.logarithmic([30, 700]).ticks == [20, 50, 100, 200, 500, 1000])
        #expect(Axis.logarithmic([100]).range == 50...200)
        #expect(abs(Axis.logarithmic([1, 1e6]).position(of: 1e3) - 0.5) < 1e-12)
    }

    @Test(arguments: [(0.0, "0"), (500.0, "500"), (5e3, "5 k"), (2.5e6, "2.5 M"), (2e10, "20 G"), (1e12, "1 T")])
    func counts(number: Double, text: String) {
        #expect(Axis.countText(number) == text)
    }

    /// Not even the largest, at the end of both scales.
    @Test(arguments: [(1.0, 1.0), (1e9, 1e9), (1.0, 1e9), (1e9, 1.0)])
    func circlesDoNotCrossTheAxes(first: Double, second: Double) throws {
        let values = [0.0, 100]
        let chart = BubbleChart(
            bubbles: zip([first, second], values).map { .init(label: "a", tooltip: "a", x: $1, y: $1, area: $0) },
            horizontal: .init(title: "x", axis: .linear(values)) { "\($0)" },
            vertical: .init(title: "y", axis: .linear(values)) { "\($0)" }, areaTitle: "area", areaText: { "\($0)" },
            summary: "two")
        for drawing in "\(chart.html)".components(separatedBy: "<svg ").dropFirst() {
            let axis = try #require(
                drawing.firstMatch(of: /<line class="axis" x1="([0-9.]+)" x2="([0-9.]+)" y1="([0-9.]+)"/)?.output)
            let (left, right, bottom) = (Double(axis.1) ?? 0, Double(axis.2) ?? 0, Double(axis.3) ?? 0)
            let circles = drawing.matches(
                of: /<circle class="bubble" cx="([0-9.]+)" cy="([0-9.]+)" r="([0-9.]+)"><title>/)
            #expect(circles.count == 2)
            for circle in circles.map(\.output) {
                let (x, y, radius) = (Double(circle.1) ?? 0, Double(circle.2) ?? 0, Double(circle.3) ?? 0)
                #expect(x - radius >= left - 0.1 && x + radius <= right + 0.1 && y + radius <= bottom + 0.1)
                #expect(y - radius >= 0)
            }
        }
    }

    /// However crowded the circles are, labels lie within the plot and apart from each other.
    @Test(arguments: [1, 5, 12])
    func labelsDoNotOverlap(count: Int) {
        let circles = (0..<count).map { (index: Int) -> LabelPlacement.Circle in
            let (x, y, size) = (index * 7919 % 60, index * 104_729 % 50, index % 4)
            return LabelPlacement.Circle(x: 200 + Double(x), y: 200 + Double(y), radius: 4 + 6 * Double(size))
        }
        let widths = (0..<count).map { 60 + 20 * Double($0 % 3) }
        let bounds = Rectangle(x: 0, y: 0, width: 800, height: 400)
        let places = LabelPlacement.places(for: circles, widths: widths, height: 16, bounds: bounds)
        for (index, place) in places.enumerated() {
            #expect(place.rectangle.overlap(with: bounds) == place.rectangle.width * 16)
            for other in places[..<index] { #expect(place.rectangle.overlap(with: other.rectangle) == 0) }
            for circle in circles { #expect(circle.depth(in: place.rectangle) < 1) }
        }
    }
}
