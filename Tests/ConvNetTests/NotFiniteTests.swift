import ConvNet
import ConvNetGraph
import Foundation
import OneDNNEngine
import TestSupport
import Testing

/// Numbers that are not finite do not go unnoticed, wherever they come in.
@Suite struct NotFiniteTests {
    private static let engines: [any Engine] = [
        ReferenceEngine(), (try? OneDNNEngine(threads: 2)) ?? ReferenceEngine(),
    ]

    private let directory: ScratchDirectory
    private let url: URL

    init() throws {
        directory = try ScratchDirectory()
        url = directory.file("model.safetensors")
    }

    private static func network() throws -> Network {
        try Network(input: [1, 6, 6]) {
            Conv2D(4, kernel: 3, bias: false).named("conv")
            BatchNorm().named("norm")
            ReLU()
            Conv2D(4, kernel: 3).named("last")
            ReLU()
            Flatten()
            Dense(2).named("fc")
        }
    }

    private static func dataset(_ value: Float?, image: Int = 5) throws -> ArrayDataset {
        var pixels = RandomStream(seed: 1, purpose: .synthesis).uniform(16 * 36, low: 0, high: 1)
        if let value { pixels[image * 36 + 7] = value }
        return try ArrayDataset(
            images: pixels, shape: [1, 6, 6], labels: (0..<16).map { $0 % 2 }, classes: ["a", "b"], name: "noise")
    }

    private static func model(_ engine: any Engine, _ change: (inout [String: [Float]]) -> Void = { _ in }) async throws
        -> Model
    {
        let model = try Model(network(), classes: ["a", "b"], engine: engine)
        var parameters = try await model.weights()
        change(&parameters)
        try await model.setWeights(parameters)
        return model
    }

    // MARK: Images

    @Test(arguments: engines.indices, [Float.nan, .infinity, -.infinity, -.nan])
    func images(engine: Int, value: Float) async throws {
        let bad = try Self.dataset(value)
        let model = try await Self.model(Self.engines[engine])
        func expectName(_ body: () async throws -> Void) async {
            let error = await #expect(throws: TrainingError.self) { try await body() }
            guard case .imageNotFinite(let image, let found) = error else {
                return #expect(Bool(false), "\(String(describing: error))")
            }
            #expect(image == "noise #5")
            #expect(found.isNaN == value.isNaN && (value.isNaN || found == value))
        }
        await expectName { _ = try await model.evaluate(bad) }
        await expectName { _ = try await model.report(on: bad) }
        await expectName { _ = try await model.probabilities(of: bad) }
        let trainer = Trainer(epochs: 1, batchSize: 8, learningRate: 0.05)
        await expectName { _ = try await trainer.train(model, on: bad) }
        await expectName { _ = try await trainer.train(model, on: Self.dataset(nil), validation: bad) }
        #expect(
            "\(TrainingError.imageNotFinite(image: "noise #5", value: .nan))"
                == "noise #5 has a value that is not finite (nan), as it is or once it has been preprocessed; mend the image "
                + "or leave it out")
    }

    /// Of a dataset whose images threads read.
    @Test func imagesThatAreReadAhead() async throws {
        struct Slow: Dataset {
            let images: ArrayDataset
            var name: String { images.name }
            var count: Int { images.count }
            var imageShape: Shape? { images.imageShape }
            var classes: [String] { images.classes }
            var isCostlyToRead: Bool { true }
            func target(at index: Int) -> Target { images.target(at: index) }
            func imageName(at index: Int) -> String { "picture \(index)" }
            func item(at index: Int) -> DatasetItem { images.item(at: index) }
        }
        let model = try await Self.model(ReferenceEngine())
        await #expect(throws: TrainingError.imageNotFinite(image: "picture 11", value: .infinity)) {
            try await model.evaluate(Slow(images: Self.dataset(.infinity, image: 11)))
        }
    }

    // MARK: Weights

    private static let changes: [(name: String, change: @Sendable (inout [String: [Float]]) -> Void)] = [
        ("conv.weight", { $0["conv.weight"]![3] = .nan }),
        ("last.weight", { $0["last.weight"]![0] = .nan }),
        ("last.bias", { $0["last.bias"]![1] = .infinity }),
        ("norm.running_mean", { $0["norm.running_mean"]![2] = -.infinity }),
        ("norm.running_var", { $0["norm.running_var"]![2] = .nan }),
        ("norm.running_var", { $0["norm.running_var"]![0] = -1e-3 }),
        ("norm.weight", { $0["norm.weight"]![0] = .nan }),
        ("fc.bias", { $0["fc.bias"]![1] = .nan }),
    ]

    @Test(arguments: engines.indices, changes.indices)
    func weights(engine: Int, change: Int) async throws {
        let (name, change) = Self.changes[change]
        let model = try await Self.model(Self.engines[engine], change)
        let data = try Self.dataset(nil)
        func expectName(_ body: () async throws -> Void) async {
            let error = await #expect(throws: ModelError.self) { try await body() }
            guard case .parameter(name, _) = error else { return #expect(Bool(false), "\(String(describing: error))") }
        }
        await expectName { _ = try await model.evaluate(data) }
        await expectName { _ = try await model.report(on: data) }
        await expectName { _ = try await model.probabilities(of: data) }
        await expectName { try await model.save(to: url) }
        #expect(!FileManager.default.fileExists(atPath: url.path))
    }

    @Test(arguments: changes.indices)
    func weightsInFiles(change: Int) async throws {
        let (name, change) = Self.changes[change]
        try await Self.model(ReferenceEngine()).save(to: url)
        var file = try TamperedModelFile(contentsOf: url)
        var values = file.tensors.mapValues(\.values)
        change(&values)
        for (name, values) in values { file.tensors[name]?.values = values }
        let error = #expect(throws: ModelFileError.self) { try file.read(by: url) }
        #expect("\(error!)".contains("the parameter \(name) cannot be used: value "))
    }

    /// A ReLU in one call with a convolution may make 0 of what is not a number, so that the loss is finite all the same.
    @Test(arguments: engines.indices, [0, 1])
    func runsEndWithTheWeights(engine: Int, change: Int) async throws {
        let model = try await Self.model(Self.engines[engine], Self.changes[change].change)
        let error = await #expect(throws: TrainingError.self) {
            try await Trainer(epochs: 2, batchSize: 8, learningRate: 0.05).train(model, on: Self.dataset(nil))
        }
        #expect(error?.isDivergence == true)
    }

    // MARK: Logits

    @Test(arguments: engines.indices)
    func logits(engine: Int) async throws {
        let model = try await Self.model(Self.engines[engine]) { parameters in
            for name in ["last.weight", "fc.weight"] {
                parameters[name] = parameters[name]!.map { _ in 3e38 }
            }
        }
        let error = await #expect(throws: ModelError.self) { try await model.evaluate(Self.dataset(nil)) }
        #expect(error == .logitsNotFinite(image: "noise #0"))
        await #expect(throws: ModelError.self) { try await model.save(to: url) }
        #expect(!FileManager.default.fileExists(atPath: url.path))
    }

    /// What is asked for without a dataset is answered as it is.
    @Test(arguments: engines.indices)
    func logitsOfWhatIsNoNumber(engine: Int) async throws {
        let network = try Network(input: [1, 2, 4]) {
            ReLU()
            MaxPool2D(2)
            ReLU6()
            Flatten()
        }
        let logits = try await Model(network, engine: Self.engines[engine]).logits([1, 2, .nan, 4, 5, 6, 7, 8])
        #expect(logits[0] == 6 && logits[1].isNaN)
    }
}
