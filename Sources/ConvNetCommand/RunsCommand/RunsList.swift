#if CONVNET_RUN_INDEX
import ArgumentParser
import ConvNetPages
import ConvNetRunIndex
import ConvNetRuns
import Foundation

struct RunsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists runs.",
        discussion: """
            convnet runs
            convnet runs --where 'dataset=photos learning_rate>=0.01' --limit 10
            convnet runs --sort -learning_rate --html runs.html

            Accuracy and loss are those of the best epoch on the validation images. What the list is made from is kept in \
            DIR/.index.sqlite, which may be deleted.
            """)

    @OptionGroup var options: RunsOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            What they are sorted by, the best metric, the smallest setting first; with '-' before it the other way round. \
            (default: the newest first)
            """, valueName: "name"))
    var sort: String?

    @Option(help: "List no more than so many.")
    var limit: Int?

    @Option(help: "Write a page with the list, and with charts of what goes with what, to this file.")
    var html: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, received \(limit)") }
        if sort == "" || sort == "-" { throw ValidationError("--sort needs a name, as in '--sort accuracy'") }
    }

    private var order: RunOrder {
        guard let sort else { return .newest }
        let isReversed = sort.hasPrefix("-")
        let name = isReversed ? String(sort.dropFirst()) : sort
        let metric = try? MetricCatalog.metric(named: name.hasPrefix("test.") ? String(name.dropFirst(5)) : name)
        return RunOrder(name, isAscending: (metric?.direction != .higherIsBetter) != isReversed)
    }

    private static let usualColumns = [
        "state", "model", "dataset", "done", "accuracy", "loss", "test.accuracy", "started",
    ]

    func run() throws {
        let (filter, order) = (try options.filter(), order)
        let index = try options.index()
        // What is asked about is shown.
        let asked = (filter.terms.map(\.name) + [order.name]).filter { $0 != "path" }
        let columns =
            Self.usualColumns
            + asked.reduce(into: []) { more, name in
                if !Self.usualColumns.contains(name), !more.contains(name) { more.append(name) }
            }
        let isWhole = output.json || html != nil
        let runs = try index.runs(where: filter, by: order, values: isWhole ? nil : columns, atMost: limit)
        if let html {
            try RunListPage(runs.map { ($0.path, $0.values) }, in: options.path).write(to: URL(filePath: html))
        }
        if output.json { return try Terminal.write(json: runs.map { Document($0, path: options.path(of: $0)) }) }
        let problems = try index.problems()
        if runs.isEmpty {
            Terminal.writeError(
                options.conditions == nil
                    ? "no run in \(options.path); 'convnet train' begins one"
                    : "no run in \(options.path) has all of that")
        } else {
            Terminal.write(
                text: Self.table(runs, columns).text(fitting: Terminal.outputWidth, leavingOut: leftOut(columns)))
        }
        for (path, problem) in problems.prefix(3) { Terminal.writeError(wrapping: "\(path): \(problem)") }
        if problems.count > 3 {
            Terminal.writeError("and \((problems.count - 3).grouped) more runs that cannot be read whole")
        }
        if let html { Terminal.write("page \(html)") }
    }

    /// The least important columns first; what was asked about stays longest.
    private func leftOut(_ columns: [String]) -> [String] {
        ["started", "dataset", "loss", "done", "test.accuracy", "state", "model", "accuracy"].filter(columns.contains)
    }

    private static func table(_ runs: [RunIndex.Entry], _ columns: [String]) -> TextTable {
        let isNumber = columns.map { name in runs.allSatisfy { $0.values[name].map { Double($0) != nil } ?? true } }
        var table = TextTable(
            columns: [.left("run")] + zip(columns, isNumber).map { $1 ? .right($0) : .left($0) })
        let texts = columns.map(text)
        for run in runs {
            table.append([run.path] + zip(columns, texts).map { name, text in run.values[name].map(text) ?? "–" })
        }
        return table
    }

    /// What makes the values of a name readable.
    private static func text(of name: String) -> (String) -> String {
        let last = name.split(separator: ".").last.map(String.init) ?? ""
        if let metric = try? MetricCatalog.metric(named: last) {
            return { value in Double(value).map(metric.text) ?? value }
        }
        guard ["started", "ended"].contains(name) else { return { $0 } }
        // 2026-11-30 10:02
        return { value in value.prefix(10) + " " + value.dropFirst(11).prefix(5) }
    }

    private struct Document: Encodable {
        var path: String
        var values: [String: String]
        var problem: String?

        init(_ entry: RunIndex.Entry, path: String) {
            self.path = path
            values = entry.values
            problem = entry.problem
        }

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(_ name: String) { stringValue = name }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        /// Numbers as numbers.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(path, forKey: Key("path"))
            for (name, value) in values where name != "path" {
                if let number = UInt64(value) {
                    try container.encode(number, forKey: Key(name))
                } else if let number = Double(value), number.isFinite {
                    try container.encode(number, forKey: Key(name))
                } else {
                    try container.encode(value, forKey: Key(name))
                }
            }
            try container.encodeIfPresent(problem, forKey: Key("problem"))
        }
    }
}
#endif
