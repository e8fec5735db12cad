import ArgumentParser
import ConvNetPages
import ConvNetRuns

struct Zoo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the networks that have a name, family by family.",
        discussion: """
            convnet zoo
            convnet summary resnet50

            'start here' stands behind the networks to begin with, and the images that they are for.
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
        /// The images that a beginner may train it on; missing for other networks.
        var startHere: String?

        private enum CodingKeys: String, CodingKey {
            case name, summary, input, classes
            case startHere = "start_here"
        }
    }

    private static func startHere(_ name: String) -> String? {
        DefaultNetwork.startingPoints.first { $0.name == name }?.images
    }

    func run() throws {
        if output.json {
            try Terminal.write(
                json: NetworkCatalog.families.map { family in
                    Family(
                        name: family.name,
                        networks: family.networks.map {
                            Network(
                                name: $0.name, summary: $0.summary, input: $0.inputShape, classes: $0.classes,
                                startHere: Self.startHere($0.name))
                        })
                })
        } else {
            let width = NetworkCatalog.all.reduce(0) { max($0, $1.name.displayWidth) }
            let margin = String(repeating: " ", count: width + 4)
            let room = max(20, (Terminal.outputWidth ?? .max) - margin.count)
            let families = NetworkCatalog.families.map { family in
                family.networks.reduce(family.name) { text, entry in
                    let lines = [entry.summary] + (Self.startHere(entry.name).map { ["← start here: \($0)"] } ?? [])
                    let wrapped = lines.flatMap { $0.wrapped(to: room, indent: 2).split(separator: "\n") }
                    return "\(text)\n  \(entry.name.padded(toWidth: width))  "
                        + wrapped.joined(separator: "\n\(margin)")
                }
            }
            Terminal.write(text: families.joined(separator: "\n\n"))
        }
    }
}
