import ArgumentParser
import ConvNetPages
import ConvNetRuns
import Foundation

struct RunsCompare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compares runs: settings, results, and the images that they answer differently.",
        discussion: """
            convnet runs compare runs/resnet20-1 runs/resnet20-2
            convnet runs compare runs/a runs/b runs/c --html page.html

            The first run is held against each other one on the images that both have answered, those of tests before those of \
            validation, with McNemar's exact test.
            """)

    @Argument(help: "The directories of two runs or more.", completion: .directory)
    var directories: [String]

    @Option(help: "List so many of the images that changed sides.")
    var images = 10

    @Option(help: "Write a page with the runs' curves in the same charts to this file.")
    var html: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard directories.count > 1 else {
            throw ValidationError("name two runs or more, received \(directories.count)")
        }
        if images < 0 { throw ValidationError("--images must be at least 0, received \(images)") }
    }

    func run() throws {
        let comparison = RunComparison(try directories.map(RunDirectory.open))
        if let html { try RunComparisonPage(comparison).write(to: URL(filePath: html)) }
        if output.json { return try Terminal.write(json: Document(comparison)) }
        for run in comparison.runs {
            for problem in run.problems { Terminal.writeError(wrapping: "Warning: \(run.directory.path): \(problem)") }
        }
        Terminal.write(text: results(comparison))
        Terminal.write(text: "\n\(differences(comparison))")
        for other in comparison.runs.indices.dropFirst() {
            Terminal.write("")
            write(comparison, other)
        }
        guard let html else { return }
        Terminal.write("")
        Terminal.write("page \(html)")
    }

    private func results(_ comparison: RunComparison) -> String {
        let metrics = MetricCatalog.all.filter { metric in
            comparison.runs.contains { $0.overview.validation[metric.name] != nil }
        }
        var table = TextTable(
            columns: [.left("run"), .left("state"), .right("epoch")] + metrics.map { .right($0.title) }
                + [.right("test accuracy")])
        for run in comparison.runs {
            let overview = run.overview
            table.append(
                [run.directory.path, overview.state?.rawValue ?? "–", overview.bestEpoch.map { "\($0)" } ?? "–"]
                    + metrics.map { metric in overview.validation[metric.name].map(metric.text) ?? "–" }
                    + [overview.test["accuracy"].map(Accuracy().text) ?? "–"])
        }
        let order =
            metrics.map(\.title).filter { !["accuracy", "loss"].contains($0) }.reversed() + ["state", "loss", "epoch"]
        return table.text(fitting: Terminal.outputWidth, leavingOut: Array(order))
    }

    private func differences(_ comparison: RunComparison) -> String {
        let differences = comparison.differences
        guard !differences.isEmpty else { return "Their settings are the same." }
        var table = TextTable(
            columns: [.left("setting")] + comparison.runs.map { .left($0.directory.path) })
        for difference in differences {
            table.append([difference.name] + difference.values.map { $0.map { shortened($0) } ?? "–" })
        }
        return "\(table)"
    }

    private func write(_ comparison: RunComparison, _ other: Int) {
        let names = [0, other].map { comparison.runs[$0].directory.path }
        guard let agreement = comparison.agreement(of: 0, and: other) else {
            let missing = [0, other].filter { comparison.runs[$0].predictions == nil }
            let reason =
                missing.isEmpty
                ? ""
                : " (\(missing.map { comparison.runs[$0].directory.path }.joined(separator: ", ")): no predictions.csv)"
            return Terminal.write(
                wrapping: "There is no image that both \(names[0]) and \(names[1]) have answered\(reason).")
        }
        Terminal.write("\(names[0]) and \(names[1]):")
        Terminal.write(wrapping: agreement.sentence)
        guard images > 0, !agreement.changes.isEmpty else { return }
        var table = TextTable(columns: [.left("image"), .left("label"), .left(names[0]), .left(names[1])])
        for change in agreement.changes.prefix(images) {
            table.append([change.image, change.label, change.first, change.second])
        }
        Terminal.write(text: "\n\(table)")
        if agreement.changes.count > images {
            Terminal.write("… \((agreement.changes.count - images).grouped) more images changed sides")
        }
    }

    private struct Document: Encodable {
        struct Run: Encodable {
            var path: String
            var state: String?
            var bestEpoch: Int?
            var validation, test: [String: Double]
            var problems: [String]

            private enum CodingKeys: String, CodingKey {
                case path, state
                case bestEpoch = "best_epoch"
                case validation, test, problems
            }
        }

        struct Agreement: Encodable {
            var first, second: String
            /// Missing, with what follows, where both have answered no image.
            var part: String?
            var images: Int
            var bothRight, bothWrong, onlyFirst, onlySecond: Int?
            var pValue: Double?
            var changes: [Change]?

            private enum CodingKeys: String, CodingKey {
                case first, second, part, images, changes
                case bothRight = "both_right"
                case bothWrong = "both_wrong"
                case onlyFirst = "only_first"
                case onlySecond = "only_second"
                case pValue = "p_value"
            }
        }

        struct Change: Encodable {
            var image, label, first, second: String
        }

        var runs: [Run]
        var settings: [String: [String?]]
        var agreements: [Agreement]

        init(_ comparison: RunComparison) {
            runs = comparison.runs.map { run in
                Run(
                    path: run.directory.path, state: run.overview.state?.rawValue, bestEpoch: run.overview.bestEpoch,
                    validation: run.overview.validation, test: run.overview.test, problems: run.problems)
            }
            settings = Dictionary(
                comparison.differences.map { ($0.name, $0.values) }, uniquingKeysWith: { first, _ in first })
            agreements = comparison.runs.indices.dropFirst().map { other in
                let paths = [0, other].map { comparison.runs[$0].directory.path }
                guard let agreement = comparison.agreement(of: 0, and: other) else {
                    return Agreement(first: paths[0], second: paths[1], images: 0)
                }
                return Agreement(
                    first: paths[0], second: paths[1], part: agreement.part.rawValue, images: agreement.imageCount,
                    bothRight: agreement.bothRight, bothWrong: agreement.bothWrong,
                    onlyFirst: agreement.test.onlyFirst, onlySecond: agreement.test.onlySecond,
                    pValue: agreement.test.pValue,
                    changes: agreement.changes.map {
                        Change(image: $0.image, label: $0.label, first: $0.first, second: $0.second)
                    })
            }
        }
    }
}
