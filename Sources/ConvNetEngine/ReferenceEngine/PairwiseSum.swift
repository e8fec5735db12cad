/// Σ term(i) for i = 0 ..< count, by halves: the sum of the first half and that of the second are added.
///
/// Rounding errors of a sum of n numbers grow with log n in this way, and with n if they are added one after the other, which
/// a million pixels of a channel do not survive in single precision. Source: Higham, "The accuracy of floating point summation",
/// section 4.
@inline(__always)
func pairwiseSum<Scalar: ReferenceScalar>(_ count: Int, _ term: (Int) -> Scalar) -> Scalar {
    // A carry chain, as in a binary counter: partial[k] is the sum of 2ᵏ pieces.
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 64) { partial in
        var pieces = 0
        for first in stride(from: 0, to: count, by: pairwisePiece) {
            var sum: Scalar = 0
            for i in first..<min(first + pairwisePiece, count) { sum += term(i) }
            var level = 0
            while pieces >> level & 1 == 1 {
                sum = partial[level] + sum
                level += 1
            }
            partial.initializeElement(at: level, to: sum)
            pieces += 1
        }
        var total: Scalar = 0
        for level in 0..<64 where pieces >> level & 1 == 1 { total = partial[level] + total }
        return total
    }
}

/// Numbers that are added one after the other.
private let pairwisePiece = 8
