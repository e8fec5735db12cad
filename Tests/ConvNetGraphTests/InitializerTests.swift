import Testing

@testable import ConvNetGraph

@Suite struct InitializerTests {
    private func parameters(
        weight: Initializer = .pyTorchDefault, bias: Initializer = .pyTorchDefault, groups: Int = 1
    ) throws -> [Parameter] {
        try Network(input: [16, 8, 8]) {
            Conv2D(32, kernel: Size(5, 3), groups: groups, weightInitializer: weight, biasInitializer: bias)
        }.parameters
    }

    private func weight(_ initializer: Initializer, groups: Int = 1) throws -> [Double] {
        let parameter = try parameters(weight: initializer, groups: groups)[0]
        return initializer.values(for: parameter, seed: 1).map(Double.init)
    }

    private func variance(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }

    /// In PyTorch, too, fan in is a filter's share of the input and fan out does not know of groups.
    @Test(arguments: [(1, 16 * 15), (2, 8 * 15), (16, 15)])
    func fansOfAConvolution(groups: Int, fanIn: Int) throws {
        for parameter in try parameters(groups: groups) {
            #expect(parameter.fanIn == fanIn)
            #expect(parameter.fanOut == 32 * 15)
        }
    }

    @Test func fansOfADenseLayer() throws {
        for parameter in try Network(input: [7], layers: { Dense(3) }).parameters {
            #expect(parameter.fanIn == 7)
            #expect(parameter.fanOut == 3)
        }
    }

    private static let expectedVariances: [(Initializer, Int, Double)] = [
        (.normal(), 1, 0.01 * 0.01),
        (.normal(mean: 2, standardDeviation: 0.5), 1, 0.25),
        (.uniform(low: 1, high: 4), 1, 9 / 12.0),
        (.kaimingNormal(), 1, 2 / 240.0),
        (.kaimingNormal(), 2, 2 / 120.0),
        (.kaimingNormal(.out), 1, 2 / 480.0),
        (.kaimingUniform(), 1, 2 / 240.0),
        (.kaimingUniform(), 2, 2 / 120.0),
        (.kaimingUniform(.out), 2, 2 / 480.0),
        (.xavierNormal(), 1, 2 / 720.0),
        (.xavierNormal(gain: 2), 1, 8 / 720.0),
        (.xavierUniform(), 2, 2 / 600.0),
        (.xavierUniform(gain: 0.5), 1, 0.5 / 720),
        (.pyTorchDefault, 1, 1 / 240.0 / 3),
        (.pyTorchDefault, 2, 1 / 120.0 / 3),
    ]

    /// Within five per cent, of 7680 numbers or 3840 in two groups: two standard errors and more, and far less than any
    /// other formula is off.
    @Test(arguments: expectedVariances)
    func variances(initializer: Initializer, groups: Int, expected: Double) throws {
        let values = try weight(initializer, groups: groups)
        #expect(values.count == 32 * 16 / groups * 15)
        #expect(abs(variance(values) / expected - 1) < 0.05)
    }

    private static let squaredBounds: [(Initializer, Int, Double)] = [
        (.kaimingUniform(), 1, 6 / 240.0),
        (.kaimingUniform(), 2, 6 / 120.0),
        (.kaimingUniform(.out), 1, 6 / 480.0),
        (.xavierUniform(), 1, 6 / 720.0),
        (.xavierUniform(gain: 2), 2, 4 * 6 / 600.0),
        (.pyTorchDefault, 1, 1 / 240.0),
        (.pyTorchDefault, 16, 1 / 15.0),
    ]

    /// Uniform numbers keep within ±√(3 · variance) and come close to it.
    @Test(arguments: squaredBounds)
    func bounds(initializer: Initializer, groups: Int, squaredBound: Double) throws {
        let bound = squaredBound.squareRoot()
        let values = try weight(initializer, groups: groups)
        #expect(values.allSatisfy { abs($0) <= bound * 1.000_001 })
        #expect(values.contains { $0 > 0.97 * bound })
        #expect(values.contains { $0 < -0.97 * bound })
    }

    @Test func meansAndRanges() throws {
        let normal = try weight(.normal(mean: 2, standardDeviation: 0.5))
        let mean: Double = normal.reduce(0, +) / Double(normal.count)
        #expect(abs(mean - 2) < 0.03)
        #expect(try weight(.uniform(low: 1, high: 4)).allSatisfy { 1 <= $0 && $0 <= 4 })
        #expect(try weight(.constant(0.25)).allSatisfy { $0 == 0.25 })
    }

    /// A bias has no inputs of its own: its bound is that of its weight.
    @Test func biasBound() throws {
        let bias = try parameters(groups: 16)[1]
        let values = bias.initializer.values(for: bias, seed: 1)
        let bound = (1 / Float(15)).squareRoot()
        #expect(values.count == 32)
        #expect(values.allSatisfy { abs($0) <= bound })
        #expect(values.contains { abs($0) > 0.8 * bound })
    }

    @Test func weightAndBiasHaveTheirOwnInitializers() throws {
        let parameters = try parameters(weight: .kaimingNormal(), bias: .constant(0))
        #expect(parameters.map(\.initializer) == [.kaimingNormal(), .constant(0)])
    }

    @Test func sameSeedSameBits() throws {
        for parameter in try parameters(weight: .kaimingNormal(), bias: .uniform(low: 0, high: 1)) {
            let values = parameter.initializer.values(for: parameter, seed: 1)
            #expect(parameter.initializer.values(for: parameter, seed: 1).map(\.bitPattern) == values.map(\.bitPattern))
            #expect(parameter.initializer.values(for: parameter, seed: 2) != values)
        }
    }

    @Test func otherLayersChangeNothing() throws {
        let alone = try Network(input: [3, 8, 8]) { Conv2D(3, kernel: 3).named("conv1") }.parameters
        let together = try Network(input: [3, 8, 8]) {
            Conv2D(3, kernel: 1).named("stem")
            Conv2D(3, kernel: 3).named("conv1")
            Conv2D(3, kernel: 3).named("conv2")
        }.parameters
        func values(_ parameters: [Parameter], _ name: String) throws -> [Float] {
            let parameter = try #require(parameters.first { $0.name == name })
            return parameter.initializer.values(for: parameter, seed: 9)
        }
        #expect(try values(together, "conv1.weight") == values(alone, "conv1.weight"))
        #expect(try values(together, "conv1.bias") == values(alone, "conv1.bias"))
        // Same shape and fans; only the name differs.
        #expect(try values(together, "conv2.weight") != values(together, "conv1.weight"))
        #expect(try values(together, "conv2.bias") != values(together, "conv1.bias"))
    }
}
