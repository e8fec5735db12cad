import ConvNetGraph

/// The networks that have a name on the command line.
public enum NetworkCatalog {
    /// Every family, in the order in which the field met them; see `NetworkCatalog+Families.swift`.
    public static let families: [Family] = [
        .small, .alexNet, .vgg, .networkInNetwork, .googLeNet, .resNet, .plainNet, .resNetV2, .cifarResNet, .compact,
        .beyondResNet,
    ]

    /// Every network that has a name.
    public static let all: [Entry] = families.flatMap(\.networks)

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

    /// Networks that belong together.
    public struct Family: Sendable {
        /// What they are called together.
        public let name: String
        /// From the smallest to the largest, as a rule.
        public let networks: [Entry]
    }

    /// A network by name, and what it needs to be built.
    public struct Entry: Sendable {
        /// In lower case, with hyphens.
        public let name: String
        /// One line: year, and what is special about it.
        public let summary: String
        /// The shape C×H×W of the images that it was made for.
        public let inputShape: Shape
        /// The number of classes that it was made for.
        public let classes: Int
        /// What was published about how often it is right; nil where nothing was, for ImageNet.
        public var accuracy: PublishedAccuracy? { accuracies.first }
        /// All that was published, each measured in another way; ``accuracy`` first.
        public let accuracies: [PublishedAccuracy]
        private let layers: @Sendable (_ classes: Int) -> any Layer

        init(
            _ name: String, _ summary: String, input: Shape, classes: Int, accuracies: [PublishedAccuracy] = [],
            layers: @escaping @Sendable (_ classes: Int) -> any Layer
        ) {
            self.name = name
            self.summary = summary
            inputShape = input
            self.classes = classes
            self.accuracies = accuracies
            self.layers = layers
        }

        /// - Parameters:
        ///   - input: the images' shape, ``inputShape`` unless said otherwise.
        ///   - classes: the number of outputs, ``classes`` unless said otherwise.
        /// - Throws: ``NetworkError`` where the network cannot take images of that shape.
        public func network(input: Shape? = nil, classes: Int? = nil) throws -> Network {
            try Network(input: input ?? inputShape) { layers(classes ?? self.classes) }
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
            + (suggestion.map { " Did you mean '\($0)'?" } ?? " 'convnet zoo' lists what there is.")
    }
}
