/// Text that equals another only where their bytes do, and comes before it by them.
///
/// Swift takes an `é` of one code point and one of two for the same; a file system does not. Names of files are compared as it
/// does. Names of classes are text: two that read alike are one to everybody who reads them, and to a model's file.
struct ExactText: Hashable, Comparable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (one: ExactText, other: ExactText) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

    static func < (one: ExactText, other: ExactText) -> Bool {
        one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    /// Plain ASCII, with everything else as the number of its code point: `caf\u{e9}`.
    var escaped: String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            let isPlain = scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7F
            result += isPlain ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
}

extension Sequence<String> {
    /// In the order of their bytes, so that every system and every process has the same.
    func sortedByBytes() -> [String] { sorted { ExactText($0) < ExactText($1) } }
}

extension Collection<String> {
    /// The positions of the first two names that read alike, whether their bytes are the same or not.
    var firstReadingAlike: (Index, Index)? {
        var positions: [String: Index] = [:]
        for position in indices {
            if let earlier = positions.updateValue(position, forKey: self[position]) { return (earlier, position) }
        }
        return nil
    }
}
