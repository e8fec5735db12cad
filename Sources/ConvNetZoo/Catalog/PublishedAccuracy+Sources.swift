import ConvNetCore

/// What was published for ImageNet's validation set, in percent as the sources have it.
extension PublishedAccuracy {
    static func imageNet(
        top1: Double? = nil, top5: Double? = nil, evaluation: String = "single centre crop", source: String,
        url: String? = nil
    ) -> Self {
        Self(
            top1: top1.map(fraction), top5: top5.map(fraction), dataset: "ImageNet",
            evaluation: "validation, \(evaluation)", source: source, url: url)
    }

    /// Torchvision's first weights for the network.
    static func torchvision(_ top1: Double, _ top5: Double) -> Self {
        imageNet(
            top1: top1, top5: top5, source: "torchvision, IMAGENET1K_V1 weights",
            url: "https://docs.pytorch.org/vision/stable/models.html")
    }

    /// A paper's error rates.
    static func paper(_ source: String, error top1: Double, _ top5: Double?, evaluation: String) -> Self {
        imageNet(top1: 100 - top1, top5: top5.map { 100 - $0 }, evaluation: evaluation, source: source)
    }

    /// Rounded, so that 100 − 24.7 does not end in …0000000000001.
    private static func fraction(_ percent: Double) -> Double { (percent * 1000).rounded() / 100_000 }
}
