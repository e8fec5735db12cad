import ConvNetGraph
import ConvNetTraining
import ConvNetZoo

extension NetworkCatalog.Entry {
    /// What torchvision's first weights for the network, whose accuracy ``accuracy`` is, want done to pictures; nil where there are
    /// none. Pictures are taken as they lie, without regard to EXIF.
    ///
    /// Source: torchvision's `transforms` of the `IMAGENET1K_V1` weights; GoogLeNet's scale pixels within the network to what a mean
    /// and a deviation of 0.5 make of them.
    public var preprocessing: Preprocessing? {
        guard accuracy?.source.hasPrefix("torchvision") ?? false else { return nil }
        let fitting = ImageFitting(
            size: inputShape.size, shorterSide: 256, interpolation: name == "efficientnet-b0" ? .bicubic : .bilinear,
            obeysOrientation: false)
        let isGoogLeNet = name == "googlenet"
        return Preprocessing(
            mean: isGoogLeNet ? [0.5, 0.5, 0.5] : [0.485, 0.456, 0.406],
            standardDeviation: isGoogLeNet ? [0.5, 0.5, 0.5] : [0.229, 0.224, 0.225], fitting: fitting)
    }
}
