/// How often a network was right where it was published, with what is needed to check and to compare that.
public struct PublishedAccuracy: Hashable, Sendable, Codable {
    /// The share of images whose class is the network's first guess; nil where it was not published.
    public var top1: Double?
    /// The share of images whose class is among the network's first five guesses; nil where it was not published.
    public var top5: Double?
    /// Whose images these are: accuracies on one dataset say nothing of those on another. `ImageNet`.
    public var dataset: String
    /// Which of its images, and how they were shown to the network: `validation, single centre crop`.
    public var evaluation: String
    /// Where it stands, with the year: `He et al., 2016, table 4`.
    public var source: String
    /// The source's address, where it has one.
    public var url: String?

    /// - Parameters:
    ///   - top1, top5: fractions, 0 to 1.
    ///   - source: a citation with its year.
    public init(
        top1: Double? = nil, top5: Double? = nil, dataset: String, evaluation: String, source: String,
        url: String? = nil
    ) {
        self.top1 = top1
        self.top5 = top5
        self.dataset = dataset
        self.evaluation = evaluation
        self.source = source
        self.url = url
    }

    private enum CodingKeys: String, CodingKey {
        case dataset, evaluation, source, url
        case top1 = "top1_accuracy"
        case top5 = "top5_accuracy"
    }
}

extension PublishedAccuracy {
    /// Where the numbers come from: citation, and what they were measured on.
    package var citation: String { "\(source): \(dataset), \(evaluation)" }
}
