import ConvNet
import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import Foundation

/// Runs beside each other as a page: their curves in the same charts, settings that differ, results, and images that changed sides.
public struct RunComparisonPage {
    private let comparison: RunComparison

    /// Images that changed sides are listed up to this number.
    private static let mostChanges = 200

    /// - Parameter comparison: of two runs or more.
    public init(_ comparison: RunComparison) {
        self.comparison = comparison
    }

    /// Writes the page; whatever happens, `url` holds either this page or what it held before.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to url: URL) throws { try AtomicFile.write(Data(html.utf8), to: url) }

    /// The file's content.
    public var html: String {
        let names = comparison.runs.map { printable($0.directory.path) }
        let body: HTML = """
            \(results)
            <h2>How they went</h2>
            \(curves)
            <h2>Settings that differ</h2>
            \(differences)
            \(agreements)
            """
        return Page(title: names.joined(separator: ", "), body: body).html.description
    }

    /// The metrics that any of the runs has, in the catalog's order.
    private var metrics: [any Metric] {
        MetricCatalog.all.filter { metric in
            comparison.runs.contains {
                $0.overview.validation[metric.name] != nil || $0.overview.test[metric.name] != nil
            }
        }
    }

    private func name(_ index: Int) -> HTML { "\(printable(comparison.runs[index].directory.path))" }

    private var results: HTML {
        let heads: [HTML] = metrics.map { "<th scope=\"col\">\($0.title)</th><th scope=\"col\">\($0.title), test</th>" }
        let rows: [HTML] = comparison.runs.indices.map { index in
            let overview = comparison.runs[index].overview
            func cell(_ value: Double?, _ metric: any Metric) -> HTML {
                "<td>\(value.map { EvaluationSections.text($0, unit: metric.unit) } ?? "–")</td>"
            }
            let cells: [HTML] = metrics.map {
                "\(cell(overview.validation[$0.name], $0))\(cell(overview.test[$0.name], $0))"
            }
            return """
                <tr><th scope="row">\(name(index))</th><td>\(overview.state?.rawValue ?? "–")</td>
                <td>\(overview.bestEpoch.map { "\($0)" } ?? "–")</td>\(cells)</tr>
                """
        }
        let problems: [HTML] = comparison.runs.indices.flatMap { index in
            comparison.runs[index].problems.map { "<p>\(name(index)): \(printable($0)).</p>" }
        }
        return """
            <div class="scroll"><table><thead><tr><th scope="col">run</th><th scope="col">state</th>
            <th scope="col">best epoch</th>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>
            \(problems)
            """
    }

    private var curves: HTML {
        let histories = comparison.runs.map(\.history)
        guard let last = histories.joined().map(\.epoch).max(), last >= 1 else { return "<p>No epoch is done yet.</p>" }
        func chart(
            _ title: String, _ value: (MetricsFile.Line) -> Double?, _ scale: ([Double]) -> Scale
        ) -> (title: String, chart: HTML)? {
            let series = histories.enumerated().map { index, history in
                LineChart.Series(
                    name: comparison.runs[index].directory.path,
                    points: history.compactMap { line in value(line).map { .init(Double(line.epoch), $0) } },
                    color: .at(index), isDashed: index / ChartColor.allCases.count % 2 == 1)
            }
            guard series.contains(where: { !$0.points.isEmpty }) else { return nil }
            let drawing = LineChart(
                series: series, horizontal: .counts(title: "epoch", 1...last),
                vertical: scale(series.flatMap { $0.points.map(\.y) }), summary: "\(title) of each run by epoch")
            return (title, drawing.html)
        }
        let ofMetrics = metrics.map { metric in
            chart("validation \(metric.title)", { $0.validation[metric.name] }) {
                metric.unit == .share ? .shares(title: "", $0) : .numbers(title: "", $0, byFactors: true)
            }
        }
        let charts = [
            chart("training loss", \.trainLoss) { .numbers(title: "", $0, byFactors: true) },
            chart("training accuracy", \.trainAccuracy) { .shares(title: "", $0) },
        ]
        return SmallMultiples((charts + ofMetrics).compactMap { $0 }).html
    }

    private var differences: HTML {
        let differences = comparison.differences
        guard !differences.isEmpty else { return "<p>There are none.</p>" }
        let heads: [HTML] = comparison.runs.indices.map { "<th scope=\"col\">\(name($0))</th>" }
        let rows: [HTML] = differences.map { difference in
            let cells: [HTML] = difference.values.map { "<td>\($0.map(printable) ?? "–")</td>" }
            return "<tr><th scope=\"row\">\(printable(difference.name))</th>\(cells)</tr>"
        }
        return """
            <div class="scroll"><table><thead><tr><th scope="col">setting</th>\(heads)</tr></thead>
            <tbody>\(rows)</tbody></table></div>
            """
    }

    /// The first run beside each other one.
    private var agreements: HTML {
        let parts: [HTML] = comparison.runs.indices.dropFirst().map { other in
            let title: HTML = "<h2>\(name(0)) and \(name(other)) on the same images</h2>"
            guard let agreement = comparison.agreement(of: 0, and: other) else {
                return "\(title)<p>There is no image that both have answered.</p>"
            }
            let rows: [HTML] = agreement.changes.prefix(Self.mostChanges).map { change in
                """
                <tr><th scope="row">\(printable(change.image))</th><td>\(printable(change.label))</td>
                <td>\(printable(change.first))</td><td>\(printable(change.second))</td></tr>
                """
            }
            let table: HTML =
                rows.isEmpty
                ? ""
                : """
                <details><summary>\(rows.count) of the \(agreement.changes.count.grouped) images that changed sides</summary>
                <div class="scroll"><table><thead><tr><th scope="col">image</th><th scope="col">label</th>
                <th scope="col">\(name(0))</th><th scope="col">\(name(other))</th></tr></thead><tbody>\(rows)</tbody></table></div>
                </details>
                """
            return "\(title)<p>\(agreement.sentence)</p>\(table)"
        }
        return "\(parts)"
    }
}

extension RunAgreement {
    /// What the images come to, in words.
    package var sentence: String {
        let what =
            "Of \(imageCount.grouped) \(part) images that both have answered, both got \(bothRight.grouped) right, neither "
            + "\(bothWrong.grouped), only the first \(test.onlyFirst.grouped), only the second \(test.onlySecond.grouped). "
        let left = relabelled > 0 ? " \(relabelled.counted("image")) with different labels do not count." : ""
        return what
            + "McNemar's exact test: p = \(String(format: "%.3g", test.pValue)), the chance of so uneven a split, were both equally "
            + "good.\(left)"
    }
}
