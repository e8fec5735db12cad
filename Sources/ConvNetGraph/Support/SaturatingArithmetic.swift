extension Int {
    /// The product, or the largest number where that would overflow. Sizes like that are refused by the graph, but only
    /// after a layer has said what its parameters are; a run of so many steps is one without an end.
    package func saturatingProduct(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    /// The sum, or the largest number where that would overflow.
    package func saturatingSum(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The difference, or the number nearest to it where that would overflow.
    func saturatingDifference(_ other: Int) -> Int {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < 0 ? .min : .max) : difference
    }
}
