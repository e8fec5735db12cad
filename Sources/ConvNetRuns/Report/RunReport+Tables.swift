import ConvNetPages
import ConvNetVision
import Foundation

/// Settings, costs and filters of a run.
extension RunReport {
    /// What every setting is, and why, where nobody has said it.
    var settings: HTML {
        let rows = RunSettings.all.compactMap { setting -> FactTable.Row? in
            guard let text = try? configuration.yaml(of: setting) else { return nil }
            let reason = record?.reasons[setting.key]
            return FactTable.Row(
                setting.path, text.trimmingCharacters(in: .whitespacesAndNewlines),
                detail: reason.map { "chosen: \($0)" } ?? "")
        }
        let chosen = rows.filter { !$0.detail.isEmpty }
        return """
            <h2>Settings</h2>
            \(FactTable(chosen).html)
            <details\(chosen.isEmpty ? " open=\"open\"" : "" as HTML)><summary>All \(rows.count) settings</summary>\
            \(FactTable(rows).html)</details>
            """
    }

    var costTables: HTML {
        var rows: [FactTable.Row] = []
        if let costs {
            rows = [
                .init("parameters", costs.totals.parameterCount.grouped, detail: costs.totals.parameterBytes.byteSize),
                .init(
                    "multiply-adds", costs.totals.multiplyAdds.grouped, detail: "for one image of \(costs.input)"),
                .init(
                    "memory of training", costs.training.totalBytes.byteSize,
                    detail: "with \(costs.batchSize) images a step, estimated"),
            ]
        }
        let time: HTML = record?.times.map { timeTable($0) } ?? ""
        guard !rows.isEmpty || record?.times != nil else { return "" }
        return "<h2>What it costs</h2>\n\(FactTable(rows).html)\n\(time)"
    }

    private func timeTable(_ times: RunRecord.Times) -> HTML {
        guard times.total > 0 else { return "" }
        return BarTable(
            rowTitle: "time", columns: [.init(title: "seconds", color: "first")],
            rows: times.parts.map { name, seconds in
                let share = String(format: "%.1f\u{A0}%%", seconds / times.total * 100)
                return .init(
                    label: name,
                    cells: [
                        .init(
                            value: seconds, text: "\(seconds.threeDigits)\u{A0}s",
                            tooltip: "\(share) of the run's time")
                    ])
            }
        ).html
    }

    var filterPicture: HTML {
        guard let filters, case let image = filters.image(), let png = try? PNG.encode(image) else { return "" }
        let size = "\(filters.kernelHeight)×\(filters.kernelWidth)"
        let name = "\(filters.filters) filters of \(size), over \(filters.channels.counted("channel"))"
        return """
            <h2>The first layer's filters</h2>
            <p>\(printable(filters.layer)): \(name).</p>
            <img class="filters" alt="\(name)" src="\(PictureGrid.source(png))" width="\(image.width * (filters.kernelWidth > 5 ? 5 : 8))"/>
            """
    }
}
