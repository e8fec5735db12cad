import ConvNetGraph
import ConvNetPages
import Yams

/// One item of a ``LayerFile``'s lists: a layer, or one that is made of others.
indirect enum LayerListItem: Sendable {
    case layer(text: String, line: Int)
    case container(Container, named: String?, line: Int)

    enum Container: Sendable {
        case sequential([LayerListItem])
        case residual([LayerListItem], shortcut: [LayerListItem])
        case branches([LayerListItem])
        case gate([LayerListItem])
        case join([LayerListItem], by: any GraphOperation)
        case auxiliaryClassifier([LayerListItem], weight: Double)
    }

    /// What ``Join`` may join by.
    private static let joiningOperations: [String: any GraphOperation] = [
        "Add": Add(), "Concatenate": Concatenate(), "Multiply": Multiply(),
    ]

    /// What may stand beside the layers of each container.
    private static let containers = [
        "Sequential": ["named"], "Residual": ["named", "shortcut"], "Branches": ["named"],
        "Gate": ["named"], "Join": ["named", "by"],
        "AuxiliaryClassifier": ["named", "weight"],
    ]

    /// - Throws: `NetworkTextError`, with the line.
    static func items(_ node: Node) throws(NetworkTextError) -> [LayerListItem] {
        if node.string == "" { return [] }
        guard let sequence = node.sequence else {
            throw NetworkTextError(
                line: node.line, problem: "layers are a list", hint: "write each in a line of its own, behind '- '")
        }
        return try sequence.map { node throws(NetworkTextError) in try LayerListItem(node) }
    }

    private init(_ node: Node) throws(NetworkTextError) {
        let line = node.line ?? 0
        if let text = node.string {
            guard text == "Sequential" || Self.containers[text] == nil else {
                throw NetworkTextError(
                    line: line, problem: "'\(text)' needs its layers", hint: "write it like \(text):")
            }
            self =
                text == "Sequential"
                ? .container(.sequential([]), named: nil, line: line) : .layer(text: text, line: line)
            return
        }
        guard let mapping = node.mapping else {
            throw NetworkTextError(
                line: line, problem: "a list is no layer", hint: "name what is made of it, e.g. Sequential:")
        }
        let words = mapping.keys.map { $0.string ?? "" }
        guard let kind = words.first(where: { Self.containers[$0] != nil }), let known = Self.containers[kind] else {
            let kinds = Self.containers.keys.sorted()
            let word = words.first ?? ""
            guard !words.contains(where: { $0.contains("(") }) else {
                throw NetworkTextError(
                    line: line, problem: "'\(shortened(word)):' is no layer",
                    hint:
                        "one with arguments stands in a line of its own, with nothing behind it but .named(…) or ' # …'"
                )
            }
            throw NetworkTextError(
                line: line, problem: "'\(shortened(word)):' is made of no layers",
                hint: LayerText.names.contains(word)
                    ? "write a layer as in Swift, e.g. Conv2D(32, kernel: 3)"
                    : nearestName(to: word, in: kinds).map { "did you mean '\($0):'?" }
                        ?? "these are: \(kinds.quotedList)")
        }
        for key in mapping.keys where key.string != kind && !known.contains(key.string ?? "") {
            let word = key.string ?? ""
            throw NetworkTextError(
                line: key.line, problem: "\(kind) has no '\(shortened(word)):'",
                hint: nearestName(to: word, in: known).map { "did you mean '\($0):'?" } ?? "it has \(known.quotedList)")
        }
        let items = try Self.items(mapping[kind] ?? Node(""))
        let container: Container
        switch kind {
        case "Residual":
            container = .residual(items, shortcut: try mapping["shortcut"].map(Self.items) ?? [])
        case "Branches": container = .branches(items)
        case "Gate": container = .gate(items)
        case "Join":
            let word = mapping["by"]?.string ?? ""
            guard let operation = Self.joiningOperations[word] else {
                let names = Self.joiningOperations.keys.sorted()
                throw NetworkTextError(
                    line: mapping["by"]?.line ?? line,
                    problem: mapping["by"] == nil ? "Join lacks 'by'" : "nothing joins by '\(shortened(word))'",
                    hint: nearestName(to: word, in: names).map { "did you mean '\($0)'?" }
                        ?? "there are \(names.quotedList)")
            }
            container = .join(items, by: operation)
        case "AuxiliaryClassifier":
            let weight = mapping["weight"]
            guard let value = weight == nil ? 0.3 : weight?.float else {
                throw NetworkTextError(line: weight?.line, problem: "'weight' is a number")
            }
            container = .auxiliaryClassifier(items, weight: value)
        default: container = .sequential(items)
        }
        let name = mapping["named"]
        guard name == nil || name?.string != nil else {
            throw NetworkTextError(line: name?.line, problem: "'named' is a name")
        }
        self = .container(container, named: name?.string, line: line)
    }

    /// The layer, of a network for so many classes.
    ///
    /// - Throws: `NetworkTextError`, with the line.
    func layer(classes: Int) throws(NetworkTextError) -> any Layer {
        func layers(_ items: [LayerListItem]) throws(NetworkTextError) -> [any Layer] {
            try items.map { item throws(NetworkTextError) in try item.layer(classes: classes) }
        }
        switch self {
        case .layer(let text, let line):
            do {
                return LayerAtLine(line: line, content: try LayerText.layer(text, words: ["classes": classes]))
            } catch {
                var error = error
                error.line = line
                throw error
            }
        case .container(let container, let name, let line):
            let layer: any Layer
            switch container {
            case .sequential(let items):
                let parts = try layers(items)
                layer = Sequential { for part in parts { part } }
            case .residual(let items, let shortcut):
                let (parts, others) = (try layers(items), try layers(shortcut))
                layer = Residual {
                    for part in parts { part }
                } shortcut: {
                    for part in others { part }
                }
            case .branches(let items):
                let parts = try layers(items)
                layer = Branches { for part in parts { part } }
            case .gate(let items):
                let parts = try layers(items)
                layer = Gate { for part in parts { part } }
            case .join(let items, let operation):
                let parts = try layers(items)
                layer = Join(by: operation) { for part in parts { part } }
            case .auxiliaryClassifier(let items, let weight):
                let parts = try layers(items)
                layer = AuxiliaryClassifier(weight: weight) { for part in parts { part } }
            }
            return LayerAtLine(line: line, content: name.map { layer.named($0) } ?? layer)
        }
    }
}
