/// Answers by how probable the model holds them, in equally wide bins between 0 and 1, and how many of them are right.
///
/// Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, section 2.
public struct CalibrationBins: Hashable, Sendable {
    /// The answers of one bin.
    public struct Bin: Hashable, Sendable {
        /// How many there are.
        public fileprivate(set) var count = 0
        /// How many of them are right.
        public fileprivate(set) var right = 0
        fileprivate var probability = 0.0

        /// The share of them that is right; nil where there are none.
        public var accuracy: Double? { count > 0 ? Double(right) / Double(count) : nil }
        /// Their mean probability; nil where there are none.
        public var meanProbability: Double? { count > 0 ? probability / Double(count) : nil }
    }

    /// From 0 on. A bin has its upper end, and not its lower one.
    public private(set) var bins: [Bin]

    /// - Parameter count: 1 or more.
    init(_ count: Int) {
        bins = [Bin](repeating: Bin(), count: count)
    }

    mutating func add(_ probability: Float, isRight: Bool) {
        guard !probability.isNaN else { return }
        let bin = min(max(Int((Double(probability) * Double(bins.count)).rounded(.up)) - 1, 0), bins.count - 1)
        bins[bin].count += 1
        bins[bin].right += isRight ? 1 : 0
        bins[bin].probability += Double(probability)
    }

    /// ``ExpectedCalibrationError``; nil without answers.
    public var expectedError: Double? {
        let count = bins.reduce(0) { $0 + $1.count }
        guard count > 0 else { return nil }
        return bins.reduce(0) { $0 + abs(Double($1.right) - $1.probability) } / Double(count)
    }
}
