/// A network as engines see it: primitive operations in an order in which each comes after its inputs, every shape
/// known. Immutable once built; see `Graph+Validation.swift` for what makes one valid.
public struct Graph: Sendable {
    /// More elements than this in one array are refused: C libraries count them in 32 bits.
    public static let maximumElementCount = Int(Int32.max)

    /// The input first, the output last.
    public let nodes: [Node]

    /// Every parameter, in the order of the nodes that own them.
    public let parameters: [Parameter]

    /// - Throws: ``NetworkError`` where the nodes do not make a valid graph.
    public init(nodes: [Node]) throws(NetworkError) {
        self.nodes = nodes
        parameters = try Self.validate(nodes)
    }

    /// One operation, where it stands, and what it makes.
    public struct Node: Sendable {
        /// Unique in the graph; its parameters' names begin with it.
        public let path: LayerPath
        /// What the node computes.
        public let operation: any GraphOperation

        /// Indices of the nodes whose outputs go in.
        public let inputs: [Int]

        /// The output's shape.
        public let shape: Shape

        /// A node of a graph made by hand; ``Graph/init(nodes:)`` checks it.
        public init(path: LayerPath, operation: any GraphOperation, inputs: [Int], shape: Shape) {
            self.path = path
            self.operation = operation
            self.inputs = inputs
            self.shape = shape
        }
    }

    /// The shape of one image.
    public var inputShape: Shape { nodes[0].shape }
    /// The shape of one image's outputs.
    public var outputShape: Shape { nodes[nodes.count - 1].shape }

    /// The shapes that go into one node.
    public func inputShapes(of node: Node) -> [Shape] {
        node.inputs.map { nodes[$0].shape }
    }

    /// For each node, the range of ``parameters`` that it owns.
    public var parameterRanges: [Range<Int>] {
        var start = 0
        return nodes.map { node in
            let range = start..<start + node.operation.parameters(for: inputShapes(of: node)).count
            start = range.upperBound
            return range
        }
    }

    /// For each node, the nodes that read its output.
    public var consumers: [[Int]] {
        var consumers = nodes.map { _ in [Int]() }
        for (index, node) in nodes.enumerated() {
            for input in node.inputs { consumers[input].append(index) }
        }
        return consumers
    }
}

extension Graph: Equatable {
    public static func == (a: Graph, b: Graph) -> Bool { a.nodes == b.nodes }
}

extension Graph.Node: Equatable {
    public static func == (a: Self, b: Self) -> Bool {
        a.path == b.path && a.inputs == b.inputs && a.shape == b.shape
            && AnyHashable(a.operation) == AnyHashable(b.operation)
    }
}

extension Graph {
    /// The first thing in which this graph differs from one that was recorded, as a sentence.
    ///
    /// - Returns: nil where they are equal.
    package func firstDifference(from recorded: Graph) -> String? {
        for (node, other) in zip(nodes, recorded.nodes) where node != other {
            if node.path != other.path {
                return "layer \(other.path) was \(other.operation); now layer \(node.path) is there"
            }
            if AnyHashable(node.operation) != AnyHashable(other.operation) {
                return "layer \(node.path) was \(other.operation), not \(node.operation)"
            }
            return node.shape == other.shape
                ? "layer \(node.path) read other layers" : "layer \(node.path) made \(other.shape), not \(node.shape)"
        }
        return nodes.count == recorded.nodes.count
            ? nil : "it had \(recorded.nodes.count) layers, not \(nodes.count)"
    }
}
