import ConvNetPages

extension NetworkSummary: CustomStringConvertible {
    /// The whole table, whatever its width, with its notes and what the numbers take in memory.
    public var description: String { text(table: table.description, width: Self.usualWidth) }

    /// ``description`` for a terminal that is so many columns wide: columns of the table that matter least are left out until
    /// it fits, which is said, and the text beneath is broken into lines. Paths and numbers are always whole.
    public func description(fitting width: Int) -> String {
        text(
            table: table.text(fitting: width, leavingOut: Column.leftOutFirst.map(\.header.title)),
            width: min(width, Self.usualWidth))
    }

    private static let usualWidth = 120

    private func text(table: String, width: Int) -> String {
        let footnotes = notes.enumerated().map { number, note in
            "\((number + 1).superscript) \(note)".wrapped(to: width, indent: 2)
        }
        return [table, footnotes.joined(separator: "\n"), memory(width: width)]
            .filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private var columns: [Column] {
        let hasNotes = layers.contains { $0.note != nil }
        return Column.allCases.filter { $0 != .note || hasNotes }
    }

    /// Each note once, in the order of the layers.
    private var notes: [String] {
        var seen: Set<String> = []
        return layers.compactMap(\.note).filter { seen.insert($0).inserted }
    }

    private func memory(width: Int) -> String {
        let all = trainingTotals
        let (activations, weights) = (all.activationBytes.byteSize, all.parameterBytes.byteSize)
        let lines = [
            "memory: activations \(totals.activationBytes.byteSize) an image, weights \(totals.parameterBytes.byteSize)",
            "training with \(training.batchSize) images a step takes \(training.totalBytes.byteSize): "
                + "\(training.batchSize) · 2 · \(activations) of activations and their gradients, "
                + "3 · \(weights) of weights, their gradients and momentum",
        ]
        let auxiliary =
            "with auxiliary classifiers, which only training computes: \(all.parameterCount.grouped) parameters, "
            + "\(all.multiplyAdds.grouped) multiply-adds"
        return (layers.contains(where: \.isAuxiliary) ? [auxiliary] + lines : lines)
            .map { $0.wrapped(to: width, indent: 2) }.joined(separator: "\n")
    }

    private var table: TextTable {
        let columns = columns
        let numbers = Dictionary(uniqueKeysWithValues: zip(notes, 1...))
        var table = TextTable(columns: columns.map(\.header))
        for layer in layers {
            table.append(columns.map { $0.cell(layer, note: layer.note.flatMap { numbers[$0] }) })
        }
        table.appendRule()
        table.append(columns.map { $0.total(totals) })
        return table
    }

    private enum Column: CaseIterable {
        case layer, operation, output, parameters, multiplyAdds, memory, field, stride, offset, note

        static let leftOutFirst: [Column] = [.offset, .stride, .field, .operation, .memory, .note, .output]

        var header: TextTable.Column {
            switch self {
            case .layer: .left("layer")
            case .operation: .left("operation")
            case .output: .right("output")
            case .parameters: .right("parameters")
            case .multiplyAdds: .right("multiply-adds")
            case .memory: .right("memory")
            case .field: .right("field")
            case .stride: .right("stride")
            case .offset: .right("offset")
            case .note: .right("")
            }
        }

        func cell(_ layer: LayerSummary, note: Int?) -> String {
            switch self {
            case .layer: layer.path
            case .operation: layer.label
            case .output: "\(layer.outputShape)"
            case .parameters: layer.parameterCount.grouped
            case .multiplyAdds: layer.multiplyAdds.grouped
            case .memory: layer.activationBytes.byteSize
            case .field: layer.receptiveField.label
            case .stride: layer.stride?.label ?? ""
            case .offset: layer.stride == nil ? "" : "\(layer.offset)"
            case .note: note?.superscript ?? ""
            }
        }

        func total(_ totals: Totals) -> String {
            switch self {
            case .layer: "total"
            case .parameters: totals.parameterCount.grouped
            case .multiplyAdds: totals.multiplyAdds.grouped
            case .memory: totals.activationBytes.byteSize
            case .operation, .output, .field, .stride, .offset, .note: ""
            }
        }
    }
}
