/// In training, sets each element to zero with probability `rate` and divides the others by 1 − `rate`, so that
/// evaluation has nothing to correct ("inverted" dropout); in evaluation, does nothing.
///
///     Dropout(0.5)
///
/// Which elements fall is a function of the run's seed, the epoch, the sample and the layer: the same in every engine
/// and for any batch size. Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from
/// Overfitting", 2014.
///
/// - Errors when the network is built: a rate below 0, or 1 and more.
public struct Dropout: Layer, GraphOperation {
    public typealias Body = Never
    public static let kind = "dropout"

    /// The share of elements set to zero, 0 ..< 1.
    public var rate: Double

    /// - Parameter rate: the share of elements set to zero, 0 ..< 1.
    public init(_ rate: Double) {
        self.rate = rate
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard rate >= 0, rate < 1 else { throw .dropoutRate(rate) }
        return try inputs.single()
    }
}

extension Dropout: CustomStringConvertible {
    public var description: String { "Dropout(\(rate))" }
}

extension Dropout {
    /// Which elements of one sample a training step keeps: those whose random word is at least `threshold`.
    public struct Mask: Sendable {
        private let stream: RandomStream
        private let threshold: UInt32

        /// What kept elements are multiplied by.
        public let scale: Float

        /// The mask of one sample in one epoch.
        ///
        /// - Parameters:
        ///   - layer: the index of the node in its graph.
        ///   - sample: the position of the image in its dataset.
        public init(rate: Double, layer: Int, seed: UInt64, epoch: Int, sample: Int) {
            stream = RandomStream(
                seed: seed, purpose: .dropout, first: UInt32(truncatingIfNeeded: sample),
                second: UInt32(truncatingIfNeeded: epoch), layer: UInt32(truncatingIfNeeded: layer))
            // A rate that no network has drops nothing.
            threshold = rate > 0 ? UInt32(min(rate * 0x1p32, 0x1p32 - 1)) : 0
            scale = Float(1 / (1 - rate))
        }

        /// The factors, `scale` or 0, of the four elements from 4·block on, counted row-major over C×H×W.
        @inline(__always)
        public func factors(block: Int) -> SIMD4<Float> {
            let words = stream.words(block: block)
            return SIMD4(repeating: 0).replacing(with: scale, where: words .>= threshold)
        }
    }
}
