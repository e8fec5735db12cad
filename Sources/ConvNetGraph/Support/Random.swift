import Foundation

/// What random numbers are drawn for. Each purpose has numbers of its own, so that none disturbs another.
package enum RandomPurpose: UInt32, Sendable {
    case initialization = 1
    case shuffling
    case splitting
    case dropout
    case synthesis
    case augmentation
    case mixing
}

/// Random numbers as a function of a key and a position, with no state to save or to share between threads.
///
/// Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011: Philox4x32 with 10 rounds.
package enum Philox {
    package typealias Words = SIMD4<UInt32>

    /// Four random words for one counter.
    @inline(__always)
    package static func words(counter: Words, key: SIMD2<UInt32>) -> Words {
        var counter = counter
        var key = key
        for _ in 0..<10 {
            let first = UInt64(counter[0]) &* 0xD251_1F53
            let second = UInt64(counter[2]) &* 0xCD9E_8D57
            counter = Words(
                UInt32(truncatingIfNeeded: second >> 32) ^ counter[1] ^ key[0],
                UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ counter[3] ^ key[1],
                UInt32(truncatingIfNeeded: first))
            key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return counter
    }
}

/// The random numbers of one seed and purpose, addressed by three further numbers: for example layer, epoch and sample.
package struct RandomStream: Sendable {
    private let key: SIMD2<UInt32>
    private let first, second, third: UInt32

    /// - Parameters:
    ///   - first, second: tell apart the streams of one purpose, e.g. a sample's index and the epoch.
    ///   - layer: tells apart the layers that draw for the same sample; below 2²⁴.
    package init(seed: UInt64, purpose: RandomPurpose, first: UInt32 = 0, second: UInt32 = 0, layer: UInt32 = 0) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        self.first = first
        self.second = second
        third = purpose.rawValue << 24 | layer
    }

    /// A stream told apart by a name, which is hashed with 64-bit FNV-1a.
    package init(seed: UInt64, purpose: RandomPurpose, name: String) {
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        self.init(
            seed: seed, purpose: purpose, first: UInt32(truncatingIfNeeded: hash),
            second: UInt32(truncatingIfNeeded: hash >> 32))
    }

    /// Words 4·block … 4·block + 3 of the stream.
    @inline(__always)
    package func words(block: Int) -> Philox.Words {
        Philox.words(counter: Philox.Words(UInt32(truncatingIfNeeded: block), first, second, third), key: key)
    }

    /// Numbers uniform in low ..< high, with 24 random bits each.
    package func uniform(_ count: Int, low: Float, high: Float) -> [Float] {
        draw(count) { words in low + (high - low) * Self.unit(words) }
    }

    /// Normally distributed numbers, by the Box–Muller transform.
    package func normal(_ count: Int, mean: Float, standardDeviation: Float) -> [Float] {
        func pair(_ first: Float, _ second: Float) -> (Float, Float) {
            // 1 − u is never 0, so that the logarithm is finite.
            let radius = (-2 * log(1 - Double(first))).squareRoot()
            let angle = 2 * Double.pi * Double(second)
            return (Float(radius * cos(angle)), Float(radius * sin(angle)))
        }
        return draw(count) { words in
            let unit = Self.unit(words)
            let (a, b) = pair(unit[0], unit[1])
            let (c, d) = pair(unit[2], unit[3])
            return mean + standardDeviation * SIMD4(a, b, c, d)
        }
    }

    /// A random order of 0 ..< count (Fisher and Yates).
    package func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            let words = words(block: last)
            let random = UInt64(words[0]) << 32 | UInt64(words[1])
            order.swapAt(last, Int(random.multipliedFullWidth(by: UInt64(last + 1)).high))
        }
        return order
    }

    /// Initial weights are drawn by the hundred million: nothing is allocated on the way.
    @inline(__always)
    private func draw(_ count: Int, _ four: (Philox.Words) -> SIMD4<Float>) -> [Float] {
        Array(unsafeUninitializedCapacity: count) { numbers, initialized in
            for block in 0..<(count + 3) / 4 {
                let drawn = four(words(block: block))
                for index in 0..<min(4, count - 4 * block) {
                    numbers.initializeElement(at: 4 * block + index, to: drawn[index])
                }
            }
            initialized = count
        }
    }

    @inline(__always)
    private static func unit(_ words: Philox.Words) -> SIMD4<Float> { SIMD4<Float>(words &>> 8) * 0x1p-24 }
}
