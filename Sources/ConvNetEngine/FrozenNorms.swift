import ConvNetGraph

extension Graph {
    /// The batch norms, by node, that stand still in training that is not told which do.
    public var frozenNorms: Set<Int> {
        Set(nodes.indices.filter { (nodes[$0].operation as? BatchNorm)?.isFrozen ?? false })
    }

    /// The batch norms, by node, all of whose parameters have names that one of the patterns matches.
    package func norms(matching patterns: [String]) -> Set<Int> {
        let groups = patterns.map { ParameterGroup($0) }
        return Set(
            zip(nodes.indices, parameterRanges).filter { index, range in
                nodes[index].operation is BatchNorm
                    && parameters[range].allSatisfy { parameter in groups.contains { $0.matches(parameter.name) } }
            }
            .map(\.0))
    }
}
