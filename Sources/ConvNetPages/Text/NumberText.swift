import Foundation

extension Int {
    /// With commas: 1,234,567.
    package var grouped: String {
        var digits = String(magnitude)[...]
        var text = ""
        while digits.count > 3 {
            text = "," + digits.suffix(3) + text
            digits = digits.dropLast(3)
        }
        return (self < 0 ? "-" : "") + digits + text
    }

    /// With what is counted: 1 picture, 1,234 pictures.
    package func counted(_ singular: String, plural: String? = nil) -> String {
        "\(grouped) \(self == 1 ? singular : plural ?? singular + "s")"
    }

    /// A count as the number of a note: ¹².
    package var superscript: String {
        let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
        return String(String(magnitude).compactMap(\.wholeNumberValue).map { digits[$0] })
    }

    /// As a size in memory: 512 B, 1.2 KiB, 3.4 MiB, 5.6 GiB, in powers of 1024.
    package var byteSize: String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(self)
        var unit = 0
        // What would be rounded to 1024.0 is 1.0 of the next unit.
        while value >= (unit == 0 ? 1024 : 1023.95), unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(self) B" : String(format: "%.1f %@", value, units[unit])
    }

    /// With three digits that matter and a unit in powers of 1000: 999, 61.7 k, 714 M, 15.5 G.
    package var abbreviated: String {
        let units = ["", " k", " M", " G", " T", " P", " E"]
        var value = Double(self)
        var unit = 0
        while value >= (unit == 0 ? 1000 : 999.5), unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        guard unit > 0 else { return "\(self)" }
        return String(format: value >= 99.95 ? "%.0f%@" : value >= 9.995 ? "%.1f%@" : "%.2f%@", value, units[unit])
    }
}

extension Double {
    /// The nearest number of two digits, as people write learning rates: 0.00071.
    package var roundedToTwoDigits: Double { Double(String(format: "%.1e", self)) ?? self }

    /// With four digits behind the point: 2.3026.
    package var fourDigits: String { String(format: "%.4f", self) }

    /// A fraction with one digit behind the point: 76.1 %.
    package var percentage: String { String(format: "%.1f %%", self * 100) }

    /// With three digits that matter: 1.23, 45.6, 789.
    package var threeDigits: String {
        String(format: magnitude >= 99.95 ? "%.0f" : magnitude >= 9.995 ? "%.1f" : "%.2f", self)
    }
}
