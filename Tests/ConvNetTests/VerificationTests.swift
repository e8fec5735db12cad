import Foundation
import TestSupport
import Testing

@testable import ConvNet

/// Whether a model gives the logits that were recorded with it.
@Suite struct VerificationTests {
    /// A model file of one engine, as it is after writing and reading.
    private func modelFile(engine: any Engine) async throws -> ModelFile {
        let directory = try ScratchDirectory()
        let url = directory.file("model.safetensors")
        try await Corners.model(engine: engine, seed: 3).save(to: url)
        return try ModelFile(contentsOf: url)
    }

    private func result(of file: ModelFile, in engine: any Engine) async throws -> VerificationResult {
        let verification = try #require(file.verification)
        return try await verification.check(Model.load(file, engine: engine))
    }

    @Test(arguments: Engines.names)
    func passesWhereItWasMade(engine: String) async throws {
        let engine = try Engines.make(named: engine, threads: 2, algorithms: .exact)
        let found = try await result(of: modelFile(engine: engine), in: engine)
        #expect(found == VerificationResult(imageCount: 4, largestDifference: 0, relativeDifference: 0))
    }

    @Test(arguments: Engines.names, Engines.names)
    func passesInEveryEngine(maker: String, user: String) async throws {
        let file = try await modelFile(engine: Engines.make(named: maker, threads: 2))
        let found = try await result(of: file, in: Engines.make(named: user, threads: 2))
        #expect(found.relativeDifference < 1e-4)
    }

    /// A case is computed exactly, so that it proves a model whatever that was trained with.
    @Test(.enabled(if: (try? Engines.makeDefault(precision: .bf16)) != nil))
    func isComputedInFloat32() async throws {
        let engine = try Engines.makeDefault(threads: 2, precision: .bf16)
        let file = try await modelFile(engine: engine)
        #expect(try await result(of: file, in: engine).relativeDifference > 1e-4)
        let found = try await result(of: file, in: Engines.makeDefault(threads: 2, algorithms: .exact))
        #expect(found.largestDifference == 0)
    }

    /// One recorder serves all models of a run: none leaves anything behind for the next.
    @Test(arguments: Engines.names)
    func recordsOneModelAfterAnother(engine: String) async throws {
        let engine = try Engines.make(named: engine, threads: 1)
        let network = try Corners.residualNetwork()
        let recorder = try VerificationRecorder(network, engine: engine)
        var seen: Set<[UInt32]> = []
        for seed in [1, 2, 1] as [UInt64] {
            let parameters = try await Model(network, classes: Corners.classes, engine: engine, seed: seed).weights()
            let logits = try recorder.record(parameters).logits.map(\.bitPattern)
            #expect(
                try logits == VerificationRecorder(network, engine: engine).record(parameters).logits.map(\.bitPattern))
            seen.insert(logits)
        }
        #expect(seen.count == 2)
    }

    @Test(arguments: ["0.weight", "0.bias", "5.weight", "5.bias"])
    func failsOnceAWeightIsChanged(name: String) async throws {
        var file = try await modelFile(engine: ReferenceEngine())
        file.weights[name]?[0] += 0.1
        let found = try await result(of: file, in: ReferenceEngine())
        #expect(found.relativeDifference > 1e-3)
        #expect(found.largestDifference > 0)
    }

    /// The relative difference is that to the largest logit recorded.
    @Test func differencesInNumbers() async throws {
        let network = try Network(input: [2]) { Dense(2) }
        let directory = try ScratchDirectory()
        let url = directory.file("case.safetensors")
        var writer = SafetensorsWriter()
        try writer.append("images", shape: [1, 2], floats: [1, 0])
        try writer.append("logits", shape: [1, 2], floats: [-4, 2])
        try writer.write(to: url)
        let verification = try #require(try VerificationCase(in: SafetensorsFile(contentsOf: url)))
        let model = try Model(network, engine: ReferenceEngine())
        try await model.setWeights(["0.weight": [-4, 9, 2.5, 9], "0.bias": [0, 0]])
        let found = try await verification.check(model)
        #expect(found == VerificationResult(imageCount: 1, largestDifference: 0.5, relativeDifference: 0.125))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func logitsThatAreNoNumbersAreInfinitelyFar(value: Float) async throws {
        var file = try await modelFile(engine: ReferenceEngine())
        file.weights["5.bias"]?[1] = value
        let found = try await result(of: file, in: ReferenceEngine())
        #expect(found == VerificationResult(imageCount: 4, largestDifference: .infinity, relativeDifference: .infinity))
    }

    /// Otherwise a case of such logits would prove any model.
    @Test func recordedLogitsMustBeNumbers() async throws {
        var file = try await modelFile(engine: ReferenceEngine())
        file.verification?.logits[3] = .nan
        let found = try await result(of: file, in: ReferenceEngine())
        #expect(found.relativeDifference == .infinity)
    }

    // MARK: Cases that do not fit

    @Test func caseForAnotherNetwork() async throws {
        let verification = try #require(try await modelFile(engine: ReferenceEngine()).verification)
        let other = try Model(
            Network(input: [1, 8, 9]) {
                Flatten()
                Dense(2)
            }, engine: ReferenceEngine())
        let error = try await #require(throws: ModelMismatch.self) { try await verification.check(other) }
        #expect(
            "\(error)"
                == "the case is for 1×8×8 and 3 outputs, "
                + "the network takes 1×8×9 and has 2")
    }

    private func problem(of tensors: [(name: String, shape: [Int])]) throws -> String {
        var writer = SafetensorsWriter()
        for (name, shape) in tensors {
            try writer.append(name, shape: shape, floats: [Float](repeating: 0, count: shape.reduce(1, *)))
        }
        let file = try SafetensorsFile(data: writer.encoded(), name: "case")
        return try #require(throws: ModelFileError.self) { try VerificationCase(in: file) }.problem
    }

    @Test func incompleteCases() throws {
        let sentence = "a case needs both tensors, \"images\" and \"logits\""
        #expect(try problem(of: [("images", [1, 1, 8, 8])]) == sentence)
        #expect(try problem(of: [("logits", [1, 3])]) == sentence)
        #expect(try VerificationCase(in: SafetensorsFile(data: SafetensorsWriter().encoded(), name: "case")) == nil)
    }

    @Test(arguments: [
        ([2, 1, 8, 8], [1, 3], "\"images\" is 2×1×8×8 and \"logits\" 1×3"),
        ([2], [2, 3], "\"images\" is 2 and \"logits\" 2×3"),
        ([1, 8], [1, 3, 1], "\"images\" is 1×8 and \"logits\" 1×3×1"),
        ([0, 1, 8, 8], [0, 3], "\"images\" is 0×1×8×8 and \"logits\" 0×3"),
    ])
    func casesOfOtherShapes(images: [Int], logits: [Int], problem: String) throws {
        #expect(
            try self.problem(of: [("images", images), ("logits", logits)])
                == problem + "; expected N×C×H×W and N×classes")
    }
}
