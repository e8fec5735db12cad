/// Networks side by side: what they cost, and how often they are right.
///
///     let comparison = NetworkComparison([
///         NetworkComparison.Row("lenet5", try Network(input: [1, 28, 28]) { LeNet5() }),
///         NetworkComparison.Row("convnet4", try Network(input: [1, 28, 28]) { ConvNet4() }),
///     ])
///     print(comparison)
///     try ComparisonPage(comparison).write(to: URL(filePath: "comparison.html"))
///
/// Printing it gives an aligned table with rounded numbers; encoding it gives exact ones.
public struct NetworkComparison: Sendable, Encodable {
    /// In the order in which they are shown.
    public var rows: [Row]

    /// Networks in the order in which they are shown.
    public init(_ rows: [Row]) {
        self.rows = rows
    }

    private enum CodingKeys: String, CodingKey {
        case rows = "networks"
    }

    /// One network.
    public struct Row: Sendable {
        /// What the network is called here.
        public var name: String
        /// C×H×W of the images that all numbers are for.
        public var inputShape: Shape
        /// What its layers, and all of them together, cost for one image.
        public var summary: NetworkSummary
        /// What one pixel of the last feature map sees, before anything looks at the whole of it: global and adaptive
        /// pooling, dense layers.
        public var receptiveField: ReceptiveField
        /// What was published about how often it is right; nil where nothing is known.
        public var accuracy: PublishedAccuracy?

        /// A network and what is known of its accuracy.
        public init(_ name: String, _ network: Network, accuracy: PublishedAccuracy? = nil) {
            self.name = name
            inputShape = network.inputShape
            summary = network.summary()
            receptiveField = network.graph.lastFeatureMapField
            self.accuracy = accuracy
        }
    }
}

extension NetworkComparison.Row: Encodable {
    private enum CodingKeys: String, CodingKey {
        case name, parameters, accuracy
        case inputShape = "input_shape"
        case multiplyAdds = "multiply_adds"
        case activationBytes = "activation_bytes"
        case parameterBytes = "parameter_bytes"
        case receptiveField = "receptive_field"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let totals = summary.totals
        try container.encode(name, forKey: .name)
        try container.encode(inputShape, forKey: .inputShape)
        try container.encode(totals.parameters, forKey: .parameters)
        try container.encode(totals.multiplyAdds, forKey: .multiplyAdds)
        try container.encode(totals.activationBytes, forKey: .activationBytes)
        try container.encode(totals.parameterBytes, forKey: .parameterBytes)
        try container.encode(receptiveField.size, forKey: .receptiveField)
        try container.encodeIfPresent(accuracy, forKey: .accuracy)
    }
}

extension NetworkComparison: CustomStringConvertible {
    public var description: String {
        let hasAccuracy = !sources.isEmpty
        var table = TextTable(
            columns: [.left("network"), .right("input")]
                + (hasAccuracy ? [.right("top-1"), .right("top-5"), .left("")] : [])
                + [
                    .right("parameters"), .right("multiply-adds"), .right("activations"), .right("weights"),
                    .right("field"),
                ])
        for row in rows {
            let totals = row.summary.totals
            let accuracy = [
                (row.accuracy?.top1).percentage, (row.accuracy?.top5).percentage,
                sourceNumber(of: row)?.superscript ?? "",
            ]
            table.append(
                [printable(row.name), "\(row.inputShape)"] + (hasAccuracy ? accuracy : []) + [
                    totals.parameters.abbreviated, totals.multiplyAdds.abbreviated, totals.activationBytes.byteSize,
                    totals.parameterBytes.byteSize, row.receptiveField.size.label,
                ])
        }
        let footnotes = sources.enumerated().map { index, source in
            "\((index + 1).superscript) \(source.citation)\(source.url.map { " <\($0)>" } ?? "")"
        }
        return ["\(table)", footnotes.joined(separator: "\n")].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}

extension NetworkComparison {
    /// Each source once, in the rows' order, without the numbers that it gives.
    package var sources: [PublishedAccuracy] {
        var seen: Set<PublishedAccuracy> = []
        return rows.compactMap { $0.accuracy?.withoutNumbers }.filter { seen.insert($0).inserted }
    }

    /// The place among ``sources`` of what is known of a network, from 1.
    package func sourceNumber(of row: Row) -> Int? {
        row.accuracy.flatMap { sources.firstIndex(of: $0.withoutNumbers) }.map { $0 + 1 }
    }
}

extension PublishedAccuracy {
    fileprivate var withoutNumbers: PublishedAccuracy {
        PublishedAccuracy(dataset: dataset, evaluation: evaluation, source: source, url: url)
    }
}

extension Double? {
    var percentage: String { map(\.percentage) ?? "–" }
}

extension Graph {
    /// The receptive field of the last feature map whose pixels see different parts of the input.
    fileprivate var lastFeatureMapField: ReceptiveField {
        // The way back from the output; where several join, their fields have been united.
        var way = [nodes.count - 1]
        while let input = nodes[way[way.count - 1]].inputs.first { way.append(input) }
        let fields = receptiveFields
        var last = way.removeLast()
        for index in way.reversed() {
            if fields[index].stride == nil || nodes[index].operation is AdaptiveAveragePool2D { break }
            if nodes[index].shape.isFeatureMap { last = index }
        }
        return fields[last]
    }
}
