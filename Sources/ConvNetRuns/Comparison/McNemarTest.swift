import Foundation

/// McNemar's exact test: whether two models that have answered the same images differ by more than chance.
///
/// Only the images count that one of the two got right. Were both equally good, each of these would be either's with probability ½; the
/// p-value is how probable a split as uneven as this one, or more, is then.
///
///     p = min(1, 2 · Σ for k = 0 … min(b, c) of (b + c choose k) / 2^(b + c))
///
/// Source: McNemar, "Note on the Sampling Error of the Difference between Correlated Proportions or Percentages", 1947; Dietterich,
/// "Approximate Statistical Tests for Comparing Supervised Classification Learning Algorithms", 1998, section 3.1.
public struct McNemarTest: Hashable, Sendable {
    /// Images that only the first got right.
    public var onlyFirst: Int
    /// Images that only the second got right.
    public var onlySecond: Int

    /// - Parameters: counts of images, 0 or more.
    public init(onlyFirst: Int, onlySecond: Int) {
        self.onlyFirst = onlyFirst
        self.onlySecond = onlySecond
    }

    /// 0 ... 1, two-sided.
    public var pValue: Double {
        let count = onlyFirst + onlySecond
        let logarithm = lgamma(Double(count + 1)) - Double(count) * log(2)
        var tail = 0.0
        for k in 0...min(onlyFirst, onlySecond) {
            tail += exp(logarithm - lgamma(Double(k + 1)) - lgamma(Double(count - k + 1)))
        }
        return min(1, 2 * tail)
    }
}
