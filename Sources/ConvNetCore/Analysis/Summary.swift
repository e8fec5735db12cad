/// What each layer of a network makes and costs, for one image.
public struct NetworkSummary: Sendable, Encodable {
    /// One entry for each operation, in the graph's order.
    public var layers: [LayerSummary]
    /// What all layers together have and cost in evaluation, which leaves auxiliary classifiers out.
    public var totals: Totals
    /// What all layers together have and cost in a forward pass of training, auxiliary classifiers included.
    public var trainingTotals: Totals { Totals(of: layers) }

    /// One operation of the graph.
    public struct LayerSummary: Sendable, Encodable {
        /// The path, joined with dots.
        public var path: String
        /// The operation's kind, e.g. `conv2d`.
        public var kind: String
        /// C×H×W, or (features).
        public var outputShape: Shape
        /// The number of trainable numbers.
        public var parameters: Int
        /// Multiplications with an addition each; an operation counts two for one of them.
        public var multiplyAdds: Int
        /// The size of the output in float32.
        public var activationBytes: Int
        /// Height and width of what one output sees, in input pixels.
        public var receptiveField: Size
        /// The distance between the fields of neighbouring outputs, in input pixels; nil where all outputs see
        /// everything.
        public var stride: Size?
        /// Whether the layer serves auxiliary classifiers only, so that evaluation does without it.
        public var isAuxiliary: Bool { auxiliary == true }

        /// nil, which JSON leaves out, for other layers.
        var auxiliary: Bool?
        /// The layer as Swift code, for the table.
        var code: String

        private enum CodingKeys: String, CodingKey {
            case path, kind, parameters, stride, auxiliary
            case outputShape = "output_shape"
            case multiplyAdds = "multiply_adds"
            case activationBytes = "activation_bytes"
            case receptiveField = "receptive_field"
        }
    }

    /// Sums over layers, for one image.
    public struct Totals: Sendable, Hashable, Codable {
        /// The number of trainable numbers.
        public var parameters: Int
        /// Multiplications with an addition each.
        public var multiplyAdds: Int
        /// The size of all outputs in float32.
        public var activationBytes: Int
        /// The size of the parameters in float32.
        public var parameterBytes: Int

        private enum CodingKeys: String, CodingKey {
            case parameters
            case multiplyAdds = "multiply_adds"
            case activationBytes = "activation_bytes"
            case parameterBytes = "parameter_bytes"
        }

        init(of layers: [LayerSummary]) {
            parameters = layers.reduce(0) { $0 + $1.parameters }
            multiplyAdds = layers.reduce(0) { $0.saturatingSum($1.multiplyAdds) }
            activationBytes = layers.reduce(0) { $0 + $1.activationBytes }
            parameterBytes = parameters * MemoryLayout<Float>.size
        }
    }
}

extension Network {
    /// Each layer's output shape, parameters, multiply-adds, memory and receptive field, and their totals.
    ///
    /// Printing it gives an aligned table.
    public func summary() -> NetworkSummary {
        let fields = graph.receptiveFields
        let isAuxiliary = graph.isAuxiliary
        let layers = graph.nodes.indices.dropFirst().map { index in
            let node = graph.nodes[index]
            let inputs = graph.inputShapes(of: node)
            return NetworkSummary.LayerSummary(
                path: node.path.dotted, kind: type(of: node.operation).kind, outputShape: node.shape,
                parameters: node.operation.parameters(for: inputs).reduce(0) { $0 + ($1.isTrainable ? $1.count : 0) },
                multiplyAdds: node.operation.multiplyAdds(inputs: inputs, output: node.shape),
                activationBytes: node.shape.count * MemoryLayout<Float>.size, receptiveField: fields[index].size,
                stride: fields[index].stride, auxiliary: isAuxiliary[index] ? true : nil, code: "\(node.operation)")
        }
        return NetworkSummary(
            layers: layers, totals: NetworkSummary.Totals(of: layers.filter { !$0.isAuxiliary }))
    }
}

extension NetworkSummary: CustomStringConvertible {
    public var description: String {
        var table = TextTable(columns: [
            .left("layer"), .left("operation"), .right("output"), .right("parameters"), .right("multiply-adds"),
            .right("field"),
        ])
        for layer in layers {
            table.append([
                layer.path, layer.code, "\(layer.outputShape)", layer.parameters.grouped, layer.multiplyAdds.grouped,
                "\(layer.receptiveField)",
            ])
        }
        table.appendRule()
        table.append(["total", "", "", totals.parameters.grouped, totals.multiplyAdds.grouped, ""])
        let memory =
            "activations \(totals.activationBytes.byteSize) an image, weights \(totals.parameterBytes.byteSize)"
        guard layers.contains(where: \.isAuxiliary) else { return "\(table)\n\(memory)" }
        let auxiliary =
            "with auxiliary classifiers: \(trainingTotals.parameters.grouped) parameters, "
            + "\(trainingTotals.multiplyAdds.grouped) multiply-adds"
        return "\(table)\n\(memory)\n\(auxiliary)"
    }
}
