/// Where a network begins and ends: what transfer learning takes over, and what it makes anew.
extension Network {
    /// The paths of the layers with weights that images reach first, which number of channels they are made for.
    public var stem: [LayerPath] {
        var isBehindWeights = graph.nodes.map { _ in false }
        var paths: [LayerPath] = []
        for (index, node) in graph.nodes.enumerated() {
            isBehindWeights[index] = node.inputs.contains { isBehindWeights[$0] }
            guard !isBehindWeights[index], hasWeights(index) else { continue }
            isBehindWeights[index] = true
            paths.append(node.path)
        }
        return paths
    }

    /// The paths of the last layers with weights, which number of classes they are made for: that of the output, behind those of the
    /// auxiliary classifiers.
    public var heads: [LayerPath] { headNodes.map { graph.nodes[$0].path } }

    /// The network for another number of classes: its heads have as many outputs, and all else stays as it is, what they begin with
    /// too.
    ///
    ///     let own = try network.withClasses(5)
    ///
    /// - Throws: ``NetworkError`` where a head is neither a convolution nor a dense layer, or logits do not come from one.
    public func withClasses(_ count: Int) throws -> Network {
        let heads = Set(heads)
        guard heads.count == graph.auxiliaryOutputs.count + 1 else {
            throw NetworkError(
                path: graph.nodes[graph.nodes.count - 1].path,
                problem: .custom(
                    "makes logits that are not those of one layer with weights, whose number could be another one"))
        }
        let result = try mapOperations { node in
            guard heads.contains(node.path) else { return node.operation }
            switch node.operation {
            case var layer as Dense:
                layer.units = count
                return layer
            case var layer as Conv2D:
                layer.filters = count
                return layer
            default:
                throw NetworkError(
                    path: node.path, problem: .custom("is no layer whose number of outputs can be another one"))
            }
        }
        guard result.outputShape == [count] else {
            throw NetworkError(
                path: graph.nodes[graph.nodes.count - 1].path,
                problem: .custom("makes \(result.outputShape) of a head with \(count) outputs"))
        }
        return result
    }

    private func hasWeights(_ node: Int) -> Bool {
        graph.nodes[node].operation.parameters(for: graph.inputShapes(of: graph.nodes[node]))
            .contains { $0.isTrainable }
    }

    /// From each output back along the only way, which ends in logits.
    private var headNodes: [Int] {
        (graph.auxiliaryOutputs + [graph.nodes.count - 1]).compactMap { output in
            var node = output
            while !hasWeights(node) {
                guard node > 0, let input = graph.nodes[node].inputs.first, graph.nodes[node].inputs.count == 1 else {
                    return nil
                }
                node = input
            }
            return node
        }
    }
}
