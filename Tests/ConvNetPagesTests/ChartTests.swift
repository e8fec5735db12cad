import Foundation
import Testing

@testable import ConvNetPages

#if canImport(FoundationXML)
import FoundationXML
#endif

/// Every kind of chart against what it was when somebody looked at it: `CONVNET_RECORD=1` writes the files anew, and
/// `Tests/Fixtures/charts/all.html`, which shows them all, and is not committed.
@Suite struct ChartTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/charts")

    /// Names as people give them, and as nobody should.
    private static let names = ["cat", "dog", "<b>&\"'", "고양이", "a class whose name is longer than anybody can read"]

    static let charts: [(name: String, html: HTML)] = [
        ("line", line), ("line-gaps", lineWithGaps), ("line-one", lineOfOnePoint), ("scatter", scatter),
        ("histogram", histogram), ("heat-map", heatMap), ("parallel", parallel), ("multiples", multiples),
    ]

    private static var line: HTML {
        let epochs = 1...30
        let training = epochs.map { LineChart.Point(Double($0), 2.3 / Double($0)) }
        let validation = epochs.map { LineChart.Point(Double($0), 2.4 / Double($0) + 0.004 * Double($0)) }
        return LineChart(
            series: [
                .init(name: "training", points: training, color: .first),
                .init(name: "validation", points: validation, color: .second, isDashed: true),
            ], horizontal: .counts(title: "epoch", epochs),
            vertical: .numbers(title: "loss", (training + validation).map(\.y)),
            marks: [.init(x: 24, text: "best: 24")], summary: "losses"
        ).html
    }

    private static var lineWithGaps: HTML {
        let values: [Double] = [0.5, 0.6, .nan, 0.7, .infinity, 0.9, 0.91, 1e40, 0.95]
        return LineChart(
            series: [
                .init(
                    name: "a", points: values.enumerated().map { .init(Double($0.offset + 1), $0.element) },
                    color: .third)
            ], horizontal: .counts(title: "epoch", 1...9), vertical: .shares(title: "accuracy", values),
            marks: [.init(x: 9, text: "best: 9")], summary: "gaps"
        ).html
    }

    private static var lineOfOnePoint: HTML {
        LineChart(
            series: [.init(name: "a", points: [.init(1, 0.1)], color: .first)],
            horizontal: .counts(title: "epoch", 1...1), vertical: .numbers(title: "learning rate", [0.1]),
            summary: "one"
        ).html
    }

    private static var scatter: HTML {
        let rates = [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1]
        let shares = [0.71, 0.82, 0.88, 0.91, 0.93, 0.9, 0.4]
        return ScatterChart(
            points: zip(rates, shares).enumerated().map { index, value in
                .init(
                    x: value.0, y: value.1, color: .at(index % 2), tooltip: "run \(index)",
                    link: index == 0 ? "#run" : nil)
            }, horizontal: .numbers(title: "learning rate", rates, byFactors: true),
            vertical: .shares(title: "accuracy", shares), summary: "rates"
        ).html
    }

    private static var histogram: HTML {
        let edges = (0...10).map { Double($0) / 10 }
        return Histogram(
            edges: edges,
            groups: [
                .init(name: "right", color: .first, counts: [0, 0, 1, 3, 9, 20, 48, 120, 380, 2400]),
                .init(name: "wrong", color: .second, counts: [0, 0, 4, 9, 22, 31, 40, 52, 61, 90]),
            ], horizontal: .shares(title: "probability", edges), title: "images", summary: "probabilities"
        ).html
    }

    private static var heatMap: HTML {
        let counts = [[90, 5, 0, 4, 1], [12, 80, 8, 0, 0], [0, 0, 1000, 0, 0], [1, 2, 3, 4, 5], [0, 0, 0, 0, 0]]
        return HeatMap(
            rowTitle: "class", columnTitle: "taken for", rows: names, columns: names,
            cells: counts.enumerated().map { row, counts in
                counts.enumerated().map { column, count in
                    .init(
                        share: (Double(count) / 1000).squareRoot(), color: row == column ? .first : .second,
                        text: count == 0 ? "" : "\(count)",
                        tooltip: "\(names[row]) taken for \(names[column]): \(count)",
                        link: row != column && count > 0 ? "#pair-\(row)-\(column)" : nil)
                }
            }, summary: "confusions"
        ).html
    }

    private static var parallel: HTML {
        let rates = [0.001, 0.01, 0.1, 0.3]
        let shares = [0.8, 0.93, 0.9, 0.2]
        return ParallelCoordinates(
            dimensions: [
                .init(title: "optimizer", kind: .names(["adamw", "sgd"])),
                .init(title: "learning-rate", kind: .numbers(.numbers(title: "", rates, byFactors: true))),
                .init(title: "a setting with a rather long name", kind: .names(["none"])),
                .init(title: "accuracy", kind: .numbers(.shares(title: "accuracy", shares))),
            ],
            lines: rates.indices.map { index in
                .init(
                    values: [Double(index % 2), rates[index], index == 2 ? nil : 0, shares[index]],
                    tooltip: "run \(index)")
            }, summary: "runs"
        ).html
    }

    private static var multiples: HTML {
        SmallMultiples([("loss", line), ("accuracy", lineWithGaps), ("learning rate", lineOfOnePoint)]).html
    }

    @Test func chartsAreWhatTheyWere() throws {
        let isRecording = ProcessInfo.processInfo.environment["CONVNET_RECORD"] == "1"
        for (name, html) in Self.charts {
            let file = Self.directory.appending(path: "\(name).html")
            if isRecording { try Data("\(html)\n".utf8).write(to: file) }
            let recorded = try String(contentsOf: file, encoding: .utf8)
            #expect("\(html)\n" == recorded, "\(name): look at it, and record it with CONVNET_RECORD=1")
        }
        guard isRecording else { return }
        let parts: [HTML] = Self.charts.map { "<h2>\($0.name)</h2>\($0.html)" }
        try Data(Page(title: "Charts", body: "\(parts)").html.description.utf8)
            .write(to: Self.directory.appending(path: "all.html"))
    }

    @Test func chartsAreWellFormed() {
        for (name, html) in Self.charts {
            #expect(XMLParser(data: Data("<div>\(html)</div>".utf8)).parse(), "\(name)")
        }
        let page = Page(title: "a", body: "<p>b</p>", refreshSeconds: 5).html.description
        let xml = page.replacing("<!DOCTYPE html>", with: "")
        #expect(XMLParser(data: Data(xml.utf8)).parse())
        #expect(page.contains("<meta http-equiv=\"refresh\" content=\"5\"/>"))
    }

    /// The numbers of marks in a chart, with their places: none covers another, on whichever scale.
    @Test(arguments: [
        Scale.numbers(title: "a", [0.0001, 12_345_678]), .numbers(title: "a", [1e-5, 2e-5]),
        .numbers(title: "a", [3e-12, 1e25], byFactors: true), .numbers(title: "a", [-3, 1e9]), .numbers(title: "a", []),
        .numbers(title: "a", [.nan, .infinity]), .counts(title: "a", 1...100_000), .counts(title: "a", 3...3),
        .counts(title: "a", 1...2), .shares(title: "a", [0.99991, 0.99992]), .shares(title: "a", [1]),
        .shares(title: "a", [0, 1]), .numbers(title: "a", [.leastNonzeroMagnitude, .leastNormalMagnitude]),
        .numbers(title: "a", [1e29, -1e29]),
        .numbers(title: "a", [7, 7]),
    ])
    func marksDoNotCollide(scale: Scale) throws {
        let chart = LineChart(
            series: [.init(name: "a", points: [], color: .first)], horizontal: scale, vertical: scale, summary: "")
        let text = "\(chart.html)"
        struct Box { var low, high: Double }
        func boxes(_ anchor: String) -> [Box] {
            text.matches(of: /<text class="muted" x="([0-9.-]+)" y="([0-9.-]+)" text-anchor="(\w+)">([^<]*)</).filter {
                $0.output.3 == anchor
            }.map { match in
                let (x, y) = (Double(match.output.1) ?? .nan, Double(match.output.2) ?? .nan)
                let half = TextWidth.of(String(match.output.4)) / 2
                return anchor == "middle" ? Box(low: x - half, high: x + half) : Box(low: y - 5, high: y + 5)
            }.sorted { $0.low < $1.low }
        }
        for anchor in ["middle", "end"] {
            let found = boxes(anchor)
            #expect(!found.isEmpty)
            for (one, next) in zip(found, found.dropFirst()) { #expect(one.high <= next.low, "\(found)") }
        }
        #expect(!text.contains("nan") && !text.contains("inf"))
    }

    @Test(arguments: [
        ([0.0, 0.7], ["0.0", "0.2", "0.4", "0.6", "0.8"]), ([1, 18], ["0", "5", "10", "15", "20"]),
        ([8, 10], ["8", "9", "10"]),
        ([-0.2, -0.02], ["-0.20", "-0.15", "-0.10", "-0.05", "0.00"]),
        ([0, 2e-7], ["0", "5e-08", "1e-07", "1.5e-07", "2e-07"]),
        ([0.9991, 0.9993], ["0.99910", "0.99915", "0.99920", "0.99925", "0.99930"]),
    ])
    func marksHaveTheDigitsThatTheyNeed(values: [Double], texts: [String]) {
        let axis = Axis.linear(values)
        #expect(axis.ticks.map(axis.text) == texts)
    }

    @Test func sharesStayBetween0And1() {
        #expect(Scale.shares(title: "", [1]).axis.range.upperBound == 1)
        #expect(Scale.shares(title: "", [0]).axis.range.lowerBound == 0)
        #expect(Scale.shares(title: "", [0.97, 0.99]).axis.range.contains(0.97))
    }

    /// Peaks stay where there are more points than pixels.
    @Test func thinnedLinesKeepTheirPeaks() {
        var points = (0..<100_000).map { LineChart.Point(Double($0), sin(Double($0) / 5000)) }
        points[71234].y = 9
        points[222].y = -9
        points[5000].y = .nan
        let thinned = LineChart.thinned(points)
        #expect(thinned.count <= 800)
        #expect(thinned.contains(points[71234]) && thinned.contains(points[222]))
        #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x < $1.x })
        let chart = LineChart(
            series: [.init(name: "a", points: points, color: .first)], horizontal: .counts(title: "step", 0...99_999),
            vertical: .numbers(title: "value", points.map(\.y)), summary: "")
        #expect("\(chart.html)".utf8.count < 70_000)
    }

    @Test func theScriptIsTheOneThatThePolicyAllows() throws {
        let script = "\(Tooltips.script)"
        #expect(Tooltips.digest == "sha256-\(Data(SHA256.digest(Array(script.utf8))).base64EncodedString())")
        #expect(Page(title: "a", body: "").html.description.contains("<script>\(script)</script>"))
    }

    /// Colours are as far apart for eyes with a deficiency as the palettes made for them are; on paper of either kind they can be seen.
    @Test(arguments: [ChartColor.light, ChartColor.dark])
    func coloursCanBeToldApart(colors: [ChartColor: String]) throws {
        let paper = try #require(ColorVision(colors == ChartColor.light ? "#ffffff" : "#14171b"))
        let all = ChartColor.allCases.compactMap { colors[$0].flatMap(ColorVision.init) }
        #expect(all.count == ChartColor.allCases.count)
        for (index, color) in all.enumerated() {
            #expect(color.contrast(with: paper) >= 3)
            for other in all[(index + 1)...] { #expect(color.smallestDistance(to: other) > 0.1) }
        }
    }
}
