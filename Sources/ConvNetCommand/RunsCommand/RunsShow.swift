import ArgumentParser
import ConvNetPages
import ConvNetRuns
import Foundation

struct RunsShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Says what one run is and how it stands.",
        discussion: """
            convnet runs show runs/lenet5-1
            convnet runs show runs/lenet5-1 --html page.html
            """)

    @Argument(help: "A run's directory.", completion: .directory)
    var directory: String

    @Option(
        help: """
            Write the run's page, as its files have it, to this file; of runs of earlier versions, which have none, too.
            """)
    var html: String?

    @OptionGroup var output: OutputOptions

    private struct Document: Encodable {
        var path: String
        var state: String?
        var record: RunRecord?
        var settings: [String: String]
        var validation: [String: Double]
        var test: [String: Double]
        var history: [MetricsFile.Line]
        var problem: String?
    }

    func run() throws {
        let directory = try RunDirectory.open(self.directory)
        let overview = RunOverview(of: directory)
        // What is wrong with them is in the overview.
        let (record, history) = (try? directory.record(), (try? directory.history()) ?? [])
        if let html { try RunReport(of: directory).write(to: URL(filePath: html)) }
        if output.json {
            return try Terminal.write(
                json: Document(
                    path: directory.path, state: overview.state?.rawValue, record: record,
                    settings: overview.settings, validation: overview.validation, test: overview.test,
                    history: history, problem: overview.problem))
        }
        if let problem = overview.problem { Terminal.writeError(wrapping: "Warning: \(problem)") }
        for line in lines(overview, record, history) { Terminal.write(wrapping: line) }
        writeSettings(overview, record?.reasons ?? [:])
        if (try? directory.reportFile.isThere()) == true {
            Terminal.write("report \(directory.reportFile.relativePath)")
        }
        if let html { Terminal.write("page \(html)") }
    }

    private func lines(_ overview: RunOverview, _ record: RunRecord?, _ history: [MetricsFile.Line]) -> [String] {
        let epochs = overview.settings["epochs"].map { " of \($0)" } ?? ""
        var lines = ["\(overview.model) on \(overview.dataset)"]
        lines.append(
            "\(overview.state?.rawValue ?? "state unknown"), \(overview.epochs)\(epochs) epochs done"
                + (record?.error.map { ": \($0)" } ?? ""))
        if let record {
            lines.append(
                "\(record.parameterCount.grouped) parameters, \(record.dataset.imageCount.grouped) training images; begun "
                    + "\(record.started.formatted(.iso8601)) on \(record.host), \(record.processor)")
            if let times = record.times, times.total > 0 {
                lines.append(
                    "\(times.total.threeDigits) s: "
                        + times.parts.map { "\($0.name) \(($0.seconds / times.total).percentage)" }
                        .joined(separator: ", "))
            }
        }
        if history.count > 1 {
            lines.append("validation loss \(Sparkline.text(history.compactMap(\.validationLoss), width: 40))")
        }
        for (part, values) in [("validation", overview.validation), ("test", overview.test)] where !values.isEmpty {
            let texts = MetricCatalog.all.compactMap { metric in
                values[metric.name].map { "\(metric.title) \(metric.text($0))" }
            }
            let epoch = part == "validation" ? overview.bestEpoch.map { " (epoch \($0), the best)" } ?? "" : ""
            lines.append("\(part) \(texts.joined(separator: ", "))\(epoch)")
        }
        return lines
    }

    /// Those that nobody has said, with the reasons, last.
    private func writeSettings(_ overview: RunOverview, _ reasons: [String: String]) {
        var table = TextTable(columns: [.left("setting"), .left("value"), .left("why")])
        for setting in RunSettings.all {
            guard let value = overview.settings[setting.path] else { continue }
            table.append([setting.path, shortened(value), reasons[setting.key].map { "chosen: \($0)" } ?? ""])
        }
        Terminal.write(text: "\n\(table.text(fitting: Terminal.outputWidth, leavingOut: ["why"]))\n")
    }
}
