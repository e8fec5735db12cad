import ConvNetGraph

extension Graph {
    /// The fewest samples that a training batch may have: 2 where a ``BatchNorm`` would otherwise see a single value for
    /// each channel.
    ///
    /// - Parameter frozen: the batch norms, by node, that do not look at the batch; nil for those of which the graph says so.
    public func smallestTrainingBatch(frozenNorms frozen: Set<Int>? = nil) -> Int {
        nodeNormalizingSingleValues(frozenNorms: frozen) == nil ? 1 : 2
    }

    private func nodeNormalizingSingleValues(frozenNorms frozen: Set<Int>?) -> Node? {
        let frozen = frozen ?? frozenNorms
        return zip(nodes.indices, nodes).first { index, node in
            node.operation is BatchNorm && !frozen.contains(index) && node.shape.height * node.shape.width == 1
        }?.1
    }

    /// Refuses training batches that are smaller than ``smallestTrainingBatch(frozenNorms:)``. Engines call it for each training
    /// plan.
    ///
    /// - Throws: ``EngineError/singleValuePerChannel(path:)``.
    public func checkTrainingBatch(of samples: Int, frozenNorms frozen: Set<Int>? = nil) throws(EngineError) {
        guard samples == 1, let node = nodeNormalizingSingleValues(frozenNorms: frozen) else { return }
        throw .singleValuePerChannel(path: node.path)
    }
}
