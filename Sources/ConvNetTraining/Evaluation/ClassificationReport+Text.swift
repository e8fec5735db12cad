import ConvNetPages

extension ClassificationReport {
    /// The confusion matrix or, where it is wider than `width` characters, the most frequent confusions.
    public func confusionText(width: Int) -> String {
        let matrix = matrixText
        let isNarrow = matrix.split(separator: "\n").allSatisfy { $0.displayWidth <= width }
        if classes.count <= 20, isNarrow { return matrix }
        let confusions = confusions
        guard !confusions.isEmpty else { return "Nothing was taken for anything else." }
        return "Most frequent confusions:\n"
            + confusions.prefix(10).map { confusion in
                let all = self.confusion[confusion.label].reduce(0, +)
                return
                    "  \(printable(classes[confusion.label])) taken for \(printable(classes[confusion.prediction])): "
                    + "\(confusion.imageCount.grouped) of \(all.grouped)"
            }.joined(separator: "\n")
    }

    private var matrixText: String {
        var table = TextTable(columns: [.left("class")] + classes.indices.map { .right("\($0)") })
        for label in classes.indices {
            table.append(
                ["\(label) \(classes[label])"] + confusion[label].map { $0 == 0 ? "·" : "\($0)" })
        }
        return "Images of each class (rows) that were taken for each class (columns):\n\(table)"
    }
}
