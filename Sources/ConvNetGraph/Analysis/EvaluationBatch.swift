extension Graph {
    /// How many images an evaluation computes at a time: enough to keep threads busy, few enough for memory. A function of the graph
    /// alone, so that an evaluation gives the same bits on every machine: the largest of 128, 64, … for which what an operation
    /// reads and makes stays below 1 GiB, in float32; 1 where no other does.
    public var evaluationBatchSize: Int {
        let most = zip(nodes, isAuxiliary).reduce(1) { most, entry in
            let (node, isAuxiliary) = entry
            guard !isAuxiliary else { return most }
            return max(most, inputShapes(of: node).reduce(node.shape.count) { $0 + $1.count })
        }
        var size = 128
        while size > 1, most.saturatingProduct(4 * size) >= 1 << 30 { size /= 2 }
        return size
    }
}
