import Foundation

/// The scale of a chart along one direction, with marks at round numbers.
package struct Axis: Sendable {
    /// The numbers at its two ends.
    package let range: ClosedRange<Double>
    /// The numbers that are marked, from the smallest.
    package let ticks: [Double]
    /// Whether equal distances stand for equal factors.
    package let isLogarithmic: Bool

    /// An axis that holds all values and ends at marks, about five of them. Of whole numbers, marks are whole.
    ///
    /// - Parameters:
    ///   - fromZero: whether it begins at 0 rather than near the smallest value.
    ///   - bounds: what its ends do not exceed, since no value can.
    package static func linear(
        _ values: [Double], fromZero: Bool = false, within bounds: ClosedRange<Double>? = nil
    ) -> Axis {
        let low = fromZero ? 0 : values.min() ?? 0
        let high = max(values.max() ?? 1, low)
        // A single value stands in the middle of something.
        let span = high - low > 1e-290 ? high - low : max(abs(high), 1) * 0.1
        let least = values.allSatisfy { $0 == $0.rounded() } && span >= 1 ? 1.0 : 0
        let step = max(roundStep(span / 4), least)
        var first = (low / step).rounded(.down)
        var last = (high / step).rounded(.up)
        if last == first {
            if first * step > bounds?.lowerBound ?? -.infinity, !fromZero { first -= 1 }
            if last * step < bounds?.upperBound ?? .infinity { last += 1 }
        }
        return Axis(
            range: first * step...last * step, ticks: (0...Int(last - first)).map { (first + Double($0)) * step },
            isLogarithmic: false)
    }

    /// An axis from one whole number to another, with marks at round ones between them; of a single number it is in the middle.
    package static func counts(_ range: ClosedRange<Int>) -> Axis {
        let (first, last) = (Double(range.lowerBound), Double(range.upperBound))
        guard last > first else { return Axis(range: first - 0.5...first + 0.5, ticks: [first], isLogarithmic: false) }
        let step = max(1, roundStep((last - first) / 6))
        var ticks = Array(stride(from: (first / step).rounded(.up) * step, through: last, by: step))
        // The first is told, where there is room before the next.
        if let next = ticks.first, next - first >= step / 2 { ticks.insert(first, at: 0) }
        return Axis(range: first...last, ticks: ticks, isLogarithmic: false)
    }

    /// A mark with as many digits behind the point as the distance between marks needs.
    package func text(of value: Double) -> String {
        guard !isLogarithmic, ticks.count > 1 else { return String(format: "%g", value) }
        let step = abs(ticks[1] - ticks[0])
        guard step > 1e-6, abs(value) < 1e15 else { return String(format: "%.3g", value) }
        let digits = max(0, Int((-log10(step * 1.000001)).rounded(.up)))
        let text = String(format: "%.\(digits)f", value)
        return text.contains { $0 != "-" && $0 != "0" && $0 != "." } ? text : String(text.drop { $0 == "-" })
    }

    /// An axis that holds all values, which are above 0. It ends at 1, 2 or 5 times a power of ten; marks are at all of these
    /// or, where they are many, at the powers alone.
    package static func logarithmic(_ values: [Double]) -> Axis {
        let (low, high) = (log10(values.min() ?? 1), log10(values.max() ?? 1))
        let decades = Int(low.rounded(.down)) - 1...Int(high.rounded(.up)) + 1
        let marks = decades.flatMap { decade in [1, 2, 5].map { $0 * pow(10, Double(decade)) } }
        var first = marks.lastIndex { log10($0) <= low + 1e-9 } ?? 0
        var last = marks.firstIndex { log10($0) >= high - 1e-9 } ?? marks.count - 1
        // A single value stands in the middle of something.
        if first == last { (first, last) = (first - 1, last + 1) }
        let isLong = high - low > 2.5
        let ticks = (first...last).filter { !isLong || $0 % 3 == 0 }.map { marks[$0] }
        return Axis(range: marks[first]...marks[last], ticks: ticks, isLogarithmic: true)
    }

    private init(range: ClosedRange<Double>, ticks: [Double], isLogarithmic: Bool) {
        self.range = range
        self.ticks = ticks
        self.isLogarithmic = isLogarithmic
    }

    /// Where a value stands: 0 at one end, 1 at the other.
    package func position(of value: Double) -> Double {
        let (low, high) = (range.lowerBound, range.upperBound)
        return isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
    }

    /// Whether a value is between the axis's ends.
    package func canShow(_ value: Double) -> Bool {
        value.isFinite && (!isLogarithmic || value > 0) && (-1e-9...1 + 1e-9).contains(position(of: value))
    }

    /// A round count with a unit: 500 k, 5 G.
    package static func countText(_ count: Double) -> String {
        let units: [(size: Double, name: String)] = [(1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")]
        let unit = units.first { count >= $0.size } ?? (1, "")
        return String(format: "%g%@", count / unit.size, unit.name)
    }

    /// 1, 2 or 5 times a power of ten, at least `least`.
    private static func roundStep(_ least: Double) -> Double {
        let power = pow(10, log10(least).rounded(.down))
        return (([1, 2, 5].first { $0 * power >= least * (1 - 1e-9) }) ?? 10) * power
    }
}
