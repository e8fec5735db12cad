import ConvNetPages

/// In a file, a graph is `{"version": 1, "nodes": [{"path": ["conv1"], "operation": {"kind": "conv2d", …},
/// "inputs": [0], "shape": [6, 28, 28]}, …]}`.
extension Graph: Codable {
    private enum CodingKeys: CodingKey { case version, nodes }
    private static let version = 1

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .version)
        guard version == Self.version else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: container,
                debugDescription: "graph version \(version); this program reads version \(Self.version)")
        }
        try self.init(nodes: try container.decode([Node].self, forKey: .nodes))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.version, forKey: .version)
        try container.encode(nodes, forKey: .nodes)
    }
}

extension Graph.Node: Codable {
    private enum CodingKeys: CodingKey { case path, operation, inputs, shape }
    private enum OperationKeys: CodingKey { case kind }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let named = try container.nestedContainer(keyedBy: OperationKeys.self, forKey: .operation)
        let kind = try named.decode(String.self, forKey: .kind)
        let customLayers: [any GraphOperation.Type] = decoder.userInfo[.customLayers] as? [any CustomLayer.Type] ?? []
        guard let type = OperationRegistry.type(ofKind: kind) ?? customLayers.first(where: { $0.kind == kind }) else {
            throw UnknownLayerKind(kind: kind, path: try container.decode(LayerPath.self, forKey: .path))
        }
        self.init(
            path: try container.decode(LayerPath.self, forKey: .path),
            operation: try type.init(from: try container.superDecoder(forKey: .operation)),
            inputs: try container.decode([Int].self, forKey: .inputs),
            shape: try container.decode(Shape.self, forKey: .shape))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        let nested = container.superEncoder(forKey: .operation)
        try operation.encode(to: nested)
        var named = nested.container(keyedBy: OperationKeys.self)
        try named.encode(type(of: operation).kind, forKey: .kind)
        try container.encode(inputs, forKey: .inputs)
        try container.encode(shape, forKey: .shape)
    }
}

extension CodingUserInfoKey {
    /// The types of custom layers, `[any CustomLayer.Type]`, that a decoder of graphs knows beside the library's own.
    // The name is valid: the initialiser fails for no string.
    public static let customLayers = CodingUserInfoKey(rawValue: "convnet.customLayers").unsafelyUnwrapped
}

/// A graph with a layer that this program does not know: a custom one, most likely.
public struct UnknownLayerKind: Error, Hashable, Sendable {
    /// The kind that the file names.
    public let kind: String
    /// Where the layer stands in its network.
    public let path: LayerPath
    /// The file that the graph is in, where it is in one.
    public let file: String?

    /// An error about a layer of that kind.
    public init(kind: String, path: LayerPath, file: String? = nil) {
        self.kind = kind
        self.path = path
        self.file = file
    }
}

extension UnknownLayerKind: CustomStringConvertible {
    public var description: String {
        (file.map { "\($0): " } ?? "") + "unknown kind of layer \"\(shortened(kind))\" at \(shortened("\(path)")); "
            + "if it is a custom layer, give its type where the model is loaded: customLayers: […]"
    }
}
