/// The text with whatever would break, recolour or reorder a line of output escaped.
package func printable(_ text: String) -> String {
    escaping(text) { "\\u{\(String($0.value, radix: 16))}" }
}

/// A JSON document with the same escaped, in JSON's way, so that it is the same document. Line breaks between its parts are
/// kept; it has no others.
package func printableJSON(_ document: String) -> String {
    escaping(document, but: "\n") { scalar in
        UTF16.encode(scalar).map { units in
            units.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        } ?? ""
    }
}

private func escaping(
    _ text: String, but kept: Unicode.Scalar? = nil, with escape: (Unicode.Scalar) -> String
) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var result = String.UnicodeScalarView()
    var before: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
        if scalar == kept || scalar.isPrintable(after: before) {
            result.append(scalar)
        } else {
            result.append(contentsOf: escape(scalar).unicodeScalars)
        }
        before = scalar
    }
    return String(result)
}

extension Unicode.Scalar {
    fileprivate func isPrintable(after before: Unicode.Scalar) -> Bool {
        if value < 0x7F { return value >= 0x20 }
        switch properties.generalCategory {
        // Joiners belong to the spelling of Persian and of Indian languages, and make one picture of several.
        case .format: return (self == "\u{200C}" || self == "\u{200D}") && before.takesJoiners
        case .control, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: return false
        default: return true
        }
    }

    private var takesJoiners: Bool {
        guard value >= 0x300 else { return false }
        return properties.isAlphabetic || properties.isEmoji || properties.generalCategory == .nonspacingMark
    }
}

/// The text in quotes, as ``shortened(_:to:)`` leaves it.
package func quoted(_ text: String) -> String { "'\(shortened(text))'" }

/// The printable text, without its middle where it is longer than a name that anybody would choose.
///
/// - Parameter count: 100 or more.
package func shortened(_ text: String, to count: Int = 100) -> String {
    let scalars = text.unicodeScalars
    // Counted in scalars, because one Character may hold any number of combining marks.
    guard scalars.index(scalars.startIndex, offsetBy: count + 1, limitedBy: scalars.endIndex) != nil else {
        return printable(text)
    }
    return "\(printable(String(scalars.prefix(count - 40))))…\(printable(String(scalars.suffix(30))))"
}

/// An error whose description is a list: its line breaks are its own, and none of a name's is among them.
package protocol ErrorInLines: Error {
    /// The lines of the description.
    var lines: [String] { get }
}
