/// FIPS 180-4, for short messages.
enum SHA256 {
    static func digest(_ message: [UInt8]) -> [UInt8] {
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        padded += withUnsafeBytes(of: UInt64(message.count * 8).bigEndian, Array.init)
        var state = initial
        for start in stride(from: 0, to: padded.count, by: 64) {
            var words = stride(from: start, to: start + 64, by: 4).map { offset in
                padded[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            for index in 16..<64 {
                let (a, b) = (words[index - 15], words[index - 2])
                let low = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3
                let high = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10
                words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
            }
            var s = state
            for index in 0..<64 {
                let choice = s[4] & s[5] ^ ~s[4] & s[6]
                let majority = s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]
                let first =
                    s[7] &+ (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) &+ choice &+ constants[index]
                    &+ words[index]
                let second = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) &+ majority
                s = [first &+ second, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
            }
            state = zip(state, s).map { $0 &+ $1 }
        }
        return state.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

    private static let primes: [Int] = (2..<312).filter { number in (2..<number).allSatisfy { number % $0 != 0 } }
    /// The first 32 bits behind the point of the square roots of the first eight primes, and of the cube roots of the first 64.
    private static let initial = primes.prefix(8).map { bits(behindPointOf: Double($0).squareRoot()) }
    private static let constants = primes.prefix(64).map { prime -> UInt32 in
        var low = 1.0
        var high = 8.0
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if middle * middle * middle <= Double(prime) { low = middle } else { high = middle }
        }
        return bits(behindPointOf: low)
    }

    private static func bits(behindPointOf root: Double) -> UInt32 {
        UInt32((root - root.rounded(.down)) * 4_294_967_296)
    }
}
