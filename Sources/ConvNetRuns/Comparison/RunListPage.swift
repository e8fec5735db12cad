import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import Foundation

/// Many runs as a page: a list, and charts of which settings go with which results.
public struct RunListPage {
    private let runs: [(path: String, values: [String: String])]
    private let directory: String

    /// More lines than these are one surface.
    private static let mostLines = 500
    private static let mostDimensions = 8

    /// - Parameters:
    ///   - runs: paths from the directory, and values as `RunOverview.values` has them.
    ///   - directory: where the runs are.
    public init(_ runs: [(path: String, values: [String: String])], in directory: String) {
        self.runs = runs
        self.directory = directory
    }

    /// Writes the page; whatever happens, `url` holds either this page or what it held before.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to url: URL) throws {
        try AtomicFile.write(Data(html(at: url).utf8), to: url)
    }

    /// The file's content.
    ///
    /// - Parameter page: where the file is to be, from which runs' own pages are linked.
    public func html(at page: URL) -> String {
        let body: HTML = """
            <p>\(runs.count.counted("run")). Results are those of the best epoch in validation, unless they are called test.</p>
            \(charts(page))
            <h2>All runs</h2>
            \(table(page))
            """
        return Page(title: "Runs in \(printable(directory))", body: body).html.description
    }

    // MARK: Values

    private func numbers(_ name: String) -> [Double] { runs.compactMap { $0.values[name].flatMap(Double.init) } }

    /// The settings that the runs have several values of.
    private var settings: [String] {
        RunSettings.all.map(\.path).filter { name in
            !["dataset", "dataset_from_run"].contains(name) && Set(runs.compactMap { $0.values[name] }).count > 1
        }
    }

    /// What the runs are compared by.
    private var objective: any Metric {
        let named = Set(runs.compactMap { $0.values["objective"] })
        guard named.count == 1, let name = named.first else { return Accuracy() }
        return (try? MetricCatalog.metric(named: name)) ?? Accuracy()
    }

    private func scale(of name: String, title: String) -> Scale {
        let values = numbers(name)
        let metric = try? MetricCatalog.metric(named: name)
        return metric?.unit == .share
            ? .shares(title: title, values) : .numbers(title: title, values, byFactors: true)
    }

    private func tooltip(_ index: Int, _ names: [String]) -> String {
        ([runs[index].path] + names.map { "\($0) \(runs[index].values[$0] ?? "–")" }).joined(separator: "\n")
    }

    // MARK: Charts

    private func charts(_ page: URL) -> HTML {
        let objective = objective
        let told = runs.indices.filter { runs[$0].values[objective.name].flatMap(Double.init) != nil }
            .prefix(Self.mostLines)
        let names = Array(settings.prefix(Self.mostDimensions))
        guard told.count > 1, !names.isEmpty else { return "" }
        let dimensions =
            names.map { name in dimension(name, told) } + [
                (.init(title: objective.title, kind: .numbers(scale(of: objective.name, title: objective.title))), nil)
            ]
        let lines = told.map { index in
            let values = zip(names + [objective.name], dimensions).map { name, dimension -> Double? in
                let text = runs[index].values[name]
                return dimension.names.map { all in text.flatMap(all.firstIndex).map(Double.init) }
                    ?? text.flatMap(Double.init)
            }
            return ParallelCoordinates.Line(values: values, tooltip: tooltip(index, names + [objective.name]))
        }
        let parallel = ParallelCoordinates(
            dimensions: dimensions.map(\.dimension), lines: lines,
            summary: "Settings and \(objective.title) of each run")
        let scatters = zip(names, dimensions).filter { $0.1.names == nil }.map { name, _ in
            let points = told.compactMap { index -> ScatterChart.Point? in
                guard let x = runs[index].values[name].flatMap(Double.init),
                    let y = runs[index].values[objective.name].flatMap(Double.init)
                else { return nil }
                return .init(
                    x: x, y: y, tooltip: tooltip(index, [name, objective.name]), link: link(from: page, to: index))
            }
            return (
                title: "\(objective.title) by \(name)",
                chart: ScatterChart(
                    points: points, horizontal: scale(of: name, title: name),
                    vertical: scale(of: objective.name, title: objective.title),
                    summary: "\(objective.title) by \(name), a point for each run"
                ).html
            )
        }
        return """
            <h2>What goes with what</h2>
            \(parallel.html)
            \(SmallMultiples(scatters).html)
            """
    }

    /// A setting's scale: of numbers where all values are, otherwise of their names.
    private func dimension(
        _ name: String, _ indices: some Sequence<Int>
    ) -> (dimension: ParallelCoordinates.Dimension, names: [String]?) {
        let values = Set(indices.compactMap { runs[$0].values[name] })
        if values.allSatisfy({ Double($0) != nil }) {
            return (.init(title: name, kind: .numbers(scale(of: name, title: name))), nil)
        }
        let names = values.sorted()
        return (.init(title: name, kind: .names(names.map(printable))), names)
    }

    // MARK: The list

    private static let columns = ["state", "model", "dataset", "done", "accuracy", "loss", "test.accuracy", "started"]

    /// A run's page from this one.
    private func link(from page: URL, to index: Int) -> String? {
        let directory = URL(filePath: directory).standardizedFileURL.path
        guard page.deletingLastPathComponent().standardizedFileURL.path == directory else {
            return URL(filePath: "\(directory)/\(runs[index].path)/report.html").absoluteString
        }
        return "\(runs[index].path)/report.html".addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
    }

    private func table(_ page: URL) -> HTML {
        let names = Self.columns + settings.filter { !Self.columns.contains($0) }
        let heads: [HTML] = names.map { "<th scope=\"col\">\($0)</th>" }
        let rows: [HTML] = runs.indices.map { index in
            let values = runs[index].values
            let cells: [HTML] = names.map { name in "<td>\(values[name].map { text($0, of: name) } ?? "–")</td>" }
            let path: HTML = "\(printable(runs[index].path))"
            let name: HTML = link(from: page, to: index).map { "<a href=\"\($0)\">\(path)</a>" } ?? path
            return "<tr><th scope=\"row\">\(name)</th>\(cells)</tr>"
        }
        return """
            <div class="scroll"><table><thead><tr><th scope="col">run</th>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }

    private func text(_ value: String, of name: String) -> String {
        let last = name.split(separator: ".").last.map(String.init) ?? ""
        if let metric = try? MetricCatalog.metric(named: last), let number = Double(value) {
            return EvaluationSections.text(number, unit: metric.unit)
        }
        return printable(value)
    }
}
