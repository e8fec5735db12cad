import ConvNetGraph

/// Runs a graph forwards and backwards, one node after the other, on arrays of its own.
package final class ReferenceInterpreter<Scalar: ReferenceScalar> {
    package let graph: Graph
    package let batchSize: Int
    package let pass: ReferencePass

    /// Outputs of the nodes, and the loss's gradients with respect to them; empty for nodes that are not computed.
    package let outputs: [Tensor<Scalar>]
    package let gradients: [Tensor<Scalar>]
    package let parameters: [Tensor<Scalar>]
    package let parameterGradients: [Tensor<Scalar>]
    /// All of them.
    let contiguousGradients: UnsafeMutableBufferPointer<Scalar>
    let gradientSlices: [GradientSlice]
    package let arenaBytes: Int

    private let operations: [any ReferenceOperation]
    private let nodes: [ReferenceNode<Scalar>]
    /// By node.
    private let isAuxiliary: [Bool]
    /// The gradients that ``backward()`` adds up.
    private let sums: [Tensor<Scalar>]
    private let memory: [AlignedBuffer<Scalar>]
    private let samples: AlignedBuffer<Int32>

    /// - Parameters:
    ///   - parameters: arrays in the order of the graph's, which outlive the interpreter.
    ///   - isTraining: whether there are gradients, and auxiliary classifiers.
    ///   - frozenNorms: the batch norms, by node, that stand still in training; nil for those of which the graph says so.
    ///   - differentiatesImages: whether ``backward()`` computes the gradient with respect to the images too, which
    ///     training does not need.
    /// - Throws: ``EngineError`` where the graph has an operation without a reference implementation.
    package init(
        graph: Graph, batchSize: Int, parameters: [UnsafeMutablePointer<Scalar>], isTraining: Bool,
        frozenNorms: Set<Int>? = nil, differentiatesImages: Bool = false
    ) throws {
        self.graph = graph
        self.batchSize = batchSize
        var memory: [AlignedBuffer<Scalar>] = []
        func allocate(_ count: Int) -> UnsafeMutablePointer<Scalar> {
            memory.append(AlignedBuffer(count: count))
            return memory[memory.count - 1].pointer
        }
        let isAuxiliary = graph.isAuxiliary
        func allocateOutputs() -> [Tensor<Scalar>] {
            zip(graph.nodes, isAuxiliary).map { node, isAuxiliary in
                let samples = isTraining || !isAuxiliary ? batchSize : 0
                return Tensor(allocate(samples * node.shape.count), samples: samples, shape: node.shape)
            }
        }
        let outputs = allocateOutputs()
        let gradients = isTraining ? allocateOutputs() : outputs
        arenaBytes = memory.reduce(0) { $0 + $1.bytes }

        let tensors = zip(parameters, graph.parameters).map { Tensor($0, parameter: $1.shape) }
        // One behind the other, for whoever adds other processes' gradients.
        var gradientSlices: [GradientSlice] = []
        for parameter in graph.parameters {
            let offset = gradientSlices.last.map { GradientSlice.aligned($0.offset + $0.count) } ?? 0
            gradientSlices.append(
                GradientSlice(
                    parameter: parameter.name, offset: offset, count: parameter.count, isRowMajor: true))
        }
        let gradientCount = isTraining ? gradientSlices.last.map { $0.offset + $0.count } ?? 0 : 0
        let allGradients = allocate(gradientCount)
        let tensorGradients =
            isTraining
            ? zip(graph.parameters, gradientSlices).map {
                Tensor(allGradients + $1.offset, parameter: $0.shape)
            } : tensors
        contiguousGradients = UnsafeMutableBufferPointer(start: allGradients, count: gradientCount)
        self.gradientSlices = gradientSlices
        self.memory = memory
        self.isAuxiliary = isAuxiliary
        self.outputs = outputs
        self.gradients = gradients
        self.parameters = tensors
        parameterGradients = tensorGradients
        let isGiven = graph.nodes.map { $0.operation is AuxiliaryOutput }
        sums = zip(gradients, isGiven).dropLast().filter { !$0.1 }.map(\.0) + tensorGradients
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
        let frozenNorms = frozenNorms ?? graph.frozenNorms
        nodes = zip(graph.nodes.indices, graph.parameterRanges).dropFirst().map { index, range in
            let inputs = graph.nodes[index].inputs
            return ReferenceNode(
                index: index, inputs: inputs.map { outputs[$0] }, output: outputs[index],
                parameters: Array(tensors[range]),
                inputGradients: inputs.map { $0 > 0 || differentiatesImages ? gradients[$0] : nil },
                outputGradient: gradients[index], parameterGradients: Array(tensorGradients[range]),
                isFrozen: frozenNorms.contains(index), pass: pass)
        }
    }

    /// Computes the nodes' outputs from the images in `outputs[0]`.
    ///
    /// - Parameter auxiliary: whether to compute auxiliary classifiers too, which takes an interpreter made for training.
    /// - Throws: only what custom layers throw.
    package func forward(auxiliary: Bool) throws {
        for (operation, node) in zip(operations, nodes) where auxiliary || !isAuxiliary[node.index] {
            try operation.forward(node)
        }
    }

    /// Computes every gradient from those that are put on nodes' outputs.
    ///
    /// - Parameter given: by node, as many elements as its output has.
    package func backward(from given: [Int: [Scalar]]) throws {
        for gradient in gradients + parameterGradients { gradient.fill(0) }
        for (node, values) in given {
            for (index, value) in values.enumerated() { gradients[node][index] = value }
        }
        for index in nodes.indices.reversed() { try operations[index].backward(nodes[index]) }
    }

    /// Computes every gradient from those of the logits, which the caller has put into the last of ``gradients`` and into
    /// those of auxiliary outputs.
    package func backward() throws {
        for gradient in sums { gradient.fill(0) }
        for index in nodes.indices.reversed() { try operations[index].backward(nodes[index]) }
    }
}

extension TotalLoss where Scalar: ReferenceScalar {
    /// The total loss of what an interpreter made for training computes.
    package init(_ interpreter: ReferenceInterpreter<Scalar>) {
        self.init(interpreter.graph, batchSize: interpreter.batchSize) { node in
            Arrays(logits: interpreter.outputs[node].pointer, gradient: interpreter.gradients[node].pointer)
        }
    }
}
