import ArgumentParser
import ConvNetPages
import ConvNetRuns

struct Zoo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the networks that have a name, family by family.",
        discussion: """
            convnet zoo
            convnet summary resnet50

            'start here' stands behind the networks to begin with, and the images that they are for. In brackets stands what \
            may be varied, as in 'resnet20(width: 32, dropout: 0.3)'; 'resnet(depth: 20)' is resnet20.
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
        var parameters: [String]
        /// The images that a beginner may train it on; missing for other networks.
        var startHere: String?

        private enum CodingKeys: String, CodingKey {
            case name, summary, input, classes, parameters
            case startHere = "start_here"
        }
    }

    private static func startHere(_ name: String) -> String? {
        DefaultNetwork.startingPoints.first { $0.name == name }?.images
    }

    private static func brackets(_ parameters: [String]) -> String {
        parameters.isEmpty ? "" : " (\(parameters.map { "\($0):" }.joined(separator: ", ")))"
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
                                parameters: $0.parameters, startHere: Self.startHere($0.name))
                        })
                })
        } else {
            let width = NetworkCatalog.all.reduce(0) { max($0, $1.name.displayWidth) }
            let whole = Terminal.outputWidth ?? .max
            // Beside the names there would be no room for long words: what is said of a network stands below.
            let isNarrow = whole < width + 28
            let margin = String(repeating: " ", count: isNarrow ? 6 : width + 4)
            let room = max(20, whole - margin.count)
            let families = NetworkCatalog.families.map { family in
                // What all of them take is said once.
                let common = Set(family.networks.map(\.parameters)).count == 1
                let title = family.name + (common ? Self.brackets(family.networks[0].parameters) : "")
                return family.networks.reduce(title.wrapped(to: max(20, whole), indent: 2)) {
                    text, entry in
                    let lines =
                        [entry.summary + (common ? "" : Self.brackets(entry.parameters))]
                        + (Self.startHere(entry.name).map { ["← start here: \($0)"] } ?? [])
                    let wrapped = lines.flatMap { $0.wrapped(to: room, indent: 2).split(separator: "\n") }
                    let name = isNarrow ? "\(entry.name)\n\(margin)" : entry.name.padded(toWidth: width) + "  "
                    return "\(text)\n  \(name)" + wrapped.joined(separator: "\n\(margin)")
                }
            }
            Terminal.write(text: families.joined(separator: "\n\n"))
        }
    }
}
