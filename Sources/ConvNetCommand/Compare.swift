import ArgumentParser
import ConvNetRuns
import Foundation

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares networks' arithmetic, parameters, memory and published accuracy.",
        discussion: """
            convnet compare lenet5 convnet4 resnet20
            convnet compare lenet5 resnet20 --html comparison.html
            """)

    @Argument(
        help: """
            Networks: names, .yaml files of layers, runs' directories or model files; one that is named twice is shown once.
            """, completion: .network)
    var networks: [String]

    @Option(
        help: """
            Write a page to this file: the table, accuracy over arithmetic, and where in each network its memory, \
            parameters and arithmetic are.
            """)
    var html: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        var rows: [NetworkComparison.Row] = []
        for text in networks {
            let source = try NetworkSource(text)
            guard !rows.contains(where: { $0.name == source.title }) else { continue }
            rows.append(
                NetworkComparison.Row(
                    source.title, try source.network(input: nil, classes: nil), accuracies: source.accuracies))
        }
        let comparison = NetworkComparison(rows)
        if let html { try ComparisonPage(comparison).write(to: URL(filePath: html)) }
        if output.json {
            try Terminal.write(json: comparison)
        } else {
            Terminal.write(text: Terminal.outputWidth.map(comparison.description(fitting:)) ?? "\(comparison)")
        }
        if let html { Terminal.writeError("the page is in \(html)") }
    }
}
