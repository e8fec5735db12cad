/// Divides each value by a power of the mean square of its neighbours, the same pixel of nearby channels:
///
///     y(c) = x(c) / (k + alpha / size · Σ x(j)²)^beta,        j = c − ⌊size / 2⌋ ... c + ⌊(size − 1) / 2⌋
///
/// where the sum is cut at the first and the last channel. Strong responses damp their neighbours'.
///
///     LocalResponseNorm(5, alpha: 5e-4, k: 2)         // AlexNet's
///
/// - Input and output: a feature map C×H×W.
/// - Errors when the network is built: a size below 1, an alpha below 0, a k not above 0, or a number that is not finite.
///
/// Source: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012,
/// section 3.3. The paper does not divide its alpha by the size, so its n = 5, alpha = 1e-4 are an alpha of 5e-4 here, as in
/// PyTorch and Caffe.
public struct LocalResponseNorm: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "local_response_norm"

    /// How many channels are summed up, the value's own among them; of an even number, the extra one comes before.
    public var size: Int
    /// The factor of the mean square.
    public var alpha: Double
    /// The exponent.
    public var beta: Double
    /// What is added to the mean square, so that there is no division by 0.
    public var k: Double

    /// PyTorch's defaults.
    ///
    /// - Parameter size: how many channels are summed up.
    public init(_ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1) {
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard size > 0 else { throw .notPositive("size", size) }
        guard alpha >= 0, Float(alpha).isFinite else {
            throw .outOfRange("alpha", received: alpha, allowed: "at least 0")
        }
        guard Float(beta).isFinite else { throw .outOfRange("beta", received: beta, allowed: "finite") }
        guard Float(k) > 0, Float(k).isFinite else { throw .outOfRange("k", received: k, allowed: "above 0") }
        return try inputs.singleFeatureMap()
    }

    /// The channels that the sum for channel `c` of `channels` runs over.
    @inline(__always)
    package func neighbours(of c: Int, channels: Int) -> Range<Int> {
        max(c - size / 2, 0)..<min(c + (size - 1) / 2 + 1, channels)
    }
}

extension LocalResponseNorm: CustomStringConvertible {
    public var description: String {
        "LocalResponseNorm(\(size)" + (alpha == 1e-4 ? "" : ", alpha: \(alpha)")
            + (beta == 0.75 ? "" : ", beta: \(beta)") + (k == 1 ? "" : ", k: \(k)") + ")"
    }
}
