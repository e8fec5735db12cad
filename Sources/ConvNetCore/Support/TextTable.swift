import Foundation

/// Rows of text in aligned columns.
package struct TextTable: CustomStringConvertible {
    package struct Column {
        let title: String
        let isRight: Bool

        package static func left(_ title: String) -> Column { Column(title: title, isRight: false) }
        package static func right(_ title: String) -> Column { Column(title: title, isRight: true) }
    }

    private let columns: [Column]
    /// nil is a rule.
    private var rows: [[String]?] = []

    package init(columns: [Column]) {
        self.columns = columns
    }

    package mutating func append(_ cells: [String]) { rows.append(cells) }
    package mutating func appendRule() { rows.append(nil) }

    package var description: String {
        let widths = columns.indices.map { column in
            rows.reduce(columns[column].title.count) { max($0, $1?[column].count ?? 0) }
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return columns[column].isRight ? space + cells[column] : cells[column] + space
            }
            // No blanks at the end of a line.
            return padded.joined(separator: "  ").replacing(/\s+$/, with: "")
        }
        let rule = String(repeating: "─", count: widths.reduce(2 * (widths.count - 1), +))
        return ([line(columns.map(\.title)), rule] + rows.map { $0.map(line) ?? rule }).joined(separator: "\n")
    }
}

extension Int {
    /// With commas: 1,234,567.
    package var grouped: String {
        var digits = String(magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (self < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// As a size in memory: 512 B, 1.2 kB, 3.4 MB, 5.6 GB, in powers of 1000.
    package var byteSize: String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = Double(self)
        var unit = 0
        while value >= 1000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(self) B" : String(format: "%.1f %@", value, units[unit])
    }
}
