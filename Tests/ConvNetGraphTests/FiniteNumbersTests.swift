import ConvNetGraph
import Testing

@Suite struct FiniteNumbersTests {
    @Test(arguments: [
        Float.nan, -.nan, .signalingNaN, .infinity, -.infinity, Float(bitPattern: 0x7F80_0001),
        Float(bitPattern: 0xFFFF_FFFF),
    ])
    func isFoundAtEveryPosition(value: Float) {
        for count in [1, 3, 4, 15, 64, 77] {
            for position in 0..<count {
                var values = [Float](repeating: 1, count: count)
                values[position] = value
                #expect(values.firstNotFinite == position)
                values[count - 1] = value
                #expect(values.firstNotFinite == position, "the first of two")
            }
        }
    }

    @Test func finiteNumbersAreNot() {
        let finite: [Float] = [
            0, -0, .leastNonzeroMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
        ]
        #expect(finite.firstNotFinite == nil)
        #expect([Float]().firstNotFinite == nil)
    }

    /// One has its exponent's upper bits set, another the rest of them.
    @Test func bitsOfSeveralNumbersDoNotAddUp() {
        #expect([Float(bitPattern: 0x7000_0000), Float(bitPattern: 0x0F80_0000)].firstNotFinite == nil)
    }

    @Test func positionsInAPartAreThoseOfTheWhole() {
        let values: [Float] = [.nan, 1, 2, .infinity]
        #expect(values[1...].firstNotFinite == 3)
    }
}
