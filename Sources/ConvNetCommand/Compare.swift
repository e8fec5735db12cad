import ArgumentParser
import ConvNet
import Foundation

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares networks' arithmetic, parameters, memory and published accuracy.",
        discussion: """
            convnet compare lenet5 convnet4 resnet20
            convnet compare lenet5 resnet20 --html comparison.html
            """)

    @Argument(help: "Networks' names, runs' directories or model files; one that is named twice is shown once.")
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
            guard !rows.contains(where: { $0.name == source.name }) else { continue }
            rows.append(
                NetworkComparison.Row(
                    source.name, try source.network(input: nil, classes: nil), accuracies: source.accuracies))
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

extension NetworkSource {
    /// What a comparison calls it: the catalog's name, or the file's path.
    fileprivate var name: String {
        switch self {
        case .catalog(let entry): entry.name
        case .file(let url): url.relativePath
        }
    }

    /// Nothing was published about weights in a file.
    fileprivate var accuracies: [PublishedAccuracy] {
        if case .catalog(let entry) = self { entry.accuracies } else { [] }
    }
}
