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
///       - Gate:
///           - AdaptiveAveragePool2D(1)
///           - Conv2D(32, kernel: 1)
///           - Sigmoid
///       - GlobalAveragePool2D
///       - Dense(classes).named("fc")
///
/// `classes` among a layer's numbers is the number of classes that the network is made for. What a run keeps of a model file's
/// network has `graph` in the place of all that.
public struct LayerFile: Sendable {
    /// What the network is called.
    public let name: String
    /// The whole file, with its name: what makes the network again.
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

    /// In bytes: a run's settings, which have the text, stay well below what they may have.
    private static let largestText = YAMLText.largestFile / 4

    /// - Throws: `NetworkTextError`, with the line.
    public init(contentsOf url: URL) throws {
        let place = url.relativePath
        let text: String
        do {
            text = try YAMLText.read(url, kind: "network of layers", largest: Self.largestText)
        } catch {
            throw NetworkTextError(file: place, problem: error.problem)
        }
        try self.init(text, name: url.deletingPathExtension().lastPathComponent, place: place)
    }

    /// - Parameter text: what such a file holds, and before it the file's name, as ``text`` has it.
    /// - Throws: `NetworkTextError`, with the line.
    public init(_ text: String) throws { try self.init(text, name: nil, place: "model") }

    /// The network of a model file.
    init(_ graph: Graph, name: String) throws {
        let json = String(decoding: try JSONEncoder.sorted.encode(graph), as: UTF8.self)
        let node = Node.mapping(Node.Mapping([(Node("graph"), Node(json, Tag(.str), .singleQuoted))]))
        let text = try Self.header(name) + Yams.serialize(node: node, width: -1, allowUnicode: true)
        guard text.utf8.count <= Self.largestText else {
            throw NetworkTextError(
                file: name, problem: "its network has too many layers to be kept among a run's settings")
        }
        try self.init(text, name: name, place: name)
    }

    /// The first line of a text: what its file was called. A comment, so that it can stand before any YAML.
    private static func header(_ name: String) -> String { "# name: \(printable(name))\n" }

    private init(_ text: String, name fileName: String?, place: String) throws(NetworkTextError) {
        func failure(_ problem: String, line: Int? = nil, hint: String? = nil) -> NetworkTextError {
            NetworkTextError(file: place, line: line, problem: problem, hint: hint)
        }
        let mapping: Node.Mapping
        do {
            mapping = try YAMLText.mapping(YAMLText.quotingItems(text), kind: "network of layers", of: "layers")
        } catch {
            throw failure(error.problem, line: error.line)
        }
        try Self.checkKeys(of: mapping) { failure($0, line: $1, hint: $2) }
        self.place = place
        let header = text.prefixMatch(of: /# name: (.*)\n/).map { String($0.1) }
        let ownName = mapping["name"]
        guard ownName == nil || ownName?.string?.isEmpty == false else {
            throw failure("'name' is what the network is called", line: ownName?.line)
        }
        name = ownName?.string ?? fileName ?? header ?? "network"
        // Spaces at a line's end would keep it from being written as it is.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.replacing(/\s+$/, with: "") }.joined(separator: "\n")
        self.text =
            (header == nil && ownName == nil ? Self.header(name) : "") + lines + (lines.hasSuffix("\n") ? "" : "\n")
        if let node = mapping["graph"] {
            do {
                let graph = try JSONText.decode(Graph.self, from: Data((node.string ?? "").utf8))
                (inputShape, classes, layers) = (graph.inputShape, graph.outputShape.count, .graph(graph))
            } catch {
                let reason = (error as? DecodingError)?.sentence ?? "\(error)"
                throw failure("its graph cannot be read: \(shortened(reason))", line: node.line)
            }
            return
        }
        guard let input = mapping["input"] else {
            throw failure("it lacks 'input'", hint: "say which images it is made for, e.g. input: 3x32x32")
        }
        guard let sizes = dimensions(input.string ?? ""), sizes.count == 3, sizes.allSatisfy({ $0 > 0 }) else {
            throw failure(
                "'\(shortened(input.string ?? ""))' is no shape", line: input.line, hint: "write it like input: 3x32x32"
            )
        }
        inputShape = Shape(sizes)
        let count = mapping["classes"].map { $0.int ?? 0 } ?? 10
        guard count > 0 else { throw failure("'classes' is a number of at least 1", line: mapping["classes"]?.line) }
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

    private static func checkKeys(
        of mapping: Node.Mapping, _ failure: (_ problem: String, _ line: Int?, _ hint: String?) -> NetworkTextError
    ) throws(NetworkTextError) {
        let keys = ["name", "input", "classes", "layers"]
        let isGraph = mapping["graph"] != nil
        for key in mapping.keys {
            let word = key.string ?? ""
            if isGraph, ["input", "classes", "layers"].contains(word) {
                throw failure("'\(word)' does not go with 'graph', which says all of it", key.line, nil)
            }
            guard !keys.contains(word), word != "graph" else { continue }
            if mapping["layers"] == nil, RunSettings.named(word) != nil {
                throw failure(
                    "it is a file of settings, not of layers", key.line, "name the directory of its run, or 'layers'")
            }
            throw failure(
                "unknown key '\(shortened(word))'", key.line,
                nearestName(to: word, in: keys).map { "did you mean '\($0)'?" } ?? "a network has \(keys.quotedList)")
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
