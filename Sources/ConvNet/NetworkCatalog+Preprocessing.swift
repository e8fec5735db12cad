import ConvNetTraining
import ConvNetZoo

extension NetworkCatalog.Entry {
    /// What the published weights whose accuracy ``accuracy`` is want done to pictures; nil where there are none.
    public var preprocessing: Preprocessing? {
        publishedPreprocessing.map { published in
            Preprocessing(
                mean: published.mean, standardDeviation: published.standardDeviation,
                fitting: ImageFitting(
                    size: inputShape.size, shorterSide: published.shorterSide,
                    interpolation: published.isBicubic ? .bicubic : .bilinear),
                obeysOrientation: false)
        }
    }
}
