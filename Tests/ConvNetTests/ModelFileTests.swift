import ConvNet
import ConvNetGraph
import Foundation
import TestSupport
import Testing

/// What model files hold, and that they give back what was put in.
@Suite struct ModelFileTests {
    private let directory: ScratchDirectory
    private let url: URL
    private let preprocessing = Preprocessing(mean: [0.25], standardDeviation: [0.5])

    init() throws {
        directory = try ScratchDirectory()
        url = directory.file("model.safetensors")
    }

    private func model(seed: UInt64 = 7) throws -> Model {
        try Model(
            Corners.network(), classes: Corners.classes, preprocessing: preprocessing, engine: ReferenceEngine(),
            seed: seed)
    }

    // MARK: Round trips

    @Test func givesBackEveryBit() async throws {
        let model = try model()
        var parameters = try await model.weights()
        // Numbers that a detour over text would change.
        parameters["5.bias"] = [-0.0, .leastNonzeroMagnitude, 0.1]
        try await model.setWeights(parameters)
        try await model.save(to: url)
        let file = try ModelFile(contentsOf: url)
        #expect(file.network == model.network)
        #expect(file.classes == Corners.classes)
        #expect(file.preprocessing == preprocessing)
        #expect(file.weights.bits == parameters.bits)
        #expect(file.producer == "swift-convnet \(ConvNetVersion.current), reference 1")
    }

    @Test func loadedModelPredictsTheSame() async throws {
        let model = try model()
        try await model.save(to: url)
        let images = RandomStream(seed: 1, purpose: .synthesis).uniform(5 * 64, low: 0, high: 1)
        let loaded = try await Model.load(url, engine: ReferenceEngine())
        #expect(try await loaded.logits(images) == model.logits(images))
        #expect(loaded.classes == Corners.classes)
        // Without an engine asked for it is the fastest.
        #expect(try await Model.load(url).engineVersion == Engines.makeDefault().version)
    }

    @Test(arguments: ["lenet5", "convnet4", "resnet20", "squeezenet"])
    func networksOfTheCatalog(name: String) async throws {
        let model = try Model(NetworkCatalog.entry(named: name).network(classes: 4), engine: ReferenceEngine())
        try await model.save(to: url)
        let file = try ModelFile(contentsOf: url)
        #expect(file.network == model.network)
        #expect(try await file.weights.bits == model.weights().bits)
    }

    @Test func writingWhatWasReadGivesTheSameBytes() async throws {
        try await model().save(to: url)
        let copy = directory.file("copy.safetensors")
        try ModelFile(contentsOf: url).write(to: copy)
        #expect(try Data(contentsOf: copy) == Data(contentsOf: url))
    }

    // MARK: Bytes

    @Test func equalModelsGiveEqualBytes() async throws {
        try await model().save(to: url)
        let first = try Data(contentsOf: url)
        try await model().save(to: url)
        #expect(try Data(contentsOf: url) == first)
        try await model(seed: 8).save(to: url)
        #expect(try Data(contentsOf: url) != first)
    }

    @Test func namesOfTensorsAndMetadata() async throws {
        try await model().save(to: url)
        let file = try SafetensorsFile(contentsOf: url)
        #expect(Set(file.names) == ["0.weight", "0.bias", "5.weight", "5.bias", "images", "logits"])
        #expect(file.tensors["images"]?.shape == [4, 1, 8, 8])
        #expect(file.tensors["logits"]?.shape == [4, 3])
        #expect(
            Set(file.metadata.keys) == [
                "convnet.crc32", "convnet.crc32.metadata", "convnet.version", "convnet.graph", "convnet.classes",
                "convnet.preprocessing", "convnet.producer",
                "format",
            ])
        #expect(file.metadata["convnet.version"] == "1")
        #expect(file.metadata["convnet.classes"] == #"["top left","top right","bottom left"]"#)
        #expect(file.metadata["convnet.preprocessing"] == #"{"mean":[0.25],"standardDeviation":[0.5]}"#)
        // Without it, PyTorch's users cannot load the file with `transformers`.
        #expect(file.metadata["format"] == "pt")
    }

    @Test func graphInMetadata() async throws {
        let network = try Network(input: [4]) { Dense(2, bias: false).named("head") }
        let model = try Model(network, engine: ReferenceEngine())
        try await model.save(to: url)
        #expect(
            try SafetensorsFile(contentsOf: url).metadata["convnet.graph"]
                == #"{"nodes":[{"inputs":[],"operation":{"kind":"input","shape":[4]},"path":[],"shape":[4]},"#
                + #"{"inputs":[0],"operation":{"bias":false,"biasInitializer":{"pyTorchDefault":{}},"kind":"dense","#
                + #""units":2,"weightInitializer":{"pyTorchDefault":{}}},"path":["head"],"shape":[2]}],"version":1}"#)
    }

    @Test func classNamesMayBeAnything() async throws {
        let classes = ["naïve \"quotes\"\n", "", "🐈/🐕"]
        let model = try Model(Corners.network(), classes: classes, engine: ReferenceEngine())
        try await model.save(to: url)
        #expect(try ModelFile(contentsOf: url).classes == classes)
    }

    // MARK: Writing

    @Test func missingParameterIsNotWritten() async throws {
        try await model().save(to: url)
        let before = try Data(contentsOf: url)
        var file = try ModelFile(contentsOf: url)
        file.weights["5.bias"] = nil
        let error = try #require(throws: WeightMismatch.self) { try file.write(to: url) }
        #expect(error.missing == ["5.bias"])
        #expect(try Data(contentsOf: url) == before)
    }

    @Test func directoryThatIsNotThere() async throws {
        let model = try model()
        await #expect(throws: FileWriteError.self) { try await model.save(to: directory.file("a/b.safetensors")) }
    }

    // MARK: Classes

    @Test func classesOfADataset() async throws {
        try await model().save(to: url)
        let file = try ModelFile(contentsOf: url)
        func dataset(_ classes: [String]) throws -> ArrayDataset {
            try ArrayDataset(images: [], shape: Corners.shape, labels: [], classes: classes, name: "dots")
        }
        try file.checkClasses(of: dataset(Corners.classes))
        let other = ["top left", "bottom left", "top right"]
        let ordered = try #require(throws: ModelMismatch.self) { try file.checkClasses(of: dataset(other)) }
        #expect(
            "\(ordered)" == "dots has the model's classes in another order: class 1 is \"top right\" in the model and "
                + "\"bottom left\" there")
        try file.checkClasses(other, of: "dots", inAnyOrder: true)
        for inAnyOrder in [false, true] {
            let renamed = try #require(throws: ModelMismatch.self) {
                try file.checkClasses(["top left", "left", "bottom left"], of: "dots", inAnyOrder: inAnyOrder)
            }
            #expect("\(renamed)" == "the model's class \"top right\" is \"left\" in dots")
            #expect(throws: ModelMismatch.self) {
                try file.checkClasses(["top left", "top left", "top right"], of: "dots", inAnyOrder: inAnyOrder)
            }
        }
        let fewer = try #require(throws: ModelMismatch.self) {
            try file.checkClasses(of: dataset(["top left", "top right"]))
        }
        #expect("\(fewer)" == "the model has 3 classes, dots has 2: only the model has \"bottom left\"")
    }
}
