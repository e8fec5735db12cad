import ConvNetPages

/// How a model does on a dataset, class by class and image by image: a ``ClassificationReport`` or a ``MultiLabelReport``.
public protocol EvaluationReport: Encodable, Sendable {
    /// The metrics over all images.
    var evaluation: Evaluation { get }
    /// The class names.
    var classes: [String] { get }
    /// One for each class.
    var scores: [ClassScore] { get }
    /// What is held for probable, and how often it is so: of the answers or, where an image has any number of classes, of each class of
    /// each image.
    var calibration: CalibrationBins { get }

    /// What was taken for what, in lines of at most `width` characters where that can be.
    func confusionText(width: Int) -> String
}

extension EvaluationReport {
    /// A line for each class: how many images, precision, recall and F1.
    public var scoreTable: String { scoreText(width: nil) }

    /// The same for a terminal that is so many columns wide; what there is no room for is named beneath.
    package func scoreText(width: Int?) -> String {
        var table = TextTable(columns: [
            .left("class"), .right("images"), .right("precision"), .right("recall"), .right("F1"),
        ])
        func cell(_ share: Double?) -> String { share.map(\.percentage) ?? "–" }
        for score in scores {
            table.append([
                score.name, score.imageCount.grouped, cell(score.precision), cell(score.recall), cell(score.f1),
            ])
        }
        return table.text(fitting: width, leavingOut: ["F1", "images", "precision", "recall"])
    }
}
