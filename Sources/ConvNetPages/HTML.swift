import Foundation

/// Markup, HTML or SVG, in which everything that was put in as text is escaped.
///
///     let cell: HTML = "<td>\(name)</td>"
///
/// What stands in the literal is markup; a string that is interpolated is text, markup that is interpolated stays markup.
/// The result is well-formed XML too where the literals are, so that tests can parse it.
package struct HTML: ExpressibleByStringInterpolation, CustomStringConvertible, Sendable {
    package let description: String

    package init(stringLiteral value: String) {
        description = value
    }

    /// What is markup already.
    package init(verbatim markup: String) {
        description = markup
    }

    package init(stringInterpolation: StringInterpolation) {
        description = stringInterpolation.markup
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            markup.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        package mutating func appendLiteral(_ literal: String) { markup += literal }

        package mutating func appendInterpolation(_ text: String) { markup += text.escapedForHTML }

        package mutating func appendInterpolation(_ part: HTML) { markup += part.description }

        package mutating func appendInterpolation(_ parts: [HTML]) {
            markup += parts.map(\.description).joined(separator: "\n")
        }

        package mutating func appendInterpolation(_ number: Int) { markup += String(number) }

        /// A coordinate or a percentage: a tenth is finer than anybody sees.
        package mutating func appendInterpolation(_ number: Double) {
            let tenths = (number * 10).rounded()
            markup += tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
        }
    }
}

extension String {
    /// As text or as an attribute's value between double quotes. What XML does not allow at all is shown as U+FFFD.
    fileprivate var escapedForHTML: String {
        if utf8.allSatisfy({ Self.isPlain[Int($0)] }) { return self }
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Which bytes of ASCII stand for themselves.
    private static let isPlain: [Bool] = (0..<256).map { (32..<127).contains($0) && !"&<>\"'".utf8.contains(UInt8($0)) }
}
