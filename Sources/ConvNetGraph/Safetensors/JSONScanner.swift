/// A strict pull scanner for JSON from untrusted sources.
///
/// Foundation's decoders silently keep one of several equal keys, turn `1e3` into an integer and build a tree of
/// whatever they are given. This scanner hands out keys and values one at a time, so the caller sees every key and only
/// what it asks for is stored:
///
///     try scanner.beginObject()
///     while let key = try scanner.nextKey() {
///         if key == "size" { size = try scanner.unsignedInteger() } else { try scanner.skipValue() }
///     }
struct JSONScanner {
    /// What is wrong, and at which byte of the text.
    struct Failure: Error, Equatable {
        let offset: Int
        let problem: String
    }

    /// How deep objects and arrays may be nested; it bounds the recursion of `skipValue`.
    static let maximumDepth = 64

    /// The byte that is scanned next.
    private(set) var offset = 0

    private let bytes: [UInt8]
    /// What messages call the text.
    private let what: String
    private var depth = 0

    /// Whether the scanner stands right behind `{` or `[`, where no comma belongs. One flag does for all levels: by the
    /// time an inner object ends, the outer one has had its first member.
    private var isFirst = false

    /// - Parameter what: what messages call the text.
    init(_ bytes: [UInt8], of what: String = "header") {
        self.bytes = bytes
        self.what = what
    }

    mutating func beginObject() throws {
        try begin("{", "an object")
    }

    /// The next key of the object, with the scanner left at its value, or nil at the end of the object.
    mutating func nextKey() throws -> String? {
        guard try advance(to: "}") else { return nil }
        let key = try string()
        skipWhitespace()
        guard take(":") else { throw unexpected("':'") }
        return key
    }

    mutating func beginArray() throws {
        try begin("[", "an array")
    }

    /// Whether the array goes on; the scanner is left at the next element, or behind the array.
    mutating func nextElement() throws -> Bool {
        try advance(to: "]")
    }

    mutating func string() throws -> String {
        skipWhitespace()
        let start = offset
        guard take("\"") else { throw unexpected("a string") }
        var text: [UInt8] = []
        while let byte = peek() {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw Failure(offset: start, problem: "the string is not valid UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                text.append(contentsOf: String(try escapedScalar()).utf8)
            case ..<0x20:
                throw Failure(offset: offset - 1, problem: "a control character stands unescaped in a string")
            default:
                text.append(byte)
            }
        }
        throw Failure(offset: start, problem: "the string has no end")
    }

    /// An integer from 0 to `Int.max`, written in digits only.
    mutating func unsignedInteger() throws -> Int {
        skipWhitespace()
        let start = offset
        guard let byte = peek(), byte == UInt8(ascii: "-") || isDigit(byte) else {
            throw unexpected("a whole number")
        }
        try skipNumber()
        let digits = bytes[start..<offset]
        let excerpt = String(decoding: digits.prefix(24), as: UTF8.self) + (digits.count > 24 ? "…" : "")
        guard digits.allSatisfy(isDigit) else {
            throw Failure(offset: start, problem: "expected a whole number in digits only, found \(excerpt)")
        }
        var value = 0
        for digit in digits {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            guard !overflow, !carry else {
                throw Failure(offset: start, problem: "the number \(excerpt) exceeds \(Int.max)")
            }
            value = sum
        }
        return value
    }

    /// Passes over one value of any type, checking that it is valid.
    mutating func skipValue() throws {
        skipWhitespace()
        switch peek() {
        case UInt8(ascii: "{"):
            try beginObject()
            while try nextKey() != nil { try skipValue() }
        case UInt8(ascii: "["):
            try beginArray()
            while try nextElement() { try skipValue() }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try skipLiteral("true")
        case UInt8(ascii: "f"): try skipLiteral("false")
        case UInt8(ascii: "n"): try skipLiteral("null")
        default: try skipNumber()
        }
    }

    /// Requires that nothing but spaces follows.
    mutating func endWithPadding() throws {
        while take(" ") {}
        guard peek() == nil else { throw unexpected("nothing but spaces") }
    }

    /// Requires that nothing but white space follows.
    mutating func end() throws {
        skipWhitespace()
        guard peek() == nil else { throw unexpected("the end") }
    }

    private mutating func begin(_ bracket: Unicode.Scalar, _ kind: String) throws {
        skipWhitespace()
        guard depth < Self.maximumDepth else {
            throw Failure(offset: offset, problem: "values are nested more than \(Self.maximumDepth) deep")
        }
        guard take(bracket) else { throw unexpected(kind) }
        depth += 1
        isFirst = true
    }

    /// Moves to the next member of an object or array; false, and behind the bracket, if there is none.
    private mutating func advance(to bracket: Unicode.Scalar) throws -> Bool {
        skipWhitespace()
        if take(bracket) {
            depth -= 1
            isFirst = false
            return false
        }
        if !isFirst {
            guard take(",") else { throw unexpected("',' or '\(bracket)'") }
            skipWhitespace()
        }
        isFirst = false
        return true
    }

    /// The scalar of an escape whose backslash has been taken.
    private mutating func escapedScalar() throws -> Unicode.Scalar {
        let start = offset - 1
        guard let byte = peek() else { throw Failure(offset: start, problem: "the string has no end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw Failure(offset: start, problem: "the escape in a string is unknown")
        }
        let unit = try hexadecimalUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), take("\\"), take("u") else {
            throw Failure(offset: start, problem: "the escape is half of a surrogate pair")
        }
        let trail = try hexadecimalUnit()
        guard UTF16.isTrailSurrogate(trail) else {
            throw Failure(offset: start, problem: "the escape is half of a surrogate pair")
        }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    private mutating func hexadecimalUnit() throws -> UInt16 {
        let digits = bytes[offset...].prefix(4)
        // The initializer of numbers takes signs, too.
        guard digits.count == 4, digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw Failure(offset: offset, problem: "expected four hexadecimal digits") }
        offset += 4
        return unit
    }

    private mutating func skipNumber() throws {
        let start = offset
        _ = take("-")
        if !take("0") { try skipDigits(from: start) }
        if take(".") { try skipDigits(from: start) }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try skipDigits(from: start)
        }
    }

    private mutating func skipDigits(from start: Int) throws {
        guard let byte = peek(), isDigit(byte) else {
            throw offset == start ? unexpected("a value") : unexpected("a digit")
        }
        while let byte = peek(), isDigit(byte) { offset += 1 }
    }

    private mutating func skipLiteral(_ literal: String) throws {
        guard bytes[offset...].starts(with: literal.utf8) else { throw unexpected("a value") }
        offset += literal.utf8.count
    }

    private mutating func skipWhitespace() {
        while take(" ") || take("\n") || take("\r") || take("\t") {}
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private func peek() -> UInt8? {
        offset < bytes.count ? bytes[offset] : nil
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private func unexpected(_ wanted: String) -> Failure {
        let found =
            switch peek() {
            case nil: "the end of the \(what)"
            case .some(let byte) where (0x21..<0x7F).contains(byte): "'\(Unicode.Scalar(byte))'"
            case .some(let byte): "byte 0x" + String(byte, radix: 16, uppercase: true)
            }
        return Failure(offset: offset, problem: "expected \(wanted), found \(found)")
    }
}
