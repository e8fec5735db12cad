import ConvNet
import TestSupport
import Testing

/// What training leaves as it is: a setting of training, for which a network may have a default.
@Suite struct FrozenLayerTests {
    private static let engines: [any Engine] = [ReferenceEngine()] + ((try? [Engines.makeDefault(threads: 2)]) ?? [])

    private static func network(frozen: Bool) throws -> Network {
        try Network(input: [3, 8, 8]) {
            Sequential {
                Conv2D(17, kernel: 3, padding: 1, bias: false)
                BatchNorm(frozen: frozen)
                ReLU()
            }
            .named("features")
            Conv2D(5, kernel: 3, bias: false).named("conv")
            BatchNorm(frozen: frozen).named("norm")
            GlobalAveragePool2D()
            Dense(3).named("fc")
        }
    }

    /// What has changed after two epochs, by name.
    private static func changed(
        _ engine: any Engine, frozen: Bool, _ setting: [String]?, groups: [ParameterGroup] = []
    ) async throws -> (names: Set<String>, weights: [String: [Float]]) {
        let model = try Model(network(frozen: frozen), engine: engine, seed: 3)
        var weights = try await model.weights()
        weights["features.1.running_mean"] = (0..<17).map { Float($0) / 20 - 0.4 }
        weights["features.1.running_var"] = (0..<17).map { Float($0) / 20 + 0.5 }
        try await model.setWeights(weights)
        let images = (0..<12 * 192).map { (index: Int) -> Float in
            let number = (index * 37 + 11) % 101
            return Float(number) / 50 - 1
        }
        let dataset = try ArrayDataset(
            images: images, shape: [3, 8, 8], labels: (0..<12).map { $0 % 3 }, classes: ["a", "b", "c"], name: "numbers"
        )
        let trainer = Trainer(epochs: 2, batchSize: 4, learningRate: 0.05, parameterGroups: groups, frozen: setting)
        try await trainer.train(model, on: dataset)
        let after = try await model.weights()
        return (Set(after.filter { $0.value != weights[$0.key] }.keys), after)
    }

    private static let trained: Set = [
        "features.0.weight", "features.1.weight", "features.1.bias", "conv.weight", "norm.weight", "norm.bias",
        "fc.weight", "fc.bias",
    ]
    private static let features: Set = ["features.0.weight", "features.1.weight", "features.1.bias"]
    private static let statistics: Set = [
        "features.1.running_mean", "features.1.running_var", "norm.running_mean", "norm.running_var",
    ]

    @Test(arguments: engines)
    func nothingIsFrozenUnlessItIsSaid(engine: any Engine) async throws {
        #expect(try await Self.changed(engine, frozen: false, nil).names == Self.trained.union(Self.statistics))
        #expect(try await Self.changed(engine, frozen: true, []).names == Self.trained.union(Self.statistics))
    }

    /// As files of earlier versions mean it.
    @Test(arguments: engines)
    func aNetworkSaysWhichStatisticsStandStill(engine: any Engine) async throws {
        #expect(try await Self.changed(engine, frozen: true, nil).names == Self.trained)
    }

    @Test(arguments: engines)
    func frozenBatchNormsStandStillWithTheirStatistics(engine: any Engine) async throws {
        let found = try await Self.changed(engine, frozen: false, ["features.*"])
        #expect(
            found.names == Self.trained.subtracting(Self.features).union(["norm.running_mean", "norm.running_var"]))
        // The network's own word counts for nothing then.
        let other = try await Self.changed(engine, frozen: true, ["features.*"])
        #expect(other.weights.bits == found.weights.bits)
        // Weights alone do not make a norm stand still.
        let weights = try await Self.changed(engine, frozen: false, ["features.*.weight", "features.*.bias"])
        #expect(weights.names == Self.trained.subtracting(Self.features).union(Self.statistics))
    }

    /// The setting and the network's word with rates of 0 make the same.
    @Test(arguments: engines)
    func bothWaysOfFreezingGiveTheSameBits(engine: any Engine) async throws {
        let all = ["features.*", "norm.*"]
        let groups = all.map { ParameterGroup($0, learningRateFactor: 0) }
        let setting = try await Self.changed(engine, frozen: false, all)
        let network = try await Self.changed(engine, frozen: true, nil, groups: groups)
        #expect(setting.weights.bits == network.weights.bits)
        #expect(setting.names == ["conv.weight", "fc.weight", "fc.bias"])
    }

    @Test func unknownPatternsAreAnswered() async throws {
        let error = try await #require(throws: SettingError.self) {
            try await Self.changed(ReferenceEngine(), frozen: false, ["feature.*"])
        }
        #expect(
            "\(error)"
                == "the pattern of frozen parameters 'feature.*' matches no parameter; the nearest are "
                + "features.0.weight, features.1.weight, features.1.bias")
    }

    /// It has nothing that is trained, and statistics all the same.
    @Test(arguments: engines)
    func normsWithoutScaleAndShiftAreFrozenToo(engine: any Engine) async throws {
        let network = try Network(input: [3]) {
            Dense(4).named("first")
            BatchNorm(affine: false).named("norm")
            Dense(2).named("last")
        }
        let dataset = try ArrayDataset(
            images: (0..<12).map { Float($0) / 9 }, shape: [3], labels: [0, 1, 0, 1], classes: ["a", "b"])
        let model = try Model(network, engine: engine)
        try await Trainer(epochs: 2, batchSize: 2, learningRate: 0.1, frozen: ["norm.*"]).train(model, on: dataset)
        #expect(try await model.weights()["norm.running_mean"] == [0, 0, 0, 0])
    }

    /// A frozen norm does not look at its batch.
    @Test(arguments: engines)
    func batchesOfOneImageAreEnoughForFrozenNorms(engine: any Engine) async throws {
        let network = try Network(input: [3]) {
            Dense(4).named("first")
            BatchNorm().named("norm")
            Dense(2).named("last")
        }
        let dataset = try ArrayDataset(
            images: (0..<9).map { Float($0) / 9 }, shape: [3], labels: [0, 1, 0], classes: ["a", "b"], name: "numbers")
        let model = try Model(network, engine: engine)
        let trainer = Trainer(epochs: 1, batchSize: 1, learningRate: 0.1, frozen: ["norm.*"])
        try await trainer.train(model, on: dataset)
        #expect(try await model.weights()["norm.running_mean"] == [0, 0, 0, 0])
    }
}
