import ConvNetGraph

extension Graph {
    /// The fewest samples that a training batch may have: 2 where a ``BatchNorm`` would otherwise see a single value for
    /// each channel.
    public var smallestTrainingBatch: Int { nodeNormalizingSingleValues == nil ? 1 : 2 }

    private var nodeNormalizingSingleValues: Node? {
        nodes.first { node in
            guard let norm = node.operation as? BatchNorm else { return false }
            return !norm.isFrozen && node.shape.height * node.shape.width == 1
        }
    }

    /// Refuses training batches that are smaller than ``smallestTrainingBatch``. Engines call it for each training plan.
    ///
    /// - Throws: ``EngineError/singleValuePerChannel(path:)``.
    public func checkTrainingBatch(of samples: Int) throws(EngineError) {
        if samples == 1, let node = nodeNormalizingSingleValues { throw .singleValuePerChannel(path: node.path) }
    }
}
