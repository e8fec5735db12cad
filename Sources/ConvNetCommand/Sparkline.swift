import Foundation

/// A small curve of eight heights in one line of text: ▇▅▃▂▁▁.
enum Sparkline {
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// - Parameter width: how many of the last values are drawn.
    /// - Returns: a letter for each value; a blank for one that is not finite.
    static func text(_ values: [Double], width: Int) -> String {
        let shown = values.suffix(max(width, 0))
        let finite = shown.filter(\.isFinite)
        guard let least = finite.min(), let largest = finite.max() else {
            return String(repeating: " ", count: shown.count)
        }
        return String(
            shown.map { value in
                guard value.isFinite else { return " " }
                guard largest > least else { return bars[0] }
                return bars[Int(((value - least) / (largest - least) * 7).rounded())]
            })
    }
}
