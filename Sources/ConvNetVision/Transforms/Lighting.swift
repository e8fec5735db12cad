import ConvNetGraph
import ConvNetTraining

/// Adds a random colour to all of an image: multiples of the principal components of ImageNet's colours.
///
/// The colour is [p₁ p₂ p₃] [α₁λ₁ α₂λ₂ α₃λ₃]ᵀ, where p and λ are eigenvectors and eigenvalues of the covariance of
/// ImageNet's colours (0 ... 1), and each α is normally distributed. Grey images become lighter or darker by the
/// colour's mean.
///
/// Source: Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012, section 4.1. The
/// numbers are those of fb.resnet.torch.
public struct Lighting: ImageTransform {
    /// Of every α.
    public var standardDeviation: Double

    /// Of the three principal components, the largest first.
    static let eigenvalues = [0.2175, 0.0188, 0.0045]
    /// A row for each of red, green and blue, a column for each eigenvector.
    static let eigenvectors = [
        [-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203],
    ]

    /// - Parameter standardDeviation: of every α, 0 or more; the paper's is 0.1.
    public init(standardDeviation: Double = 0.1) {
        self.standardDeviation = standardDeviation
    }

    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        image.lit(by: Self.eigenvalues.map { _ in random.normal(standardDeviation: standardDeviation) })
    }
}

extension Image {
    /// With a multiple of each principal component added to all of it.
    ///
    /// - Parameter alphas: one for each of the three.
    func lit(by alphas: [Double]) -> Image {
        let colour = Lighting.eigenvectors.map { row in
            (0..<3).reduce(0.0) { $0 + row[$1] * alphas[$1] * Lighting.eigenvalues[$1] }
        }
        let shifts = channels == 3 ? colour : [colour.reduce(0, +) / 3]
        return mapped(
            by: shifts.flatMap { shift in
                (0...255).map { UInt8(min(max(Double($0) + 255 * shift, 0), 255).rounded()) }
            })
    }
}
