import Testing

@testable import ConvNetGraph

@Suite struct DropoutMaskTests {
    private func factors(
        rate: Double = 0.3, layer: Int = 2, seed: UInt64 = 1, epoch: Int = 0, sample: Int = 0, blocks: Int = 25
    ) -> [Float] {
        let mask = Dropout.Mask(rate: rate, layer: layer, seed: seed, epoch: epoch, sample: sample)
        return (0..<blocks).flatMap { block in
            let factors = mask.factors(block: block)
            return factors.indices.map { factors[$0] }
        }
    }

    @Test func rateZeroKeepsEverything() {
        #expect(factors(rate: 0, blocks: 1000).allSatisfy { $0 == 1 })
    }

    /// Of 100 000 elements: four standard deviations are 0.0064 at most.
    @Test(arguments: [0.1, 0.3, 0.5, 0.9])
    func share(rate: Double) {
        let factors = factors(rate: rate, blocks: 25_000)
        let dropped = Double(factors.count { $0 == 0 }) / Double(factors.count)
        #expect(abs(dropped - rate) < 0.0065)
    }

    /// What is kept makes up for what is not, so that the expected sum stays the same.
    @Test(arguments: [(0.25, 4 / 3.0), (0.5, 2), (0.75, 4)])
    func scale(rate: Double, scale: Double) {
        #expect(Dropout.Mask(rate: rate, layer: 0, seed: 0, epoch: 0, sample: 0).scale == Float(scale))
        #expect(Set(factors(rate: rate)) == [0, Float(scale)])
    }

    @Test func rateJustBelowOne() {
        let factors = factors(rate: 1.0.nextDown, blocks: 1000)
        #expect(factors.allSatisfy { $0 == 0 })
    }

    @Test func sameAddressSameMask() {
        #expect(factors(seed: 5, epoch: 6, sample: 7) == factors(seed: 5, epoch: 6, sample: 7))
    }

    @Test func everyPartOfTheAddressCounts() {
        let masks = [
            factors(), factors(layer: 3), factors(seed: 2), factors(seed: 1 << 32 | 1), factors(epoch: 1),
            factors(sample: 1), factors(epoch: 1, sample: 1),
        ]
        #expect(Set(masks).count == masks.count)
    }

    /// A higher rate drops what a lower one drops, and more.
    @Test func ratesAreNested() {
        for (low, high) in zip(factors(rate: 0.3), factors(rate: 0.6)) where low == 0 { #expect(high == 0) }
    }
}
