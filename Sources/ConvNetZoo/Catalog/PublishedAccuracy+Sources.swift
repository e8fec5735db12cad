import ConvNetGraph

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
            top1: top1, top5: top5, source: torchvisionSource,
            url: "https://docs.pytorch.org/vision/stable/models.html")
    }

    private static let torchvisionSource = "torchvision, IMAGENET1K_V1 weights"
    var isTorchvisions: Bool { source == Self.torchvisionSource }

    static func efficientNetLite(_ top1: Double) -> Self {
        imageNet(
            top1: top1, source: "Google, EfficientNet-lite, 2020",
            url: "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite")
    }

    /// A paper's error rates.
    static func paper(_ source: String, error top1: Double, _ top5: Double?, evaluation: String) -> Self {
        imageNet(top1: 100 - top1, top5: top5.map { 100 - $0 }, evaluation: evaluation, source: source)
    }

    /// Networks of 18 and 34 layers without shortcuts and, beside them, with.
    static func plainOrResidual(error top1: Double, hasShortcuts: Bool) -> Self {
        paper(
            "He et al., 2016, table 2" + (hasShortcuts ? " (with shortcuts that have no weights)" : ""), error: top1,
            nil,
            evaluation: "ten crops")
    }

    static func vgg(error top1: Double, _ top5: Double) -> Self {
        paper("Simonyan and Zisserman, 2015, table 3", error: top1, top5, evaluation: "whole images, scale 384")
    }

    /// Rounded, so that 100 − 24.7 does not end in …0000000000001.
    private static func fraction(_ percent: Double) -> Double { (percent * 1000).rounded() / 100_000 }
}
