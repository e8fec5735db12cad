import ConvNetCore

/// One row of `Fixtures/operations.json`: a few operations, the shape that goes in and a batch size.
///
/// The one table serves the comparison with PyTorch, the numeric derivatives and the comparison of engines.
public struct OperationCase: Sendable {
    public let name: String
    public let batchSize: Int
    public let graph: Graph

    /// Every row of the table.
    public static var all: [OperationCase] {
        get throws { try readTable() }
    }

    init(name: String, batchSize: Int, input: Shape, operations: [any Operation]) throws {
        self.name = name
        self.batchSize = batchSize
        graph = try Graph(input: input, operations: operations)
    }

    /// The same operations behind a layer with weights, whose gradients tell whether the gradient with respect to the
    /// operations' input is right: engines do not compute that of the images.
    public func graphBehindWeights() throws -> Graph {
        let input = graph.inputShape
        let first: any Operation = input.isFeatureMap ? Conv2D(input.channels, kernel: 1) : Dense(input.channels)
        return try Graph(input: input, operations: [first] + graph.nodes.dropFirst().map(\.operation))
    }
}

extension OperationCase: CustomStringConvertible {
    public var description: String { name }
}

extension Graph {
    /// Operations one after the other, called by their positions: `0`, `1`, …
    public init(input: Shape, operations: [any Operation]) throws {
        var nodes = [Node(path: LayerPath(), operation: Input(input), inputs: [], shape: input)]
        for (index, operation) in operations.enumerated() {
            let shape = try operation.outputShape(for: [nodes[index].shape])
            nodes.append(
                Node(path: LayerPath([String(index)]), operation: operation, inputs: [index], shape: shape))
        }
        try self.init(nodes: nodes)
    }
}
