import Foundation

/// The random numbers of one image in one epoch for one transform: the same ones whichever thread asks, and whatever was
/// drawn for other images before.
public struct SampleRandom: RandomNumberGenerator, Sendable {
    private let stream: RandomStream
    private var block = 0
    private var words = Philox.Words()
    /// The words of the block that have not been given away.
    private var left = 0

    /// - Parameters:
    ///   - seed: the run's.
    ///   - sample: the image's position in its dataset.
    ///   - epoch: counted from 0.
    ///   - transform: tells apart the transforms that draw for the same image; below 2²⁴.
    public init(seed: UInt64, sample: Int, epoch: Int, transform: Int = 0) {
        self.init(
            RandomStream(
                seed: seed, purpose: .augmentation, first: UInt32(truncatingIfNeeded: sample),
                second: UInt32(truncatingIfNeeded: epoch), layer: UInt32(truncatingIfNeeded: transform)))
    }

    /// The words of a stream one after the other.
    package init(_ stream: RandomStream) {
        self.stream = stream
    }

    private mutating func nextWord() -> UInt32 {
        if left == 0 {
            words = stream.words(block: block)
            block += 1
            left = 4
        }
        left -= 1
        return words[3 - left]
    }

    public mutating func next() -> UInt64 { UInt64(nextWord()) << 32 | UInt64(nextWord()) }

    /// A number uniform in low ..< high, of 53 random bits.
    public mutating func uniform(_ low: Double = 0, _ high: Double = 1) -> Double {
        low + (high - low) * (Double(next() >> 11) * 0x1p-53)
    }

    /// An integer of 0 ..< bound, each as likely as the others.
    ///
    /// - Parameter bound: at least 1.
    public mutating func integer(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True with a probability of 0 ... 1.
    public mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

    /// A normally distributed number, by the Box–Muller transform.
    public mutating func normal(mean: Double = 0, standardDeviation: Double = 1) -> Double {
        // 1 − u is never 0, so that the logarithm is finite.
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return mean + standardDeviation * radius * cos(2 * Double.pi * uniform())
    }

    /// A number of the beta distribution with both parameters `alpha`, above 0: from two of the gamma distribution.
    public mutating func beta(_ alpha: Double) -> Double {
        let (first, second) = (gamma(alpha), gamma(alpha))
        // Both underflow where alpha is tiny; the distribution then is a coin.
        guard first + second > 0 else { return chance(0.5) ? 1 : 0 }
        return first / (first + second)
    }

    /// Source: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
    private mutating func gamma(_ shape: Double) -> Double {
        if shape < 1 { return gamma(shape + 1) * pow(1 - uniform(), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = pow(1 + c * x, 3)
            guard v > 0 else { continue }
            if log(1 - uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }
}
