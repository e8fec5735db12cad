import ConvNetPages
import Foundation

/// A comparison of networks as a page to look at and to print: the table, accuracy over arithmetic, and for each network
/// where its memory, parameters and arithmetic are.
///
/// The page is one HTML file without scripts that fetches nothing.
public struct ComparisonPage: Sendable {
    /// What is shown.
    public let comparison: NetworkComparison

    /// A page about these networks.
    public init(_ comparison: NetworkComparison) {
        self.comparison = comparison
    }

    /// The file's content.
    public var html: String {
        let names = comparison.rows.map { printable($0.name) }
        let title = names.count <= 4 ? names.joined(separator: ", ") : "\(names.count) networks compared"
        return Page(
            title: title.isEmpty ? "No networks" : title,
            body: """
                <p>All numbers are for one image of the shape given, in float32. A multiply-add is one multiplication with its
                addition; activations are the outputs of all layers; the field is what one pixel of the last feature map
                sees of the image. A pointer over a number shows it to the digit.</p>
                \(table)
                \(sources)
                \(AccuracyChart(comparison).html)
                <h2>Where memory, parameters and arithmetic are</h2>
                <p>The bars of a chart are as long as their share of its largest. In most networks memory is in the early
                convolutions, whose feature maps are large, and arithmetic in the convolutions, while parameters gather in the
                dense layers where there are large ones, and in the last stages where there are not.</p>
                \(comparison.rows.map(profile))
                """
        ).html.description
    }

    /// Writes the page; whatever happens, `url` holds either this page or what it held before.
    ///
    /// - Throws: ``FileWriteError``.
    public func write(to url: URL) throws {
        try AtomicFile.write(Data(html.utf8), to: url)
    }

    // MARK: Parts

    private var table: HTML {
        let hasAccuracy = !comparison.sources.isEmpty
        let rows: [HTML] = comparison.rows.map { row in
            let totals = row.summary.totals
            return """
                <tr><th scope="row">\(printable(row.name))</th><td>\("\(row.inputShape)")</td>
                \(hasAccuracy ? accuracy(of: row) : "")
                <td title="\(totals.parameterCount.grouped)">\(totals.parameterCount.abbreviated)</td>
                <td title="\(totals.multiplyAdds.grouped)">\(totals.multiplyAdds.abbreviated)</td>
                <td title="\(totals.activationBytes.grouped) bytes">\(totals.activationBytes.byteSize)</td>
                <td title="\(totals.parameterBytes.grouped) bytes">\(totals.parameterBytes.byteSize)</td>
                <td>\(row.receptiveField.size.label)</td></tr>
                """
        }
        let titles =
            ["network", "input"] + (hasAccuracy ? ["top-1", "top-5", "source"] : [])
            + (comparison.measuresDiffer ? ["measured on"] : [])
            + ["parameters", "multiply-adds", "activations", "weights", "field"]
        let headers: [HTML] = titles.map { "<th scope=\"col\">\($0)</th>" }
        return """
            <div class="scroll" tabindex="0">
            <table>
            <thead><tr>\(headers)</tr></thead>
            <tbody>
            \(rows)
            </tbody>
            </table>
            </div>
            """
    }

    private func accuracy(of row: NetworkComparison.Row) -> HTML {
        let source: HTML = comparison.sourceNumber(of: row).map { "<a href=\"#source-\($0)\">\($0)</a>" } ?? "–"
        let measurement: HTML = comparison.measuresDiffer ? "<td>\(row.accuracy?.evaluation ?? "–")</td>" : ""
        return """
            <td>\((row.accuracy?.top1).percentage)</td><td>\((row.accuracy?.top5).percentage)</td><td>\(source)</td>
            \(measurement)
            """
    }

    private var sources: HTML {
        guard !comparison.sources.isEmpty else { return "" }
        let items: [HTML] = comparison.sources.enumerated().map { index, source in
            let link: HTML = source.url.map { "<br/><a href=\"\($0)\">\($0)</a>" } ?? ""
            return "<li id=\"source-\(index + 1)\">\(source.citation)\(link)</li>"
        }
        return "<ol class=\"sources\">\(items)</ol>"
    }

    private func profile(of row: NetworkComparison.Row) -> HTML {
        let parts = LayerProfile(row.summary).parts
        let totals = row.summary.totals
        let rows = parts.map { part in
            let name = part.layers == 1 ? part.label : "\(part.label), \(part.layers) layers"
            return BarTable.Row(
                label: part.label, detail: part.operation,
                cells: [
                    .init(
                        part.activationBytes, of: totals.activationBytes, text: part.activationBytes.byteSize,
                        tooltip: "\(name): \(part.activationBytes.grouped) bytes of activations"),
                    .init(
                        part.parameters, of: totals.parameterCount, text: part.parameters.abbreviated,
                        tooltip: "\(name): \(part.parameters.grouped) parameters"),
                    .init(
                        part.multiplyAdds, of: totals.multiplyAdds, text: part.multiplyAdds.abbreviated,
                        tooltip: "\(name): \(part.multiplyAdds.grouped) multiply-adds"),
                ])
        }
        let isGrouped = parts.count < row.summary.layers.count
        let bars = BarTable(
            rowTitle: isGrouped ? "group of layers" : "layer",
            columns: [
                .init(title: "activations", color: "first"), .init(title: "parameters", color: "second"),
                .init(title: "multiply-adds", color: "third"),
            ], rows: rows)
        return """
            <section>
            <h3>\(printable(row.name))</h3>
            <p class="note">\(row.summary.layers.count) layers for images of \("\(row.inputShape)"):
            \(totals.activationBytes.byteSize) of activations, \(totals.parameterCount.abbreviated) parameters,
            \(totals.multiplyAdds.abbreviated) multiply-adds</p>
            \(bars.html)
            </section>
            """
    }
}

extension BarTable.Cell {
    fileprivate init(_ number: Int, of total: Int, text: String, tooltip: String) {
        let share = total > 0 ? ", \((Double(number) / Double(total)).percentage) of the network's" : ""
        self.init(value: Double(number), text: text, tooltip: tooltip + share)
    }
}
