import ConvNetPages
import ConvNetTraining
import Foundation

/// The curves of a run, and the numbers behind them.
extension RunReport {
    var curves: HTML {
        guard let first = history.first, let last = history.last, first.epoch <= last.epoch else {
            return "<p>No epoch is done yet.</p>"
        }
        let epochs = Scale.counts(title: "epoch", first.epoch...last.epoch)
        let marks = record?.best.map { [LineChart.Mark(x: Double($0.epoch), text: "best: \($0.epoch)")] } ?? []
        let charts = quantities.map { quantity in
            let values = quantity.series.flatMap { $0.points.map(\.y) }
            return (
                title: quantity.title,
                chart: LineChart(
                    series: quantity.series, horizontal: epochs, vertical: quantity.scale(values),
                    marks: quantity.isResult ? marks.filter { epochs.axis.canShow($0.x) } : [],
                    summary: "\(quantity.title) by epoch"
                ).html
            )
        }
        return """
            <h2>How it went</h2>
            \(SmallMultiples(charts).html)
            <details><summary>The numbers</summary>\(numbers)</details>
            """
    }

    /// One chart.
    private struct Quantity {
        var title: String
        var series: [LineChart.Series]
        /// Whether it tells how good the network is, and not what the run did.
        var isResult: Bool
        var scale: ([Double]) -> Scale
    }

    /// Names of validation metrics, loss and accuracy first.
    private var metricNames: [String] {
        let all = Set(history.flatMap { $0.validation.keys })
        let others = all.subtracting(["loss", "accuracy"])
        return ["loss", "accuracy"].filter(all.contains)
            + MetricCatalog.all.map(\.name).filter(others.contains)
            + others.filter { name in !MetricCatalog.all.contains { $0.name == name } }.sorted()
    }

    private var quantities: [Quantity] {
        func points(_ value: (MetricsFile.Line) -> Double?) -> [LineChart.Point] {
            history.compactMap { line in value(line).map { LineChart.Point(Double(line.epoch), $0) } }
        }
        func series(_ training: ((MetricsFile.Line) -> Double)?, _ name: String) -> [LineChart.Series] {
            let lines = [
                training.map { LineChart.Series(name: "training", points: points($0), color: .first) },
                LineChart.Series(
                    name: "validation", points: points { $0.validation[name] }, color: .second,
                    isDashed: training != nil),
            ]
            return lines.compactMap { $0 }.filter { !$0.points.isEmpty }
        }
        let loss = Quantity(title: "loss", series: series(\.trainLoss, "loss"), isResult: true) {
            .numbers(title: "", $0, byFactors: true)
        }
        let accuracy = Quantity(title: "accuracy", series: series(\.trainAccuracy, "accuracy"), isResult: true) {
            .shares(title: "", $0)
        }
        let others = metricNames.filter { !["loss", "accuracy"].contains($0) }.map { name in
            let metric = try? MetricCatalog.metric(named: name)
            let title = metric?.title ?? name
            return Quantity(title: title, series: series(nil, name), isResult: true) {
                metric?.unit == .share ? .shares(title: "", $0) : .numbers(title: "", $0)
            }
        }
        let rate = Quantity(
            title: "learning rate",
            series: [
                .init(name: "learning rate", points: points { Double($0.learningRate) }, color: .first)
            ], isResult: false
        ) { .numbers(title: "", $0, fromZero: true) }
        let speed = Quantity(
            title: "images a second",
            series: [.init(name: "images a second", points: points(\.imagesPerSecond), color: .first)], isResult: false
        ) { .numbers(title: "", $0, fromZero: true) }
        return [loss, accuracy] + others + [rate, speed]
    }

    private var numbers: HTML {
        let names = metricNames
        let titles = names.map { name in (try? MetricCatalog.metric(named: name))?.title ?? name }
        let heads: [HTML] =
            (["epoch", "training loss", "accuracy"] + titles.map { "validation \($0)" }
            + ["learning rate", "seconds", "images/s"])
            .map { "<th scope=\"col\">\($0)</th>" }
        func text(_ value: Double) -> String { String(format: "%.4f", value) }
        let rows: [HTML] = history.map { line in
            let cells =
                [text(line.trainLoss), text(line.trainAccuracy)]
                + names.map { line.validation[$0].map(text) ?? "–" }
                + [
                    "\(line.learningRate)", String(format: "%.2f", line.seconds),
                    line.imagesPerSecond.isFinite ? Int(line.imagesPerSecond).grouped : "–",
                ]
            let fields: [HTML] = cells.map { "<td>\($0)</td>" }
            return "<tr><th scope=\"row\">\(line.epoch)</th>\(fields)</tr>"
        }
        return "<div class=\"scroll\"><table><thead><tr>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>"
    }
}
