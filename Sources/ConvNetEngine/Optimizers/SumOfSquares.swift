/// The sum of the squares of `range`'s elements.
///
/// Eight partial sums: each element's addition would otherwise wait for the one before.
func sumOfSquares(_ elements: UnsafePointer<Float>, _ range: Range<Int>) -> Double {
    var sums = SIMD8<Double>(repeating: 0)
    var index = range.lowerBound
    while index + 8 <= range.upperBound {
        let start = elements + index
        let values = SIMD8<Double>(
            Double(start[0]), Double(start[1]), Double(start[2]), Double(start[3]), Double(start[4]),
            Double(start[5]), Double(start[6]), Double(start[7]))
        sums += values * values
        index += 8
    }
    var sum = sums.sum()
    for index in index..<range.upperBound { sum += Double(elements[index]) * Double(elements[index]) }
    return sum
}
