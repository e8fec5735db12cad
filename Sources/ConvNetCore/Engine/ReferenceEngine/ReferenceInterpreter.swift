/// Runs a graph forwards and backwards, one node after the other, on arrays of its own.
package final class ReferenceInterpreter<Scalar: ReferenceScalar> {
    package let graph: Graph
    package let batchSize: Int
    package let pass: ReferencePass

    /// Outputs of the nodes, and the loss's gradients with respect to them.
    package let outputs: [Tensor<Scalar>]
    package let gradients: [Tensor<Scalar>]
    package let parameters: [Tensor<Scalar>]
    package let parameterGradients: [Tensor<Scalar>]
    package let arenaBytes: Int

    private let operations: [any ReferenceOperation]
    private let nodes: [ReferenceNode<Scalar>]
    private let memory: [AlignedBuffer<Scalar>]
    private let samples: AlignedBuffer<Int32>

    /// - Parameters:
    ///   - parameters: arrays in the order of the graph's, which outlive the interpreter.
    ///   - differentiatesImages: whether ``backward()`` computes the gradient with respect to the images too, which
    ///     training does not need.
    /// - Throws: ``EngineError`` where the graph has an operation without a reference implementation.
    package init(
        graph: Graph, batchSize: Int, parameters: [UnsafeMutablePointer<Scalar>], isTraining: Bool,
        differentiatesImages: Bool = false
    ) throws {
        self.graph = graph
        self.batchSize = batchSize
        var memory: [AlignedBuffer<Scalar>] = []
        func allocate(_ count: Int) -> UnsafeMutablePointer<Scalar> {
            memory.append(AlignedBuffer(count: count))
            return memory[memory.count - 1].pointer
        }
        func allocateOutputs() -> [Tensor<Scalar>] {
            graph.nodes.map { node in
                Tensor(allocate(batchSize * node.shape.count), samples: batchSize, shape: node.shape)
            }
        }
        let outputs = allocateOutputs()
        let gradients = isTraining ? allocateOutputs() : outputs
        arenaBytes = memory.reduce(0) { $0 + $1.bytes }

        let tensors = zip(parameters, graph.parameters).map { Tensor($0, parameter: $1.shape) }
        let tensorGradients =
            isTraining ? graph.parameters.map { Tensor(allocate($0.count), parameter: $0.shape) } : tensors
        self.memory = memory
        self.outputs = outputs
        self.gradients = gradients
        self.parameters = tensors
        parameterGradients = tensorGradients
        samples = AlignedBuffer(count: batchSize)
        let pass = ReferencePass(samples: samples.elements)
        self.pass = pass

        operations = try graph.nodes.dropFirst().map { node in
            if let layer = CustomLayerNode(node, in: graph) { return ReferenceCustomLayer(layer: layer) }
            guard let operation = node.operation as? any ReferenceOperation else {
                throw EngineError.unsupportedOperation(
                    kind: type(of: node.operation).kind, path: node.path, engine: "reference")
            }
            return operation
        }
        nodes = zip(graph.nodes.indices, graph.parameterRanges).dropFirst().map { index, range in
            let inputs = graph.nodes[index].inputs
            return ReferenceNode(
                index: index, inputs: inputs.map { outputs[$0] }, output: outputs[index],
                parameters: Array(tensors[range]),
                inputGradients: inputs.map { $0 > 0 || differentiatesImages ? gradients[$0] : nil },
                outputGradient: gradients[index], parameterGradients: Array(tensorGradients[range]), pass: pass)
        }
    }

    /// Computes every node's output from the images in `outputs[0]`.
    ///
    /// - Throws: only what custom layers throw.
    package func forward() throws {
        for (operation, node) in zip(operations, nodes) { try operation.forward(node) }
    }

    /// Computes every gradient from that of the logits, which the caller has put into the last of ``gradients``.
    package func backward() throws {
        for gradient in gradients.dropLast() { gradient.fill(0) }
        for gradient in parameterGradients { gradient.fill(0) }
        for index in nodes.indices.reversed() { try operations[index].backward(nodes[index]) }
    }
}
