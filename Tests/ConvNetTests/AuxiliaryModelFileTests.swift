import ConvNet
import Foundation
import TestSupport
import Testing

/// Models with auxiliary classifiers in files.
@Suite struct AuxiliaryModelFileTests {
    private let directory: ScratchDirectory
    private let url: URL

    init() throws {
        directory = try ScratchDirectory()
        url = directory.file("model.safetensors")
    }

    private func model(seed: UInt64) throws -> Model {
        try Model(Corners.residualNetwork(), classes: Corners.classes, engine: Engines.makeDefault(), seed: seed)
    }

    @Test func trainedModelIsSavedWhole() async throws {
        let model = try model(seed: 1)
        _ = try await Trainer(epochs: 1, batchSize: 5, learningRate: 0.05).train(
            model, on: Corners.dataset(count: 10))
        try await model.save(to: url)
        let file = try ModelFile(contentsOf: url)
        #expect(file.network == model.network)
        #expect(try await file.weights.bits == model.weights().bits)
        #expect(file.weights.keys.contains("auxiliary.4.weight"))
        let loaded = try await Model.load(file, engine: Engines.makeDefault(algorithms: .exact))
        let verification = try #require(file.verification)
        #expect(try await verification.check(loaded).largestDifference == 0)
        #expect(try await loaded.weights().bits == model.weights().bits)
    }

    /// As files are that were written to predict with: the model predicts the same, and its classifiers start anew.
    @Test func auxiliaryWeightsMayBeMissing() async throws {
        try await model(seed: 1).save(to: url)
        var file = try ModelFile(contentsOf: url)
        file.weights = file.weights.filter { !$0.key.hasPrefix("auxiliary.") }
        try file.write(to: url)
        let read = try ModelFile(contentsOf: url)
        #expect(read.weights.bits == file.weights.bits)
        let loaded = try await Model.load(read, engine: Engines.makeDefault(algorithms: .exact))
        #expect(try await #require(read.verification).check(loaded).largestDifference == 0)
        #expect(try await loaded.weights()["auxiliary.4.weight"]?.allSatisfy { $0 != 0 } == true)
    }

    @Test func otherWeightsMayNot() async throws {
        try await model(seed: 1).save(to: url)
        var file = try ModelFile(contentsOf: url)
        file.weights["0.weight"] = nil
        let error = try #require(throws: WeightMismatch.self) { try file.write(to: url) }
        #expect(error.missing == ["0.weight"])
    }

    /// Weights that are there must fit.
    @Test func shapesOfAuxiliaryWeightsAreChecked() async throws {
        let network = try Corners.residualNetwork()
        let parameters = try await model(seed: 1).weights()
        var writer = SafetensorsWriter()
        for parameter in network.parameters {
            let isChanged = parameter.name == "auxiliary.4.bias"
            let values = try #require(parameters[parameter.name])
            try writer.append(
                parameter.name, shape: isChanged ? [2] : parameter.shape, floats: isChanged ? [0, 0] : values)
        }
        try writer.write(to: url)
        let file = try SafetensorsFile(contentsOf: url)
        let error = try #require(throws: WeightMismatch.self) { try file.weights(for: network) }
        #expect(error.misshapen.map { "\($0.name) \($0.expected) \($0.received)" } == ["auxiliary.4.bias [3] [2]"])
    }
}
