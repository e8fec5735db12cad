/// How far `values` are from `expected`: the largest difference, relative to the largest expected magnitude.
///
/// Infinite where the counts differ or a value is not a number.
///
/// - Parameter floor: the least that differences are taken relative to, for arrays that may be all zero but for rounding.
package func relativeError<Scalar: BinaryFloatingPoint>(
    _ values: some Collection<Scalar>, _ expected: some Collection<Scalar>, floor: Scalar = 0
) -> Double {
    guard values.count == expected.count else { return .infinity }
    var difference: Scalar = 0
    var magnitude = floor
    for (value, expected) in zip(values, expected) {
        guard value.isFinite, expected.isFinite else { return .infinity }
        difference = max(difference, abs(value - expected))
        magnitude = max(magnitude, abs(expected))
    }
    return difference == 0 ? 0 : Double(difference / magnitude)
}
