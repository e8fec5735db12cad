/// Auxiliary classifiers: outputs beside the network's own, which training alone computes.
extension Graph {
    /// The nodes whose logits training compares with the targets, beside the network's output: see
    /// ``AuxiliaryClassifier``.
    public var auxiliaryOutputs: [Int] {
        nodes.indices.filter { nodes[$0].operation is AuxiliaryOutput }
    }

    /// For each node, whether it serves auxiliary outputs only, so that evaluation does without it.
    public var isAuxiliary: [Bool] { Self.isAuxiliary(nodes) }

    static func isAuxiliary(_ nodes: [Node]) -> [Bool] {
        var isAuxiliary = nodes.map { _ in true }
        isAuxiliary[nodes.count - 1] = false
        for (index, node) in nodes.enumerated().reversed() where !isAuxiliary[index] {
            for input in node.inputs { isAuxiliary[input] = false }
        }
        return isAuxiliary
    }

    /// Rule 5 of a valid graph, for nodes that read only nodes before them.
    static func validateAuxiliaryOutputs(_ nodes: [Node]) throws(NetworkError) {
        let last = nodes.count - 1
        if nodes[last].operation is AuxiliaryOutput {
            throw NetworkError(path: nodes[last].path, problem: .auxiliaryOutputLast)
        }
        for node in nodes {
            if let input = node.inputs.first(where: { nodes[$0].operation is AuxiliaryOutput }) {
                throw NetworkError(path: node.path, problem: .readsAuxiliaryOutput(input))
            }
            if node.operation is AuxiliaryOutput, node.shape != nodes[last].shape {
                throw NetworkError(
                    path: node.path, problem: .unlikeAuxiliaryOutput(output: nodes[last].shape, received: node.shape))
            }
        }
    }
}
