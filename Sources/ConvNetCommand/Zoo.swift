import ArgumentParser
import ConvNet

struct Zoo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the networks that have a name, family by family.",
        discussion: """
            convnet zoo
            convnet summary resnet50
            """)

    @OptionGroup var output: OutputOptions

    private struct Family: Encodable {
        var name: String
        var networks: [Network]
    }

    private struct Network: Encodable {
        var name, summary: String
        var input: Shape
        var classes: Int
    }

    func run() throws {
        if output.json {
            try Terminal.write(
                json: NetworkCatalog.families.map { family in
                    Family(
                        name: family.name,
                        networks: family.networks.map {
                            Network(name: $0.name, summary: $0.summary, input: $0.inputShape, classes: $0.classes)
                        })
                })
        } else {
            let width = NetworkCatalog.all.reduce(0) { max($0, $1.name.count) }
            let families = NetworkCatalog.families.map { family in
                family.networks.reduce(family.name) { text, entry in
                    let space = String(repeating: " ", count: width - entry.name.count)
                    return "\(text)\n  \(entry.name)\(space)  \(entry.summary)"
                }
            }
            Terminal.write(families.joined(separator: "\n\n"))
        }
    }
}
