import ConvNetCore

/// The networks that have a name on the command line.
public enum NetworkCatalog {
    /// Every network that has a name.
    public static let all: [Entry] = [
        Entry(name: "lenet5", summary: "LeNet-5, 1998: two convolutions, tanh, average pooling", input: [1, 28, 28]) {
            LeNet5(classes: $0)
        },
        Entry(name: "convnet4", summary: "four 3×3 convolutions, ReLU, max pooling, dropout", input: [1, 28, 28]) {
            ConvNet4(classes: $0)
        },
        Entry(name: "resnet20", summary: "ResNet-20, 2015: nine residual blocks for small images", input: [3, 32, 32]) {
            CIFARResNet(depth: 20, classes: $0)
        },
    ]

    /// The entry of that name; capitals and underscores are forgiven.
    ///
    /// - Throws: ``UnknownNetwork`` with the nearest name.
    public static func entry(named name: String) throws(UnknownNetwork) -> Entry {
        let wanted = name.lowercased().replacing("_", with: "-")
        let joined = name.lowercased().replacing("_", with: "")
        guard let entry = all.first(where: { $0.name == wanted || $0.name == joined }) else {
            throw UnknownNetwork(name: name, suggestion: nearestName(to: wanted, in: all.map(\.name)))
        }
        return entry
    }

    /// A network by name, and what it needs to be built.
    public struct Entry: Sendable {
        /// In lower case, with hyphens.
        public let name: String
        /// One line: year, and what is special about it.
        public let summary: String
        /// The shape C×H×W of the images that it was made for.
        public let inputShape: Shape
        /// What was published about how often it is right; nil where nothing was.
        public let accuracy: PublishedAccuracy?
        private let layers: @Sendable (_ classes: Int) -> any Layer

        init(
            name: String, summary: String, input: Shape, accuracy: PublishedAccuracy? = nil,
            layers: @escaping @Sendable (Int) -> any Layer
        ) {
            self.name = name
            self.summary = summary
            inputShape = input
            self.accuracy = accuracy
            self.layers = layers
        }

        /// - Parameters:
        ///   - input: the images' shape, ``inputShape`` unless said otherwise.
        ///   - classes: the number of outputs.
        /// - Throws: ``NetworkError`` where the network cannot take images of that shape.
        public func network(input: Shape? = nil, classes: Int = 10) throws -> Network {
            try Network(input: input ?? inputShape) { layers(classes) }
        }
    }
}

/// A name that is not in the ``NetworkCatalog``.
public struct UnknownNetwork: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name that was asked for.
    public let name: String
    /// The nearest name, where one is near.
    public let suggestion: String?

    public var description: String {
        "Unknown network '\(name)'."
            + (suggestion.map { " Did you mean '\($0)'?" }
                ?? " There are \(NetworkCatalog.all.map { "'\($0.name)'" }.joined(separator: ", ")).")
    }
}
