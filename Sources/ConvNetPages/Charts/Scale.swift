import Foundation

/// What is measured along one direction of a chart, and how its numbers are written.
package struct Scale: Sendable {
    /// With the unit: `accuracy, %`.
    package var title: String
    package var axis: Axis
    /// How a mark is written.
    package var text: @Sendable (Double) -> String
    /// How a value is written where there is room for all its digits.
    package var valueText: @Sendable (Double) -> String

    package init(
        title: String, axis: Axis, text: @escaping @Sendable (Double) -> String,
        valueText: (@Sendable (Double) -> String)? = nil
    ) {
        self.title = title
        self.axis = axis
        self.text = text
        self.valueText = valueText ?? text
    }

    /// Of numbers from the first to the last whole one, such as epochs.
    package static func counts(title: String, _ range: ClosedRange<Int>) -> Scale {
        Scale(title: title, axis: .counts(range)) { String(Int($0.rounded())) }
    }

    /// Of any numbers; by factors where the largest is a hundred times the smallest or more and all are above 0, if that is allowed.
    package static func numbers(
        title: String, _ values: [Double], fromZero: Bool = false, byFactors: Bool = false
    ) -> Scale {
        let values = drawable(values)
        let valueText: @Sendable (Double) -> String = { String(format: "%.4g", $0) }
        if byFactors, !fromZero, let low = values.min(), let high = values.max(), low > 1e-30, high >= 100 * low {
            return Scale(
                title: title, axis: .logarithmic(values), text: { String(format: "%g", $0) }, valueText: valueText)
        }
        let axis = Axis.linear(values, fromZero: fromZero)
        return Scale(title: title, axis: axis, text: { axis.text(of: $0) }, valueText: valueText)
    }

    /// Of shares, 0 ... 1, written in percent.
    package static func shares(title: String, _ values: [Double]) -> Scale {
        let axis = Axis.linear(drawable(values), within: 0...1)
        let percent = Axis.linear(drawable(values).map { $0 * 100 }, within: 0...100)
        return Scale(
            title: title.isEmpty ? "%" : "\(title), %", axis: axis, text: { percent.text(of: $0 * 100) },
            valueText: { String(format: "%.2f\u{A0}%%", $0 * 100) })
    }

    /// What there can be an axis for: not what a run that has lost itself comes to.
    private static func drawable(_ values: [Double]) -> [Double] { values.filter { abs($0) < 1e30 } }
}
