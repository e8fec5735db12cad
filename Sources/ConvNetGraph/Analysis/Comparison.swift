import ConvNetPages

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
    ///
    /// Of the accuracies that are known of a network it keeps the one that was measured as most of the others' were: a network is
    /// right more often on ten crops of an image than on one.
    public init(_ rows: [Row]) {
        self.rows = rows
        let protocols = rows.map { row in row.accuracies.map(\.measurement) }
        let all = protocols.joined()
        let count = all.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        let most = count.values.max()
        guard let common = all.first(where: { count[$0] == most }) else { return }
        for index in rows.indices {
            self.rows[index].accuracy =
                rows[index].accuracies.first { $0.measurement == common } ?? rows[index].accuracy
        }
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
        /// What was published about how often it is right, and is shown; nil where nothing is known.
        public fileprivate(set) var accuracy: PublishedAccuracy?
        /// All that is known, each measured in another way.
        fileprivate let accuracies: [PublishedAccuracy]

        /// A network and what is known of its accuracy.
        public init(_ name: String, _ network: Network, accuracy: PublishedAccuracy? = nil) {
            self.init(name, network, accuracies: accuracy.map { [$0] } ?? [])
        }

        /// A network and what is known of its accuracy, each measured in another way, the usual one first.
        public init(_ name: String, _ network: Network, accuracies: [PublishedAccuracy]) {
            self.name = name
            inputShape = network.inputShape
            summary = network.summary()
            receptiveField = network.graph.lastFeatureMapField
            accuracy = accuracies.first
            self.accuracies = accuracies
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
        try container.encode(totals.parameterCount, forKey: .parameters)
        try container.encode(totals.multiplyAdds, forKey: .multiplyAdds)
        try container.encode(totals.activationBytes, forKey: .activationBytes)
        try container.encode(totals.parameterBytes, forKey: .parameterBytes)
        try container.encode(receptiveField.size, forKey: .receptiveField)
        try container.encodeIfPresent(accuracy, forKey: .accuracy)
    }
}

extension NetworkComparison: CustomStringConvertible {
    public var description: String { text(fitting: nil) }

    /// The description for a terminal that is so many columns wide: columns of the table that matter least are left out until
    /// it fits, which is said.
    public func description(fitting width: Int) -> String { text(fitting: width) }

    private func text(fitting width: Int?) -> String {
        let (hasAccuracy, isMixed) = (!sources.isEmpty, measuresDiffer)
        var table = TextTable(
            columns: [.left("network"), .right("input")]
                + (hasAccuracy ? [.right("top-1"), .right("top-5"), .left("")] : [])
                + (isMixed ? [.left("measured on")] : [])
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
                [row.name, "\(row.inputShape)"] + (hasAccuracy ? accuracy : [])
                    + (isMixed ? [row.accuracy?.evaluation ?? ""] : []) + [
                        totals.parameterCount.abbreviated, totals.multiplyAdds.abbreviated,
                        totals.activationBytes.byteSize,
                        totals.parameterBytes.byteSize, row.receptiveField.size.label,
                    ])
        }
        let footnotes = sources.enumerated().map { index, source in
            printable("\((index + 1).superscript) \(source.citation)\(source.url.map { " <\($0)>" } ?? "")")
                .wrapped(to: width ?? .max, indent: 2)
        }
        let text = table.text(
            fitting: width,
            leavingOut: ["weights", "activations", "input", "top-5", "field", "parameters", "multiply-adds"])
        return [text, footnotes.joined(separator: "\n")].filter { !$0.isEmpty }.joined(separator: "\n\n")
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

extension NetworkComparison {
    /// Whether accuracies stand side by side that were measured in different ways, which then has to be said of each.
    package var measuresDiffer: Bool { Set(rows.compactMap { $0.accuracy?.measurement }).count > 1 }
}

extension PublishedAccuracy {
    /// On what it was measured: accuracies with another one say nothing of each other.
    fileprivate var measurement: [String] { [dataset, evaluation] }

    fileprivate var withoutNumbers: PublishedAccuracy {
        PublishedAccuracy(dataset: dataset, evaluation: evaluation, source: source, url: url)
    }
}

extension Double? {
    var percentage: String { map(\.percentage) ?? "–" }
}

extension Graph {
    /// The receptive field of the last feature map whose pixels see different parts of the input; that of the output where there
    /// is none.
    fileprivate var lastFeatureMapField: ReceptiveField {
        // The way back from the output; where several join, their fields have been united.
        var way = [nodes.count - 1]
        while let input = nodes[way[way.count - 1]].inputs.first { way.append(input) }
        let fields = receptiveFields
        let input = way.removeLast()
        var last = input
        for index in way.reversed() {
            if fields[index].stride == nil || nodes[index].operation is AdaptiveAveragePool2D { break }
            if nodes[index].shape.isFeatureMap { last = index }
        }
        // Where the first layer looks at the whole input, that is what it sees.
        return last == input ? fields[nodes.count - 1] : fields[last]
    }
}
