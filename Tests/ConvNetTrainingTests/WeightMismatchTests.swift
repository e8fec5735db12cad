import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

@Suite struct WeightMismatchTests {
    private func network() throws -> Network {
        try Network(input: [1, 4, 4]) {
            Conv2D(2, kernel: 3, bias: false).named("conv")
            BatchNorm().named("norm")
            Flatten()
            Dense(3).named("head")
        }
    }

    private func shapes(_ network: Network) -> [String: [Int]] {
        Dictionary(uniqueKeysWithValues: network.parameters.map { ($0.name, $0.shape) })
    }

    @Test func weightsThatFit() throws {
        let network = try network()
        var shapes = shapes(network)
        try network.checkWeights(shapes)
        shapes["norm.num_batches_tracked"] = []
        try network.checkWeights(shapes)
        // A counter of something else than a norm is not known.
        shapes["head.num_batches_tracked"] = []
        let error = try #require(throws: WeightMismatch.self) { try network.checkWeights(shapes) }
        #expect(error.unexpected == ["head.num_batches_tracked"])
    }

    @Test func everyKindAtOnce() throws {
        let network = try network()
        var shapes = shapes(network)
        shapes["conv.weight"] = [2, 3, 3, 1]
        shapes["head.bias"] = nil
        shapes["norm.running_var"] = nil
        shapes["heads.bias"] = [3]
        shapes["\u{1B}[31m"] = [1]
        let error = try #require(throws: WeightMismatch.self) {
            try network.checkWeights(shapes, source: "w.safetensors")
        }
        #expect(
            "\(error)" == #"""
                the weights in w.safetensors do not fit the network, nothing was loaded
                  missing, 2 of 7:
                    norm.running_var
                    head.bias
                  unexpected, 2:
                    \u{1b}[31m
                    heads.bias, perhaps the missing head.bias
                  of another shape, 1:
                    conv.weight: 2×3×3×1, expected 2×1×3×3
                """#)
    }

    @Test func atMostTenOfEach() throws {
        let network = try Network(input: [1]) { for _ in 0..<12 { Dense(1, bias: false) } }
        let shapes = Dictionary(uniqueKeysWithValues: (10..<21).map { ("layer number \($0)", [1]) })
        let error = try #require(throws: WeightMismatch.self) { try network.checkWeights(shapes) }
        #expect((error.missing.count, error.unexpected.count) == (12, 11))
        let lines = "\(error)".split(separator: "\n")
        #expect(lines.count == 1 + 12 + 12)
        #expect(lines[1] == "  missing, 12 of 12:" && lines[11] == "    9.weight" && lines[12] == "    and 2 more")
        #expect(lines[13] == "  unexpected, 11:" && lines[24] == "    and 1 more")
    }

    /// The model is as it was: what fits is not taken either.
    @Test func nothingIsLoaded() async throws {
        let model = try Model(network(), engine: ReferenceEngine(), seed: 1)
        let before = try await model.weights()
        var values = before.mapValues { $0.map { _ in 7 as Float } }
        values["head.weight"]?.removeLast()
        let wrong = values
        let error = try await #require(throws: WeightMismatch.self) { try await model.setWeights(wrong) }
        #expect(
            "\(error)" == """
                the weights do not fit the network, nothing was loaded
                  of another shape, 1:
                    head.weight: 23, expected 3×8
                """)
        #expect(try await model.weights() == before)
    }
}
