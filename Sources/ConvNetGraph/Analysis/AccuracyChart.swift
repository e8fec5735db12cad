import ConvNetPages
import Foundation

/// Accuracy over arithmetic, the area of a circle being the number of parameters; after Canziani, Paszke and Culurciello,
/// "An Analysis of Deep Neural Network Models for Practical Applications", 2017, figure 2.
struct AccuracyChart {
    private let comparison: NetworkComparison

    /// What accuracies are compared on: the dataset that most of them were measured on, the first of several.
    private let dataset: String?

    init(_ comparison: NetworkComparison) {
        self.comparison = comparison
        let datasets = comparison.rows.compactMap { $0.accuracy?.top1 == nil ? nil : $0.accuracy?.dataset }
        let counts = datasets.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        let most = counts.values.max()
        dataset = datasets.first { counts[$0] == most }
    }

    var html: HTML {
        """
        <h2>Accuracy and arithmetic</h2>
        \(chart)
        \(leftOut)
        """
    }

    private var shown: [(row: NetworkComparison.Row, accuracy: Double)] {
        comparison.rows.compactMap { row in
            guard reasonToLeaveOut(row) == nil, let top1 = row.accuracy?.top1 else { return nil }
            return (row, top1)
        }
    }

    private func reasonToLeaveOut(_ row: NetworkComparison.Row) -> String? {
        guard let accuracy = row.accuracy else { return "no published accuracy is known" }
        guard let top1 = accuracy.top1 else { return "no top-1 accuracy was published" }
        guard (0...1).contains(top1) else { return "its top-1 accuracy is no fraction" }
        return accuracy.dataset == dataset ? nil : "measured on \(accuracy.dataset)"
    }

    private var chart: HTML {
        let shown = shown
        guard let dataset, !shown.isEmpty else { return "" }
        let bubbles = shown.map { row, accuracy in
            let totals = row.summary.totals
            return BubbleChart.Bubble(
                label: printable(row.name) + mark(row),
                tooltip:
                    "\(printable(row.name)): \(accuracy.percentage) top-1, \(totals.multiplyAdds.grouped) multiply-adds, "
                    + "\(totals.parameterCount.grouped) parameters",
                x: Double(totals.multiplyAdds), y: accuracy * 100, area: Double(totals.parameterCount))
        }
        let arithmetic = bubbles.map(\.x)
        // Beyond this the small ones would all stand at the left edge.
        let isWide = (arithmetic.min() ?? 0) > 0 && (arithmetic.max() ?? 0) > 60 * (arithmetic.min() ?? 0)
        let horizontal = isWide ? Axis.logarithmic(arithmetic) : Axis.linear(arithmetic, fromZero: true)
        let chart = BubbleChart(
            bubbles: bubbles,
            horizontal: Scale(
                title: "multiply-adds an image" + (isWide ? ", logarithmic" : ""), axis: horizontal,
                text: Axis.countText),
            vertical: Scale(
                title: "top-1 accuracy on \(dataset), %", axis: Axis.linear(bubbles.map(\.y))
            ) { String(format: "%g", $0) },
            areaTitle: "parameters", areaText: Axis.countText,
            summary: "Top-1 accuracy on \(dataset) over multiply-adds of \(bubbles.count) networks; "
                + "the table above has the numbers.")
        return """
            <figure>
            \(chart.html)
            <figcaption>The area of a circle is the number of parameters. Accuracies are those of the sources
            above\(isMixed ? ", which do not all show the images to the network in the same way: those that differ have it behind the name" : "").</figcaption>
            </figure>
            """
    }

    private var isMixed: Bool { Set(shown.map { $0.row.accuracy?.evaluation }).count > 1 }

    /// How the accuracy was measured, where that is not how most were.
    private func mark(_ row: NetworkComparison.Row) -> String {
        let evaluations = shown.compactMap { $0.row.accuracy?.evaluation }
        let counts = evaluations.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        guard let own = row.accuracy?.evaluation,
            let usual = evaluations.first(where: { counts[$0] == counts.values.max() }),
            own != usual
        else { return "" }
        return " (\(own))"
    }

    private var leftOut: HTML {
        let reasons = comparison.rows.compactMap { row in
            reasonToLeaveOut(row).map { "\(printable(row.name)) (\($0))" }
        }
        guard !reasons.isEmpty else { return "" }
        return "<p class=\"note\">Not in the chart: \(reasons.joined(separator: ", ")).</p>"
    }
}
