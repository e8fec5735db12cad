extension String {
    /// JSON that somebody has tampered with: numbers become other numbers, pieces are removed, doubled or replaced.
    package func mutatedJSON(using generator: inout SplitMix64) -> String {
        var text = Array(utf8)
        for _ in 0..<Int.random(in: 1...2, using: &generator) where !text.isEmpty {
            let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9")
            let digits = text.indices.filter { isDigit.contains(text[$0]) }
            let position = Int.random(in: 0..<text.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0, 1, 2:
                // Numbers do the most harm: nothing but a check of their range refuses them.
                guard let start = digits.randomElement(using: &generator) else { continue }
                let number = Self.hostileNumbers.randomElement(using: &generator) ?? ""
                text.replaceSubrange(start...start, with: number.utf8)
            case 3:
                let token = Self.hostileTokens.randomElement(using: &generator) ?? ""
                text.replaceSubrange(position...position, with: token.utf8)
            case 4:
                let end = min(text.count, position + Int.random(in: 1...20, using: &generator))
                text.removeSubrange(position..<end)
            default:
                let end = min(text.count, position + Int.random(in: 1...60, using: &generator))
                text.insert(contentsOf: text[position..<end], at: position)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let hostileNumbers = [
        "0", "1", "2", "-1", "7", "-9223372036854775808", "9223372036854775807", "4294967296", "2147483647", "1e300",
        "1e-300", "-0.0", "0.5", "99999999999999999999", "null", "[]", "\"1\"",
    ]
    private static let hostileTokens = ["{", "}", "[", "]", "\"", ",", ":", "null", "true", "\\", "\\ud800", "é", "\0"]
}
