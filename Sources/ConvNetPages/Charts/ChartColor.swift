/// The colours of what a chart shows, as the page's style has them: `--first` to `--fifth`.
///
/// Readers with any of the common colour deficiencies tell each from each other one, on light pages and on dark ones: the tests
/// hold them against simulations of these (Machado, Oliveira and Fernandes, 2009). Lines of more than five things differ in their
/// dashes too.
package enum ChartColor: String, CaseIterable, Sendable {
    case first, second, third, fourth, fifth

    /// The colour of the thing at a position, counted from 0; they repeat.
    package static func at(_ index: Int) -> ChartColor { allCases[index % allCases.count] }

    /// The colours on white, and on the dark paper.
    static let light: [ChartColor: String] = [
        .first: "#1a6fb5", .second: "#d55e00", .third: "#1d5c35", .fourth: "#7a1fe0", .fifth: "#3c0a0a",
    ]
    static let dark: [ChartColor: String] = [
        .first: "#5ea9ea", .second: "#ea9a52", .third: "#b8f5cf", .fourth: "#8f63ff", .fifth: "#a8503f",
    ]

    /// The declarations of CSS that give the colours their values.
    static func declarations(_ values: [ChartColor: String]) -> HTML {
        let parts: [HTML] = allCases.map { "--\($0.rawValue): \(values[$0] ?? "");" }
        return "\(parts)"
    }

    /// What has a class of a colour's name is filled with it, and drawn with it where it is a line.
    static var style: HTML {
        let rules: [HTML] = allCases.map { ".\($0.rawValue) { color: var(--\($0.rawValue)); fill: currentColor; }" }
        return "\(rules)"
    }
}
