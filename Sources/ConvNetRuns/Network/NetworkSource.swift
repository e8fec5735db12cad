import ConvNet
import ConvNetGraph
import ConvNetPages
import ConvNetVision
import ConvNetZoo
import Foundation

/// A network as a setting or a command names it: by a name of the catalog, with parameters or without, by a file that lists its
/// layers, or by a model file, whose network it is without its weights.
///
///     try NetworkSource("resnet20")
///     try NetworkSource("resnet(depth: 20, width: 32, dropout: 0.3)")
///     try NetworkSource("small.yaml")             // layers, as a ``LayerFile`` lists them
///     try NetworkSource("runs/resnet20-1")        // a run's network, or a model file's
public struct NetworkSource: Sendable {
    /// The catalog's name, that in a file of layers, or the file's own.
    public let name: String
    /// What makes the same network again, without the file that it may have come from.
    public let text: String
    /// The shape C×H×W of the images that it was made for.
    public let inputShape: Shape
    /// The number of classes that it was made for.
    public let classes: Int
    /// Whether it takes no other images and classes than those.
    public let isFixed: Bool
    /// What was published about how often it is right; nothing where it is not the catalog's own.
    public let accuracies: [PublishedAccuracy]
    /// The file that it comes from; nil where it is named or written.
    public let file: URL?
    private let make: @Sendable (_ images: Shape, _ classes: Int) throws -> Network

    /// - Parameter text: a name, a path, or what ``text`` holds. Names go first; something with a slash or a dot, or that exists, is
    ///   a file.
    /// - Throws: `UnknownNetwork`, `NetworkTextError` for a text or a file of layers that is none, and as `ModelFile` for a model
    ///   file.
    public init(_ text: String) throws {
        switch try NetworkReference(text) {
        case .entry(let entry): self.init(entry)
        case .layers(let text): self.init(try LayerFile(text))
        case .layerFile(let url): self.init(try LayerFile(contentsOf: url), from: url)
        case .modelFile(let url): try self.init(modelFile: url)
        }
    }

    /// One of the catalog's.
    public init(_ entry: NetworkCatalog.Entry) {
        name = entry.name
        text = entry.name
        inputShape = entry.inputShape
        classes = entry.classes
        isFixed = false
        accuracies = entry.accuracies
        file = nil
        make = { try entry.network(for: $0, classes: $1) }
    }

    /// One that a file lists the layers of.
    public init(_ layers: LayerFile) { self.init(layers, from: nil) }

    private init(_ layers: LayerFile, from file: URL?) {
        name = layers.name
        text = layers.text
        inputShape = layers.inputShape
        classes = layers.classes
        isFixed = layers.isFixed
        accuracies = []
        self.file = file
        make = { try layers.network(for: $0, classes: $1) }
    }

    /// A program's own, which no text makes again.
    init(_ network: Network, name: String) {
        self.name = name
        text = name
        inputShape = network.inputShape
        classes = network.outputShape.count
        isFixed = true
        accuracies = []
        file = nil
        make = { _, _ in network }
    }

    private init(modelFile url: URL) throws {
        let network = try ModelFile(contentsOf: url).network
        // A run's model is called as its run is.
        let file = try ModelFile.location(of: url).absoluteURL
        let isRun = file.lastPathComponent == RunFiles.model
        let name = isRun ? file.deletingLastPathComponent() : file.deletingPathExtension()
        self.init(try LayerFile(network.graph, name: name.lastPathComponent), from: url)
    }

    /// The network for such images and so many classes: those that it was made for, unless said otherwise.
    ///
    /// - Throws: `UnsuitableImages`, `NetworkTextError` where the layers are fit for no images.
    public func network(for images: Shape? = nil, classes: Int? = nil) throws -> Network {
        try make(images ?? inputShape, classes ?? self.classes)
    }

    /// What a run's directory is called after: the name's beginning, without what file systems and shells stumble over.
    var directoryName: String {
        let letters = name.prefix { $0 != "(" }.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "-" }
        let trimmed = String(letters).trimmingCharacters(in: CharacterSet(charactersIn: "-."))
        return trimmed.isEmpty ? "network" : String(trimmed.prefix(60))
    }
}

/// What a text that stands for a network refers to.
package enum NetworkReference {
    case entry(NetworkCatalog.Entry)
    case layers(String)
    case layerFile(URL)
    case modelFile(URL)

    /// - Throws: `UnknownNetwork`, `NetworkTextError`.
    package init(_ text: String) throws {
        if text.contains("\n") {
            self = .layers(text)
            return
        }
        do {
            self = .entry(try NetworkCatalog.entry(named: text))
        } catch {
            let exists = FileManager.default.fileExists(atPath: text)
            // In parameters there are dots too.
            let isPath = text.contains("/") || (text.contains(".") && !text.hasSuffix(")"))
            guard exists || isPath else { throw error }
            let url = URL(filePath: text)
            self =
                LayerFile.pathExtensions.contains(url.pathExtension.lowercased()) ? .layerFile(url) : .modelFile(url)
        }
    }
}
