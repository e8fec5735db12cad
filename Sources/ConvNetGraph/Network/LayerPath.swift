/// Where a layer stands in its network: the names of the containers around it and its own.
///
/// A parameter's name is the path joined with dots and the parameter's own name, as in PyTorch:
/// `layer1.0.conv1.weight`. Messages for people show the path with arrows: `layer1 › 0 › conv1`.
public struct LayerPath: Hashable, Sendable {
    /// From the outermost container to the layer itself.
    public var components: [String]

    /// The network's own path, where there are no components.
    public init(_ components: [String] = []) {
        self.components = components
    }

    /// The path of what stands in here under that name.
    public func appending(_ name: String) -> LayerPath {
        LayerPath(components + [name])
    }

    /// Whether `name` may be a component: a dot in it would make `a.b` out of two paths.
    static func isName(_ name: String) -> Bool { !name.isEmpty && !name.contains(".") }

    /// The components joined with dots: `layer1.0.conv1`.
    public var dotted: String { components.joined(separator: ".") }
}

extension LayerPath: CustomStringConvertible {
    public var description: String { components.isEmpty ? "network" : components.joined(separator: " › ") }
}

extension LayerPath: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([String].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(components)
    }
}
