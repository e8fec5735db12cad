/// The text with whatever would break, recolour or reorder a line of output escaped.
package func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
        default:
            result.append(scalar)
        }
    }
    return String(result)
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
