import ConvNetGraph

/// One row of `operations.json`: a few operations, the shape that goes in and a batch size.
///
/// The one table serves the comparison with PyTorch, the numeric derivatives and the comparison of engines.
package struct OperationCase: Sendable {
    package let name: String
    package let batchSize: Int
    package let graph: Graph

    /// Whether it was recorded as a training step computes: batch norm with the batch's own statistics.
    package let isTraining: Bool

    /// Every row of the table.
    package static var all: [OperationCase] {
        get throws { try readTable() }
    }

    /// - Parameter inputs: for each operation the nodes that it reads, the images being node 0; nil for a chain.
    init(
        name: String, batchSize: Int, isTraining: Bool, input: Shape, operations: [any GraphOperation], inputs: [[Int]]?
    ) throws {
        self.name = name
        self.batchSize = batchSize
        self.isTraining = isTraining
        graph = try Graph(input: input, operations: operations, inputs: inputs)
    }

    /// The same operations behind a layer with weights, whose gradients tell whether the gradient with respect to the
    /// operations' input is right: engines do not compute that of the images.
    package func graphBehindWeights() throws -> Graph {
        let input = graph.inputShape
        let first: any GraphOperation = input.isFeatureMap ? Conv2D(input.channels, kernel: 1) : Dense(input.channels)
        let own = graph.nodes.dropFirst()
        return try Graph(
            input: input, operations: [first] + own.map(\.operation),
            inputs: [[0]] + own.map { $0.inputs.map { $0 + 1 } })
    }
}

extension OperationCase: CustomStringConvertible {
    package var description: String { name }
}

extension Graph {
    /// Operations called by their positions: `0`, `1`, …
    ///
    /// - Parameter inputs: for each operation the nodes that it reads, the images being node 0; where nil, each reads the
    ///   one before it.
    package init(input: Shape, operations: [any GraphOperation], inputs: [[Int]]? = nil) throws {
        var nodes = [Node(path: LayerPath(), operation: Input(input), inputs: [], shape: input)]
        for (index, operation) in operations.enumerated() {
            let sources = inputs?[index] ?? [index]
            let shape = try operation.outputShape(for: sources.map { nodes[$0].shape })
            nodes.append(
                Node(path: LayerPath([String(index)]), operation: operation, inputs: sources, shape: shape))
        }
        try self.init(nodes: nodes)
    }
}
