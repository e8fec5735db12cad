import ConvNet
import ConvNetTesting
import Foundation
import Testing

/// What layers make, and gradients with respect to images, layers and parameters, as a user asks for them.
@Suite struct InsideModelTests {
    private static let images: [Float] = (0..<384).map { index -> Float in Float((index * 37 + 11) % 101) / 101 }

    private static func layers(_ last: Int = 6) -> LayerList {
        var layers: [any Layer] = []
        layers += [
            Conv2D(5, kernel: 3, padding: 1).named("conv1"), BatchNorm().named("bn1"), Tanh(),
            AveragePool2D(2),
            Sequential {
                Conv2D(4, kernel: 3)
                ELU()
            }.named("block"),
            Flatten(), Dense(3).named("fc"),
        ]
        return LayerList(layers: Array(layers.prefix(last + 1)))
    }

    private static let engines: [any Engine] = [ReferenceEngine()] + ((try? [Engines.makeDefault(threads: 2)]) ?? [])

    private static func model(_ engine: any Engine = ReferenceEngine()) async throws -> Model {
        let network = try Network(input: [3, 8, 8]) { layers() }
        let preprocessing = Preprocessing(mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.3, 0.5])
        let model = try Model(network, preprocessing: preprocessing, engine: engine, seed: 3)
        // Statistics that are not those of a new network.
        var weights = try await model.weights()
        weights["bn1.running_mean"] = [0.1, -0.2, 0.3, 0, 0.5]
        weights["bn1.running_var"] = [0.5, 1.5, 2, 0.25, 1]
        try await model.setWeights(weights)
        return model
    }

    /// A network that ends there makes the same.
    @Test(arguments: engines)
    func featuresAreThoseOfTheNetworksBeginning(engine: any Engine) async throws {
        let model = try await Self.model(engine)
        let features = try await model.features(
            Self.images, at: ["conv1", "bn1", "2", "block", "block.0", "fc", "images"])
        let weights = try await model.weights()
        for (layer, last) in [("conv1", 0), ("bn1", 1), ("2", 2), ("block", 4), ("fc", 6)] {
            let network = try Network(input: [3, 8, 8]) { Self.layers(last) }
            let own = weights.filter { entry in network.parameters.contains { $0.name == entry.key } }
            let beginning = try Model(
                network, preprocessing: model.preprocessing, weights: own, engine: ReferenceEngine())
            let expected = try await beginning.logits(Self.images)
            #expect(relativeError(try #require(features[layer]), expected) < 1e-5, "\(layer)")
        }
        let first: Float = (Self.images[0] - 0.4) / 0.2
        #expect(features["images"]?[0] == first)
        #expect(features["block.0"]?.count == 2 * 4 * 2 * 2)
    }

    /// By central differences: of what the network reads, whose pixels are the dataset's divided by the deviation.
    @Test(arguments: engines)
    func gradientsAreDerivatives(engine: any Engine) async throws {
        let model = try await Self.model(engine)
        let exact = try await Self.model()
        let labels = [2, 0]
        func derivative(_ change: (Float) async throws -> Double) async throws -> Double {
            let step: Float = 1.0 / 128
            return (try await change(step) - change(-step)) / (2 * Double(step))
        }
        func loss(_ logits: [Float]) -> Double {
            var sum = 0.0
            for (index, label) in labels.enumerated() {
                let row = logits[index * 3..<index * 3 + 3].map(Double.init)
                sum += log(row.reduce(0) { $0 + exp($1) }) - row[label]
            }
            return sum / 2
        }
        let saliency = try await model.gradient(of: .logit(1), withRespectTo: .images, for: Self.images)
        let gradients = try await model.gradients(
            of: .loss(SoftmaxCrossEntropy(), labels: labels), withRespectTo: [.images, .parameter("conv1.weight")],
            for: Self.images)
        let weights = try await exact.weights()
        for pixel in stride(from: 0, to: Self.images.count, by: 53) {
            func logits(_ step: Float) async throws -> [Float] {
                var moved = Self.images
                moved[pixel] += step * [0.2, 0.3, 0.5][pixel / 64 % 3]
                return try await exact.logits(moved)
            }
            let logit = try await derivative { step in
                let logits = try await logits(step)
                return Double(logits[1] + logits[4])
            }
            #expect(abs(Double(saliency[pixel]) - logit) < 2e-4, "\(pixel)")
            let slope = try await derivative { loss(try await logits($0)) }
            #expect(abs(Double(gradients[0][pixel]) - slope) < 2e-4, "\(pixel)")
        }
        for index in stride(from: 0, to: gradients[1].count, by: 17) {
            let slope = try await derivative { step in
                var moved = weights
                moved["conv1.weight"]?[index] += step
                try await exact.setWeights(moved)
                return loss(try await exact.logits(Self.images))
            }
            #expect(abs(Double(gradients[1][index]) - slope) < 2e-4, "\(index)")
        }
    }

    /// From inside the network, and of more images than are computed at once.
    @Test(arguments: engines)
    func partsAreOneWhole(engine: any Engine) async throws {
        let model = try await Self.model(engine)
        let many: [Float] = (0..<70).flatMap { (index: Int) -> [Float] in
            Self.images[0..<192].map { (pixel: Float) -> Float in pixel + Float(index) / 100 }
        }
        let weights = [Float](repeating: 1, count: 70 * 4 * 2 * 2)
        let targets: [GradientTarget] = [.output(of: "bn1"), .parameter("block.0.bias"), .images]
        let whole = try await model.gradients(
            of: .output(of: "block", weights: weights), withRespectTo: targets, for: many)
        let one = try await model.gradients(
            of: .output(of: "block", weights: Array(weights.prefix(16))), withRespectTo: targets,
            for: Array(many[69 * 192..<70 * 192]))
        #expect(whole[0].count == 70 * 5 * 8 * 8 && whole[2].count == many.count)
        #expect(relativeError(Array(whole[0].suffix(one[0].count)), one[0]) < 1e-5)
        #expect(relativeError(Array(whole[2].suffix(192)), one[2]) < 1e-5)
        // All images count.
        let sums = [whole, one].map { $0[1].map { abs($0) }.reduce(0, +) }
        #expect(sums[0] > 30 * sums[1])
    }

    @Test(arguments: engines)
    func statisticsAreThoseOfTheFeatures(engine: any Engine) async throws {
        let model = try await Self.model(engine)
        let many: [Float] = (0..<20).flatMap { (index: Int) -> [Float] in Self.images.map { $0 + Float(index) } }
        let statistics = try await model.layerStatistics(many)
        let layers = model.network.graph.nodes.map { $0.path.dotted }
        #expect(statistics.map(\.layer) == ["images"] + layers.dropFirst())
        #expect(statistics[1].kind == "conv2d" && statistics[1].shape == [5, 8, 8])
        for layer in ["images", "conv1", "block.1", "fc"] {
            let features = try await model.features(many, at: [layer])
            let values = try #require(features[layer]).map(Double.init)
            let found = try #require(statistics.first { $0.layer == layer })
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            // Plans that keep other layers may round otherwise.
            #expect(abs(found.mean - mean) < 1e-6 * max(1, abs(mean)))
            #expect(abs(found.standardDeviation - variance.squareRoot()) < 1e-6 * variance.squareRoot())
            let largest = values.map { abs($0) }.max() ?? 0
            #expect(abs(found.largest - largest) < 1e-6 * largest && found.isFinite && found.zeroShare == 0)
        }
        let weights = try await model.weights()
        for found in try await model.parameterStatistics() {
            let values = try #require(weights[found.name]).map(Double.init)
            #expect(abs(found.norm - values.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 1e-9 * max(1, found.norm))
        }
    }

    /// How far the last step has moved each parameter, for listeners and afterwards; the run comes to the same bits.
    @Test(arguments: engines)
    func updateRatiosAreThoseOfTheLastStep(engine: any Engine) async throws {
        let dataset = try ArrayDataset(
            images: Self.images, shape: [3, 8, 8], labels: [0, 2], classes: ["a", "b", "c"])
        func train(_ epochs: Int, recording: Bool) async throws -> (Model, Ratios) {
            let (model, ratios) = (try await Self.model(engine), Ratios())
            try await Trainer(epochs: epochs, batchSize: 2, learningRate: 0.1, recordsUpdates: recording)
                .train(model, on: dataset, listeners: [ratios])
            return (model, ratios)
        }
        let (before, _) = try await train(1, recording: false)
        let (plain, silent) = try await train(2, recording: false)
        let (model, ratios) = try await train(2, recording: true)
        let (old, new) = (try await before.weights(), try await model.weights())
        #expect(try await plain.weights() == new)
        #expect(try await plain.parameterStatistics().allSatisfy { $0.updateRatio == nil } && silent.last.isEmpty)
        for (statistics, update) in zip(try await model.parameterStatistics(), ratios.last) {
            let (first, second) = (try #require(old[statistics.name]), try #require(new[statistics.name]))
            func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
            let moved = norm(zip(second, first).map { Double($0) - Double($1) })
            let expected = statistics.name.contains("running") ? 0 : moved / norm(first.map(Double.init))
            #expect(abs(update.ratio - expected) <= 1e-4 * expected, "\(statistics.name)")
            #expect(statistics.updateRatio == update.ratio)
        }
    }

    /// Takes down what a run tells of its last step.
    private final class Ratios: TrainingListener, @unchecked Sendable {
        var last: [UpdateStatistics] = []

        func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
            if case .stepCompleted = event { last = run.updateStatistics }
            return .continue
        }
    }

    /// What passes nothing on, and what is no number.
    @Test func zerosAndWhatIsNoNumberCount() async throws {
        let network = try Network(input: [1, 1, 4]) {
            ReLU().named("relu")
            Flatten()
        }
        let model = try Model(network, engine: ReferenceEngine())
        let found = try await model.layerStatistics([-1, 2, -3, 0, 4, .nan, .infinity, -5])[1]
        #expect(found.layer == "relu" && !found.isFinite && found.largest == 4)
        #expect(found.zeroShare == 4.0 / 6 && found.mean == 1)
    }

    /// Weights that change are seen.
    @Test(arguments: engines)
    func weightsThatChangeAreSeen(engine: any Engine) async throws {
        let model = try await Self.model(engine)
        let before = try await model.gradient(of: .logit(0), withRespectTo: .images, for: Self.images)
        var weights = try await model.weights()
        weights["fc.weight"] = weights["fc.weight"]?.map { 2 * $0 }
        try await model.setWeights(weights)
        let after = try await model.gradient(of: .logit(0), withRespectTo: .images, for: Self.images)
        #expect(relativeError(after, before.map { 2 * $0 }) < 1e-5)
    }

    @Test func evaluationsTakeASensibleNumberOfImages() async throws {
        let model = try await Self.model()
        let data = try ArrayDataset(
            images: Self.images, shape: [3, 8, 8], labels: [0, 1], classes: ["0", "1", "2"])
        for size in [0, -1, 65_537] {
            await #expect(throws: SettingError.self) { try await model.evaluate(data, batchSize: size) }
            await #expect(throws: SettingError.self) { try await model.report(on: data, batchSize: size) }
        }
        let whole = try await model.evaluate(data)
        let single = try await model.evaluate(data, batchSize: 1)
        #expect(whole.imageCount == 2 && single.imageCount == 2 && abs(whole.loss - single.loss) < 1e-6)
    }

    @Test func mistakesAreNamed() async throws {
        let model = try await Self.model()
        func sentence(_ body: () async throws -> Void) async -> String {
            do {
                try await body()
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(
            await sentence { _ = try await model.features(Self.images, at: ["conv2"]) }
                == "the network has no layer 'conv2'; did you mean 'conv1'?")
        #expect(
            await sentence {
                _ = try await model.gradient(of: .logit(0), withRespectTo: .parameter("fc.weigth"), for: Self.images)
            }
                == "the network has no parameter 'fc.weigth'; did you mean 'fc.weight'?")
        #expect(
            await sentence { _ = try await model.gradient(of: .logit(3), withRespectTo: .images, for: Self.images) }
                == "no gradient can be taken of that: there is no output 3; there are 3, counted from 0")
        #expect(
            await sentence {
                _ = try await model.gradient(
                    of: .loss(SoftmaxCrossEntropy(), labels: [1]), withRespectTo: .images, for: Self.images)
            } == "no gradient can be taken of that: 2 labels are needed, received 1")
        #expect(
            await sentence {
                _ = try await model.gradient(
                    of: .output(of: "conv1", weights: [Float](repeating: 1, count: 2 * 5 * 64)),
                    withRespectTo: .output(of: "fc"), for: Self.images)
            } == "fc: no gradient leads there; put one on a node's output that depends on it")
        #expect(
            await sentence { _ = try await model.features([1, 2], at: ["conv1"]) }
                == "images are 3×8×8 (192 values each), received 2 values")
    }
}
