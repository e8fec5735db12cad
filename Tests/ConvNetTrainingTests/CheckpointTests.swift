import Foundation
import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

/// Checkpoint files: what they hold, and which of them a run refuses.
@Suite struct CheckpointTests {
    private let directory: ScratchDirectory
    private let file: URL

    init() throws {
        directory = try ScratchDirectory()
        file = directory.file("training.safetensors")
    }

    /// Writes the checkpoint of a run of three epochs of three steps, stopped after the fifth step.
    private func writeCheckpoint() async throws {
        let run = try ResumableRun(engine: ReferenceEngine())
        try await run.checkpoint(stoppedAfterStep: 5).write(to: file)
    }

    /// Resumes the checkpoint in the file as a run with other settings or another network would.
    private func resume(
        _ change: (inout Trainer) -> Void = { _ in }, network: Network? = nil, images: Int = 10
    ) async throws {
        var trainer = try ResumableRun(engine: ReferenceEngine()).trainer
        change(&trainer)
        let model = try Model(network ?? Corners.network(), classes: Corners.classes, engine: ReferenceEngine())
        _ = try await trainer.train(
            model, on: Corners.dataset(count: images), validation: Corners.dataset(count: 7, seed: 2),
            resuming: TrainingCheckpoint(contentsOf: file))
    }

    // MARK: What a file holds

    /// A setting that a checkpoint does not know could be another one in a run that goes on, without a word.
    @Test func everySettingOfATrainerIsInACheckpoint() {
        let names = Mirror(reflecting: Trainer(epochs: 1, learningRate: 0.1)).children.compactMap(\.label)
        let recorded = TrainingCheckpoint.Settings.recorded.map {
            $0.key == "batchParts" ? "accumulationSteps" : $0.key
        }
        // With which weights a model ends, and what is noted and measured on the way, changes nothing of the run.
        #expect(
            names.filter { !["metrics", "restoresBestWeights", "recordsUpdates", "recordsOutcomes"].contains($0) }
                == recorded)
    }

    @Test func tensorsAndMetadata() async throws {
        try await writeCheckpoint()
        let content = try SafetensorsFile(contentsOf: file)
        let parameters = ["0.weight", "0.bias", "5.weight", "5.bias"]
        #expect(
            Set(content.names)
                == Set(parameters.flatMap { ["parameters.\($0)", "optimizer.momentum.\($0)", "best.\($0)"] }))
        #expect(
            Set(content.metadata.keys) == [
                "convnet.checkpoint", "convnet.crc32", "convnet.crc32.metadata", "convnet.graph", "format",
            ])
        #expect(content.tensors["optimizer.momentum.0.weight"]?.shape == [4, 1, 3, 3])
    }

    @Test func readsWhatItWrote() async throws {
        try await writeCheckpoint()
        let checkpoint = try TrainingCheckpoint(contentsOf: file)
        let copy = directory.file("copy.safetensors")
        try checkpoint.write(to: copy)
        #expect(try Data(contentsOf: copy) == Data(contentsOf: file))
        #expect(checkpoint.finishedEpochs == 1)
        #expect(checkpoint.stepsInEpoch == 2)
        #expect(checkpoint.best?.epoch == 1)
        #expect(checkpoint.settings.imageCount == 10)
    }

    @Test func resumesWhatItWasMadeFor() async throws {
        try await writeCheckpoint()
        try await resume()
    }

    // MARK: Other runs

    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout Trainer) -> Void

        init(_ name: String, _ change: @escaping @Sendable (inout Trainer) -> Void) {
            testDescription = name
            self.change = change
        }
    }

    @Test(arguments: [
        Change("number of epochs") { $0.epochs = 4 }, Change("batch size") { $0.batchSize = 5 },
        Change("learning rate") { $0.learningRate = 0.25 }, Change("schedule") { $0.schedule = .constant },
        Change("schedule") { $0.schedule.warmup = 1 },
        Change("optimizer") { $0.optimizer = SGD(momentum: 0.8, weightDecay: 1e-3) },
        Change("optimizer") { $0.optimizer = SGD(momentum: 0.9) },
        Change("optimizer") { $0.optimizer = AdamW() },
        Change("loss") { $0.loss = SoftmaxCrossEntropy() }, Change("loss") { $0.loss = MeanSquaredError() },
        Change("number of batch parts") { $0.accumulationSteps = 2 },
        Change("gradient clipping") { $0.gradientClipping = .norm(1) },
        Change("list of parameter groups") { $0.parameterGroups = [ParameterGroup("*.bias", weightDecay: 0)] },
        Change("weight decay of biases and norms") { $0.decaysBiasesAndNorms = false },
        Change("list of frozen parameters") { $0.frozen = ["0.*"] },
        Change("averaging of weights") { $0.averaging = WeightAveraging() },
        Change("early stopping") { $0.earlyStopping = EarlyStopping(patience: 3) },
        Change("seed") { $0.seed = 6 },
    ])
    func refusedByOtherSettings(change: Change) async throws {
        try await writeCheckpoint()
        let error = try await #require(throws: TrainingError.self) { try await resume(change.change) }
        #expect("\(error)".hasPrefix("this checkpoint belongs to another run: its \(change.testDescription) is "))
    }

    @Test func refusalSaysWhatIsOff() async throws {
        try await writeCheckpoint()
        let error = try await #require(throws: TrainingError.self) {
            try await resume { $0.gradientClipping = .norm(2) }
        }
        #expect(
            "\(error)"
                == "this checkpoint belongs to another run: its gradient clipping is off, that of this run to a norm of 2.0"
        )
    }

    @Test func refusedByOtherImages() async throws {
        try await writeCheckpoint()
        let error = try await #require(throws: TrainingError.self) { try await resume(images: 11) }
        #expect(
            "\(error)"
                == "this checkpoint belongs to another run: its number of training images is 10, that of this run 11")
    }

    @Test func refusedByAnotherNetwork() async throws {
        try await writeCheckpoint()
        // One with other names, and one with other sizes under the same names.
        let wider = try Network(input: Corners.shape) {
            Conv2D(5, kernel: 3, padding: 1)
            ReLU()
            MaxPool2D(2)
            Flatten()
            Dropout(0.25)
            Dense(3)
        }
        for network in [try Corners.linearNetwork(), wider] {
            let error = try await #require(throws: TrainingError.self) { try await resume(network: network) }
            #expect("\(error)" == "this checkpoint belongs to another run: its network has other parameters")
        }
    }

    /// Parameters are not all that a network is.
    @Test func anotherNetworkOfTheSameParametersIsRefused() async throws {
        try await writeCheckpoint()
        let other = try Corners.network().mapOperations { $0.operation is Dropout ? Dropout(0.5) : $0.operation }
        let error = try await #require(throws: TrainingError.self) { try await resume(network: other) }
        #expect(
            "\(error)"
                == "this checkpoint belongs to another run: its network is another one: layer 4 was Dropout(0.25), not "
                + "Dropout(0.5)")
    }

    /// The weights are those that the model had: a checkpoint is checked before any of it is used.
    @Test func refusalLeavesTheModelAsItWas() async throws {
        try await writeCheckpoint()
        let model = try Corners.model(seed: 3)
        let before = try await model.weights().bits
        await #expect(throws: TrainingError.self) {
            try await Trainer(epochs: 1, learningRate: 0.1).train(
                model, on: Corners.dataset(count: 10), resuming: TrainingCheckpoint(contentsOf: file))
        }
        #expect(try await model.weights().bits == before)
    }

    // MARK: Other files

    @Test func missingFile() {
        #expect(throws: SafetensorsError.self) { try TrainingCheckpoint(contentsOf: file) }
    }

    @Test func everyTruncatedFileIsRefused() async throws {
        try await writeCheckpoint()
        let whole = try Data(contentsOf: file)
        for length in stride(from: 0, to: whole.count, by: 97) {
            try whole.prefix(length).write(to: file)
            #expect(throws: SafetensorsError.self) { try TrainingCheckpoint(contentsOf: file) }
        }
    }

    @Test func otherSafetensorsFileIsRefused() throws {
        var writer = SafetensorsWriter(metadata: ["format": "pt"])
        try writer.append("0.weight", shape: [1], floats: [1])
        try writer.write(to: file)
        let error = try #require(throws: TrainingError.self) { try TrainingCheckpoint(contentsOf: file) }
        #expect("\(error)" == "this checkpoint belongs to another run: \(file.path) is not a checkpoint")
    }

    // MARK: Best weights in a file of their own

    /// Writes a checkpoint that names `best.safetensors`, and that file; returns all of the checkpoint.
    private func writeReferringCheckpoint() async throws -> Data {
        try await writeCheckpoint()
        let whole = try Data(contentsOf: file)
        let content = try SafetensorsFile(data: whole, name: "t")
        var best = SafetensorsWriter(metadata: ["a model's": "own"])
        for name in content.names where name.hasPrefix("best.") {
            let tensor = try #require(content.tensors[name])
            try best.append(
                String(name.dropFirst("best.".count)), shape: tensor.shape, floats: content.floats(named: name))
        }
        try best.append("images", shape: [1], floats: [1])
        try best.write(to: bestFile)
        try TrainingCheckpoint(contentsOf: file).write(
            to: file, bestIn: .init(name: "best.safetensors", checksum: FileChecksum(of: best.encoded())))
        return whole
    }

    private var bestFile: URL { directory.file("best.safetensors") }

    @Test func withTheBestWeightsElsewhere() async throws {
        let whole = try await writeReferringCheckpoint()
        let content = try SafetensorsFile(contentsOf: file)
        #expect(content.names.count == 8 && !content.names.contains { $0.hasPrefix("best.") })
        // Programs that know of no such file refuse the version.
        #expect(content.metadata["convnet.checkpoint"]?.contains(#""version":3"#) == true)
        let checkpoint = try TrainingCheckpoint(contentsOf: file)
        #expect(checkpoint.bestFile?.name == "best.safetensors")
        try await resume()
        // What it writes is complete by itself again.
        try checkpoint.write(to: file)
        #expect(try Data(contentsOf: file) == whole)
    }

    private func expectUnusable(_ problem: String, _ sourceLocation: SourceLocation = #_sourceLocation) throws {
        let error = try #require(throws: TrainingError.self, sourceLocation: sourceLocation) {
            try TrainingCheckpoint(contentsOf: file)
        }
        #expect(error == .bestModelUnusable(file: bestFile.path, problem: problem), sourceLocation: sourceLocation)
        #expect(
            "\(error)"
                == "\(bestFile.path), which has the best weights of the run that is to go on, \(problem); put it back "
                + "as it was (the run's model.safetensors is the same file, unless a later epoch was better), or start a "
                + "new run", sourceLocation: sourceLocation)
    }

    @Test func withTheBestWeightsMissing() async throws {
        _ = try await writeReferringCheckpoint()
        try FileManager.default.removeItem(at: bestFile)
        try expectUnusable("is missing")
    }

    /// One bit, and the size.
    @Test func withTheBestWeightsChanged() async throws {
        _ = try await writeReferringCheckpoint()
        let content = try Data(contentsOf: bestFile)
        var changed = content
        changed[changed.count - 1] ^= 1
        for other in [changed, content.dropLast(), content + [0], Data()] {
            try other.write(to: bestFile)
            try expectUnusable("has been changed since")
        }
        try content.write(to: bestFile)
        #expect(throws: Never.self) { try TrainingCheckpoint(contentsOf: file) }
    }

    /// A checkpoint from elsewhere must not lead to other directories.
    @Test(arguments: [
        "../best.safetensors", "/best.safetensors", "a/best.safetensors", ".", "..", "", "best\0.safetensors",
    ])
    func withTheBestWeightsInAnotherDirectory(name: String) async throws {
        _ = try await writeReferringCheckpoint()
        let checksum = FileChecksum(of: try Data(contentsOf: bestFile))
        try TrainingCheckpoint(contentsOf: file).write(to: file, bestIn: .init(name: name, checksum: checksum))
        #expect {
            try TrainingCheckpoint(contentsOf: file)
        } throws: { error in
            error is SafetensorsError
                || "\(error)".contains(
                    "which has the best weights of the run that is to go on, is not in the checkpoint's own")
        }
    }

    /// Of another network, or of none.
    @Test func withOtherFilesForTheBestWeights() async throws {
        _ = try await writeReferringCheckpoint()
        let checkpoint = try TrainingCheckpoint(contentsOf: file)
        var other = SafetensorsWriter()
        for name in ["0.weight", "0.bias", "5.weight", "5.bias"] { try other.append(name, shape: [1], floats: [1]) }
        try other.write(to: bestFile)
        func refer() throws {
            let checksum = FileChecksum(of: try Data(contentsOf: bestFile))
            try checkpoint.write(to: file, bestIn: .init(name: "best.safetensors", checksum: checksum))
        }
        try refer()
        let error = try #require(throws: TrainingError.self) { try TrainingCheckpoint(contentsOf: file) }
        #expect("\(error)" == "this checkpoint belongs to another run: 0.weight has another shape than its parameter")
        try SafetensorsWriter().write(to: bestFile)
        try refer()
        #expect(throws: SafetensorsError.self) { try TrainingCheckpoint(contentsOf: file) }
        try Data("text".utf8).write(to: bestFile)
        try refer()
        #expect(throws: SafetensorsError.self) { try TrainingCheckpoint(contentsOf: file) }
    }
}
