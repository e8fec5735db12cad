import ConvNetGraph

extension Network {
    /// Checks that one can compute with the parameters' values: that all are finite, and that no variance is negative.
    ///
    /// - Parameter values: those of parameter `index`; nil where there are none.
    /// - Throws: ``ModelError/parameter(_:problem:)``, and what `values` throws.
    package func checkValues(_ values: (_ index: Int) throws -> [Float]?) throws {
        let variances = Set(
            zip(graph.nodes, graph.parameterRanges).compactMap { node, range in
                (node.operation as? BatchNorm).map { range.lowerBound + $0.runningVarianceIndex }
            })
        for (index, parameter) in parameters.enumerated() {
            guard let values = try values(index) else { continue }
            if let position = values.firstNotFinite {
                throw ModelError.parameter(
                    parameter.name, problem: "value \(position) is \(values[position]), which is not finite")
            }
            if variances.contains(index), let position = values.firstIndex(where: { $0 < 0 }) {
                throw ModelError.parameter(
                    parameter.name, problem: "value \(position), a variance, is \(values[position]), which is negative")
            }
        }
    }

    /// The same of values by name.
    package func checkValues(_ values: [String: [Float]]) throws { try checkValues { values[parameters[$0].name] } }
}
