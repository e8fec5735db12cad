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

    /// The entry of that name; capitals and underscores are forgiven. With parameters behind the name it is that network varied:
    /// `resnet20(width: 32, dropout: 0.3)`; `resnet(depth: 20)` is `resnet20`.
    ///
    /// - Throws: ``UnknownNetwork`` with the nearest name, `NetworkTextError` for parameters that it does not take.
    public static func entry(named name: String) throws -> Entry {
        guard name.contains("(") else { return try named(name) }
        let arguments = try TextArguments(name, .network)
        let groupName = arguments.name.lowercased().replacing("_", with: "-")
        if let group = EntryGroup.all.first(where: { $0.name == groupName }) {
            let (member, others) = try group.member(arguments.checked(against: group.usage))
            return try named(member).varied(by: others)
        }
        do {
            return try named(arguments.name).varied(by: arguments)
        } catch let error as UnknownNetwork {
            let names = EntryGroup.all.map(\.name) + all.map(\.name)
            throw UnknownNetwork(name: error.name, suggestion: nearestName(to: error.name, in: names))
        }
    }

    private static func named(_ name: String) throws(UnknownNetwork) -> Entry {
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
        /// In lower case, with hyphens; with parameters where it is varied.
        public private(set) var name: String
        /// One line: year, and what is special about it.
        public let summary: String
        /// The shape C×H×W of the images that it was made for.
        public let inputShape: Shape
        /// The number of classes that it was made for.
        public let classes: Int
        /// What was published about how often it is right; nil where nothing was, for ImageNet.
        public var accuracy: PublishedAccuracy? { accuracies.first }
        /// All that was published, each measured in another way; ``accuracy`` first.
        public private(set) var accuracies: [PublishedAccuracy]
        /// What the weights whose accuracy ``accuracy`` is want done to pictures; nil where none were published.
        public private(set) var publishedPreprocessing: PublishedPreprocessing?
        /// What may be varied, by the labels that ``NetworkCatalog/entry(named:)`` takes: `width`, `dropout`.
        public let parameters: [String]
        /// How other programs call its parameters; the network's own names are torchvision's where it has the network.
        public let weightNamings: [WeightNaming]
        private let layers: Layers
        private var arguments: TextArguments?

        typealias Layers = @Sendable (NetworkArguments) throws -> any Layer

        init(
            _ name: String, _ summary: String, input: Shape, classes: Int, takes parameters: [String] = [],
            accuracies: [PublishedAccuracy] = [], preprocessing: PublishedPreprocessing? = nil,
            weightNamings: [WeightNaming] = [], layers: @escaping Layers
        ) {
            self.name = name
            self.summary = summary
            inputShape = input
            self.classes = classes
            self.parameters = parameters
            self.accuracies = accuracies
            publishedPreprocessing = preprocessing
            self.weightNamings = weightNamings
            self.layers = layers
        }

        /// Nothing was published about a network that is varied.
        ///
        /// - Throws: `NetworkTextError` for an argument that it does not take, or out of range.
        func varied(by arguments: TextArguments) throws -> Entry {
            guard !arguments.isEmpty else { return self }
            var result = self
            result.arguments = try arguments.checked(against: parameters.map { "\($0):" }.joined(separator: ", "))
            result.name = "\(name)(\(arguments.text))"
            result.accuracies = []
            result.publishedPreprocessing = nil
            _ = try layers(NetworkArguments(given: result.arguments, classes: classes))
            return result
        }

        /// - Parameters:
        ///   - input: the images' shape, ``inputShape`` unless said otherwise.
        ///   - classes: the number of outputs, ``classes`` unless said otherwise.
        /// - Throws: ``NetworkError`` where the network cannot take images of that shape.
        public func network(input: Shape? = nil, classes: Int? = nil) throws -> Network {
            let layers = try layers(NetworkArguments(given: arguments, classes: classes ?? self.classes))
            return try Network(input: input ?? inputShape) { layers }
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
