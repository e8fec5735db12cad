/// What each layer of a network makes and costs, for one image.
public struct NetworkSummary: Sendable, Encodable {
    /// One entry for each operation, in the graph's order.
    public var layers: [LayerSummary]
    /// What all layers together have and cost in evaluation, which leaves auxiliary classifiers out.
    public var totals: Totals
    /// What a training step keeps in memory, at the batch size that the summary was asked for.
    public var training: TrainingMemory

    /// What all layers together have and cost in a forward pass of training, auxiliary classifiers included.
    public var trainingTotals: Totals { Totals(of: layers) }

    private enum CodingKeys: CodingKey { case layers, totals, training }

    /// One operation of the graph.
    public struct LayerSummary: Sendable, Encodable {
        /// The path, joined with dots.
        public var path: String
        /// The operation's kind, e.g. `conv2d`.
        public var kind: String
        /// C×H×W, or (features).
        public var outputShape: Shape
        /// The number of trainable numbers.
        public var parameterCount: Int
        /// Multiplications with an addition each; an operation counts two for one of them.
        public var multiplyAdds: Int
        /// The size of the output in float32.
        public var activationBytes: Int
        /// Height and width of what one output sees, in input pixels.
        public var receptiveField: Size
        /// The distance between the fields of neighbouring outputs, in input pixels; nil where all outputs see
        /// everything.
        public var stride: Size?
        /// Where the field of the first output begins; negative in the padding.
        public var offset: ReceptiveField.Offset
        /// Rows of the layer's input, at the bottom, that no place of its window reaches, because (W − F + 2P) / S is not
        /// whole.
        public var unseenRows: Int
        /// Columns of the layer's input, on the right, that no place of its window reaches.
        public var unseenColumns: Int
        /// The arithmetic where a window does not fit evenly, and what comes of it; nil where all is even.
        public var note: String?
        /// Whether the layer serves auxiliary classifiers only, so that evaluation does without it.
        public var isAuxiliary: Bool { auxiliary == true }

        /// nil, which JSON leaves out, for other layers.
        var auxiliary: Bool?
        /// The operation as tables show it.
        var label: String

        private enum CodingKeys: String, CodingKey {
            case path, kind
            case parameterCount = "parameters"
            case stride, offset, note, auxiliary
            case outputShape = "output_shape"
            case multiplyAdds = "multiply_adds"
            case activationBytes = "activation_bytes"
            case receptiveField = "receptive_field"
            case unseenRows = "unseen_rows"
            case unseenColumns = "unseen_columns"
        }
    }

    /// Sums over all layers, for one image.
    public struct Totals: Sendable, Hashable, Codable {
        /// The number of trainable numbers.
        public var parameterCount: Int
        /// Multiplications with an addition each.
        public var multiplyAdds: Int
        /// The size of all outputs in float32.
        public var activationBytes: Int
        /// The size of the parameters in float32.
        public var parameterBytes: Int

        private enum CodingKeys: String, CodingKey {
            case parameterCount = "parameters"
            case multiplyAdds = "multiply_adds"
            case activationBytes = "activation_bytes"
            case parameterBytes = "parameter_bytes"
        }

        init(of layers: [LayerSummary]) {
            parameterCount = layers.reduce(0) { $0.saturatingSum($1.parameterCount) }
            multiplyAdds = layers.reduce(0) { $0.saturatingSum($1.multiplyAdds) }
            activationBytes = layers.reduce(0) { $0.saturatingSum($1.activationBytes) }
            parameterBytes = parameterCount.saturatingProduct(MemoryLayout<Float>.size)
        }
    }
}

extension Network {
    /// Each layer's output shape, parameters, multiply-adds, memory, receptive field and pixels left out, their totals, and
    /// the memory that training takes.
    ///
    /// Printing it gives an aligned table.
    ///
    /// - Parameter batchSize: images a training step; nothing but ``NetworkSummary/training`` depends on it.
    public func summary(batchSize: Int = 64) -> NetworkSummary {
        let (fields, isAuxiliary) = (graph.receptiveFields, graph.isAuxiliary)
        let layers = graph.nodes.indices.dropFirst().map { index in
            graph.summary(of: graph.nodes[index], field: fields[index], isAuxiliary: isAuxiliary[index])
        }
        return NetworkSummary(
            layers: layers, totals: NetworkSummary.Totals(of: layers.filter { !$0.isAuxiliary }),
            training: NetworkSummary.Totals(of: layers).trainingMemory(batchSize: batchSize))
    }
}

extension Graph {
    fileprivate func summary(
        of node: Node, field: ReceptiveField, isAuxiliary: Bool
    ) -> NetworkSummary.LayerSummary {
        let inputs = inputShapes(of: node)
        let fit = windowFit(of: node)
        return NetworkSummary.LayerSummary(
            path: node.path.dotted, kind: type(of: node.operation).kind, outputShape: node.shape,
            parameterCount: node.operation.parameters(for: inputs).reduce(0) { $0 + ($1.isTrainable ? $1.count : 0) },
            multiplyAdds: node.operation.multiplyAdds(inputs: inputs, output: node.shape),
            activationBytes: node.shape.count * MemoryLayout<Float>.size, receptiveField: field.size,
            stride: field.stride, offset: field.offset, unseenRows: fit?.rows.unseen ?? 0,
            unseenColumns: fit?.columns.unseen ?? 0, note: fit?.note, auxiliary: isAuxiliary ? true : nil,
            label: node.operation.label(inputs: inputs))
    }
}
