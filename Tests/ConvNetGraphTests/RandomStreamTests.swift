import Testing

@testable import ConvNetGraph

@Suite struct RandomStreamTests {
    /// The known answers that Random123 publishes for philox4x32-10 (tests/kat_vectors).
    private static let published: [(counter: [UInt32], key: [UInt32], words: [UInt32])] = [
        (
            counter: [0, 0, 0, 0], key: [0, 0],
            words: [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]
        ),
        (
            counter: [.max, .max, .max, .max], key: [.max, .max],
            words: [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
        ),
        (
            counter: [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], key: [0xA409_3822, 0x299F_31D0],
            words: [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
        ),
    ]

    @Test(arguments: published)
    func knownAnswers(counter: [UInt32], key: [UInt32], words: [UInt32]) {
        #expect(Philox.words(counter: Philox.Words(counter), key: SIMD2(key)) == Philox.Words(words))
    }

    /// Which bits of the seed and the addresses go where decides every random number of every run.
    @Test func layoutOfKeyAndCounter() {
        let stream = RandomStream(
            seed: 0x1122_3344_5566_7788, purpose: .dropout, first: 5, second: 6, layer: 0x00AB_CDEF)
        #expect(
            stream.words(block: 7)
                == Philox.words(counter: [7, 5, 6, 0x04AB_CDEF], key: [0x5566_7788, 0x1122_3344]))
    }

    @Test func sameAddressSameNumbers() {
        let stream = RandomStream(seed: 1, purpose: .shuffling, first: 2, second: 3, layer: 4)
        let again = RandomStream(seed: 1, purpose: .shuffling, first: 2, second: 3, layer: 4)
        #expect(stream.uniform(100, low: 0, high: 1) == again.uniform(100, low: 0, high: 1))
        #expect(stream.normal(100, mean: 0, standardDeviation: 1) == again.normal(100, mean: 0, standardDeviation: 1))
        #expect(stream.permutation(100) == again.permutation(100))
    }

    @Test func everyPartOfTheAddressCounts() {
        let streams = [
            RandomStream(seed: 1, purpose: .shuffling),
            RandomStream(seed: 2, purpose: .shuffling),
            RandomStream(seed: 1 << 32 | 1, purpose: .shuffling),
            RandomStream(seed: 1, purpose: .splitting),
            RandomStream(seed: 1, purpose: .shuffling, first: 1),
            RandomStream(seed: 1, purpose: .shuffling, second: 1),
            RandomStream(seed: 1, purpose: .shuffling, layer: 1),
            RandomStream(seed: 1, purpose: .shuffling, name: ""),
            RandomStream(seed: 1, purpose: .shuffling, name: "conv1.weight"),
            RandomStream(seed: 1, purpose: .shuffling, name: "conv2.weight"),
        ]
        #expect(Set(streams.map { $0.words(block: 0) }).count == streams.count)
        #expect(Set(streams.map { $0.permutation(50) }).count == streams.count)
    }

    /// The first values do not depend on how many are drawn.
    @Test func shorterDrawsArePrefixes() {
        let stream = RandomStream(seed: 3, purpose: .synthesis)
        let uniform = stream.uniform(9, low: -1, high: 1)
        let normal = stream.normal(9, mean: 0, standardDeviation: 1)
        for count in 0...9 {
            #expect(stream.uniform(count, low: -1, high: 1) == Array(uniform.prefix(count)))
            #expect(stream.normal(count, mean: 0, standardDeviation: 1) == Array(normal.prefix(count)))
        }
    }

    @Test(arguments: [0, 1, 2, 3, 10, 1000])
    func permutationHasEveryNumberOnce(count: Int) {
        #expect(RandomStream(seed: 4, purpose: .shuffling).permutation(count).sorted() == Array(0..<count))
    }

    /// All 24 orders of four numbers, 24 000 draws: 1000 of each are expected, and 150 are five standard deviations.
    @Test func permutationsAreEquallyLikely() {
        var counts: [[Int]: Int] = [:]
        for draw in 0..<24_000 {
            counts[RandomStream(seed: 5, purpose: .shuffling, first: UInt32(draw)).permutation(4), default: 0] += 1
        }
        #expect(counts.count == 24)
        for (order, count) in counts { #expect((850...1150).contains(count), "\(order)") }
    }

    /// 100 000 numbers in ten bins: 10 000 each, and 500 are five standard deviations.
    @Test func uniformNumbers() {
        let numbers = RandomStream(seed: 6, purpose: .synthesis).uniform(100_000, low: -2, high: 3)
        #expect(numbers.allSatisfy { -2 <= $0 && $0 < 3 })
        var bins = [Int](repeating: 0, count: 10)
        for number in numbers { bins[Int((number + 2) * 2)] += 1 }
        for count in bins { #expect((9500...10_500).contains(count)) }
    }

    @Test func normalNumbers() {
        let count = 100_000
        let numbers = RandomStream(seed: 7, purpose: .synthesis).normal(count, mean: 3, standardDeviation: 2)
        let deviations = numbers.map { (Double($0) - 3) / 2 }
        func mean(_ value: (Double) -> Double) -> Double { deviations.reduce(0) { $0 + value($1) } / Double(count) }
        // Five standard errors each: 1, √2, √15 and √96 over √count.
        #expect(abs(mean { $0 }) < 0.016)
        #expect(abs(mean { $0 * $0 } - 1) < 0.023)
        #expect(abs(mean { $0 * $0 * $0 }) < 0.062)
        #expect(abs(mean { $0 * $0 * $0 * $0 } - 3) < 0.16)
        // The two numbers of a Box–Muller pair must not be correlated.
        let pairs = stride(from: 0, to: count, by: 2).reduce(0.0) { $0 + deviations[$1] * deviations[$1 + 1] }
        #expect(abs(pairs / Double(count / 2)) < 0.023)
        #expect(numbers.allSatisfy { $0.isFinite })
    }
}
