import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import ConvNetZoo
import Foundation
import Yams

/// A network as a file in YAML lists its layers, each written as in Swift:
///
///     name: small                 # the file's own, unless said otherwise
///     input: 3x32x32              # the images that it is made for
///     classes: 10                 # 10, unless said otherwise
///     layers:
///       - Conv2D(32, kernel: 3, padding: 1)
///       - BatchNorm
///       - ReLU
///       - Residual:
///           - Conv2D(32, kernel: 3, padding: 1, bias: false)
///           - BatchNorm
///         shortcut:               # the input as it is, unless said otherwise
///           - Conv2D(32, kernel: 1)
///       - Branches:
///           - Conv2D(16, kernel: 1)
///           - Sequential:
///               - Conv2D(16, kernel: 3, padding: 1)
///               - ReLU
///             named: wide
///       - GlobalAveragePool2D
///       - Dense(classes).named("fc")
///
/// `classes` among a layer's numbers is the number of classes that the network is made for.
public struct LayerFile: Sendable {
    /// What the network is called.
    public let name: String
    /// The whole file, with its name.
    public let text: String
    /// The shape C×H×W of the images that it is made for.
    public let inputShape: Shape
    /// The number of classes that it is made for.
    public let classes: Int
    private let layers: Layers
    /// For messages.
    private let place: String

    private enum Layers: Sendable {
        case list([LayerListItem])
        /// Of a model file.
        case graph(Graph)
    }

    /// Whether it takes no other images and classes than those that it is made for.
    var isFixed: Bool { if case .graph = layers { true } else { false } }

    static let pathExtensions = ["yaml", "yml"]

    /// - Throws: `NetworkTextError`, with the line.
    public init(contentsOf url: URL) throws {
        let place = url.relativePath
        let text: String
        do {
            text = try YAMLText.read(url, kind: "network of layers")
        } catch {
            throw NetworkTextError(file: place, problem: error.problem)
        }
        try self.init(text, name: url.deletingPathExtension().lastPathComponent, place: place)
    }

    /// - Parameter text: what such a file holds, its name included.
    /// - Throws: `NetworkTextError`, with the line.
    public init(_ text: String) throws { try self.init(text, name: "network", place: "model") }

    /// The network of a model file.
    init(_ graph: Graph, name: String) throws {
        let json = String(decoding: try JSONEncoder.sorted.encode(graph), as: UTF8.self)
        let keys = ["name": name, "graph": json]
        let text = try Yams.serialize(
            node: .mapping(Node.Mapping(keys.sorted { $0.key > $1.key }.map { (Node($0), Node($1, Tag(.str))) })))
        guard text.utf8.count < YAMLText.largestFile / 2 else {
            throw NetworkTextError(
                file: name, problem: "its network has too many layers to be kept among a run's settings")
        }
        self.name = name
        self.text = text
        inputShape = graph.inputShape
        classes = graph.outputShape.count
        layers = .graph(graph)
        place = name
    }

    private init(_ text: String, name standardName: String, place: String) throws(NetworkTextError) {
        func failure(_ problem: String, line: Int? = nil, hint: String? = nil) -> NetworkTextError {
            NetworkTextError(file: place, line: line, problem: problem, hint: hint)
        }
        let mapping: Node.Mapping
        do {
            mapping = try YAMLText.mapping(LayerListItem.quoted(text), kind: "network of layers")
        } catch {
            throw failure(error.problem, line: error.line)
        }
        let keys = ["name", "input", "classes", "layers", "graph"]
        for (key, _) in mapping where !keys.contains(key.string ?? "") {
            let word = key.string ?? ""
            guard RunSettings.named(word) == nil else {
                throw failure(
                    "it is a file of settings, not of layers", hint: "name the directory of its run, or 'layers'")
            }
            throw failure(
                "unknown key '\(printable(word))'", line: key.line,
                hint: nearestName(to: word, in: keys).map { "did you mean '\($0)'?" }
                    ?? "a network has \(keys.dropLast().quotedList)")
        }
        self.place = place
        name = mapping["name"]?.string ?? standardName
        self.text = try mapping["name"] == nil ? Self.text(text, mapping, named: standardName) : text
        if let node = mapping["graph"] {
            guard let graph = try? JSONText.decode(Graph.self, from: Data((node.string ?? "").utf8)) else {
                throw failure("its graph cannot be read", line: node.line)
            }
            (inputShape, classes, layers) = (graph.inputShape, graph.outputShape.count, .graph(graph))
            return
        }
        guard let input = mapping["input"] else {
            throw failure("it lacks 'input'", hint: "say which images it is made for, e.g. input: 3x32x32")
        }
        guard let sizes = dimensions(input.string ?? ""), sizes.count == 3, sizes.allSatisfy({ $0 > 0 }) else {
            throw failure(
                "'\(printable(input.string ?? ""))' is no shape", line: input.line, hint: "write it like input: 3x32x32"
            )
        }
        inputShape = Shape(sizes)
        let count = mapping["classes"].map { $0.int ?? 0 } ?? 10
        guard count > 0 else {
            throw failure("'classes' is a number of at least 1", line: mapping["classes"]?.line)
        }
        classes = count
        guard let list = mapping["layers"] else { throw failure("it lacks 'layers'") }
        do {
            let items = try LayerListItem.items(list)
            // What is wrong with a layer's text is told now.
            _ = try items.map { item throws(NetworkTextError) in try item.layer(classes: count) }
            layers = .list(items)
        } catch {
            var error = error
            error.file = place
            throw error
        }
    }

    /// A text with the name that its file gives it.
    private static func text(
        _ text: String, _ mapping: Node.Mapping, named name: String
    ) throws(NetworkTextError) -> String {
        do {
            let named = (Node("name"), Node(name, Tag(.str)))
            guard let first = mapping.first?.key.mark, first.column == 1, mapping.style != .flow else {
                return try Yams.serialize(node: .mapping(Node.Mapping([named] + mapping.map { ($0.key, $0.value) })))
            }
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let line = try Yams.serialize(node: .mapping(Node.Mapping([named])))
            lines.insert(line.dropLast(), at: first.line - 1)
            return lines.joined(separator: "\n")
        } catch {
            throw NetworkTextError(problem: "\(error)")
        }
    }

    /// - Throws: `UnsuitableImages` where a layer cannot take what reaches it.
    func network(for images: Shape, classes: Int) throws -> Network {
        switch layers {
        case .graph(let graph):
            guard images == inputShape, classes == self.classes else {
                throw NetworkTextError(
                    file: place,
                    problem:
                        "it is a model's network, for images of \(inputShape) in \(self.classes.counted("class", plural: "classes")), "
                        + "and takes no others: these are \(images) in \(classes)")
            }
            return Network(graph: graph)
        case .list(let items):
            let layers = try items.map { item throws(NetworkTextError) in try item.layer(classes: classes) }
            do {
                return try Network(input: images) { LayerList(layers: layers) }
            } catch let error as NetworkError {
                throw UnsuitableImages(network: place, images: images, classCount: classes, error: error)
            }
        }
    }
}
