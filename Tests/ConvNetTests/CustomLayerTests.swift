import ConvNet
import ConvNetTesting
import Foundation
import TestSupport
import Testing

/// A user's own layer in both engines, in files, and when it is wrong.
@Suite struct CustomLayerTests {
    private static let engines: [any Engine] =
        Engines.names.compactMap { try? Engines.make(named: $0, threads: 2) }

    private func model(_ layer: some CustomLayer, engine: any Engine) throws -> Model {
        let network = try Network(input: Corners.shape) {
            Sequential {
                Conv2D(4, kernel: 3, padding: 1)
                layer.named("own")
            }
            .named("block")
            Flatten()
            Dense(3)
        }
        return try Model(network, classes: Corners.classes, engine: engine)
    }

    // MARK: Gradients

    @Test func rightGradientsPass() throws {
        try checkGradients(of: Scale(exponent: 2), input: [3, 4, 5])
        try checkGradients(of: Scale(exponent: 3), input: [7])
    }

    @Test(arguments: [Mistake.inputGradient, .parameterGradient])
    func wrongGradientsAreNamed(mistake: Mistake) throws {
        let error = try #require(throws: GradientMismatch.self) {
            try checkGradients(of: Scale(exponent: 2, mistake: mistake), input: [3, 4, 5])
        }
        #expect(error.array == (mistake == .inputGradient ? "the input" : "factor"))
        #expect(error.kind == "tests.scale")
        #expect("\(error)".hasPrefix("the custom layer \"tests.scale\": backward's gradient of \(error.array) gives "))
    }

    // MARK: Several inputs

    @Test func gradientsOfJoins() throws {
        try checkGradients(of: Mix(), inputs: [[3, 4, 5], [3, 4, 5], [3, 4, 5]])
        let error = try #require(throws: GradientMismatch.self) {
            try checkGradients(of: Mix(mistake: .inputGradient), inputs: [[7], [7]])
        }
        #expect(error.array == "input 1")
        let refusal = #expect(throws: NetworkError.self) { try checkGradients(of: Mix(), inputs: [[7], [8]]) }
        #expect(refusal.map { "\($0)" } == "0: all inputs have one shape")
    }

    @Test(arguments: engines.indices)
    func joinsTrainSaveAndLoad(engine: Int) async throws {
        let directory = try ScratchDirectory()
        let url = directory.file("model.safetensors")
        let network = try Network(input: Corners.shape) {
            Join(by: Mix()) {
                Conv2D(4, kernel: 3, padding: 1)
                Conv2D(4, kernel: 1)
            }
            Flatten()
            Dense(3)
        }
        #expect(network.graph.nodes.map { "\($0.path)" }[3] == "tests_mix")
        let model = try Model(network, classes: Corners.classes, engine: Self.engines[engine])
        let data = try Corners.dataset(count: 60)
        try await Trainer(epochs: 15, batchSize: 7, learningRate: 0.05).train(model, on: data)
        #expect(try await model.evaluate(data).accuracy > 0.9)
        try await model.save(to: url)
        let loaded = try await Model.load(url, engine: Self.engines[engine], customLayers: [Mix.self])
        #expect(try await loaded.weights().bits == model.weights().bits)
        #expect(loaded.network == network)
    }

    @Test(arguments: engines.indices)
    func joinsThatReturnTooLittleAreNamed(engine: Int) async throws {
        let network = try Network(input: Corners.shape) {
            Join(by: Mix(mistake: .count)) {
                Conv2D(4, kernel: 1)
                Conv2D(4, kernel: 1)
            }
            Flatten()
            Dense(3)
        }
        let model = try Model(network, classes: Corners.classes, engine: Self.engines[engine])
        let error = try await #require(throws: CustomLayerError.self) {
            try await Trainer(epochs: 1, learningRate: 0.1).train(model, on: Corners.dataset(count: 6))
        }
        #expect("\(error)".hasSuffix("the custom layer \"tests.mix\" returned gradients of 1 inputs; it has 2"))
    }

    @Test func aJoinIsNoLayerOfItsOwn() {
        let error = #expect(throws: NetworkError.self) { try Network(input: [4]) { Mix() } }
        #expect(error.map { "\($0)" } == "0: takes at least 2 inputs, received 1")
    }

    // MARK: Training and files

    @Test(arguments: engines.indices)
    func trainsSavesAndLoads(engine: Int) async throws {
        let directory = try ScratchDirectory()
        let url = directory.file("model.safetensors")
        let model = try model(Scale(exponent: 2), engine: Self.engines[engine])
        let before = try await model.weights()
        let data = try Corners.dataset(count: 60)
        try await Trainer(epochs: 15, batchSize: 7, learningRate: 0.05).train(model, on: data)
        let after = try await model.weights()
        #expect(after["block.own.factor"] != before["block.own.factor"])
        #expect(try await model.evaluate(data).accuracy > 0.9)

        try await model.save(to: url)
        let loaded = try await Model.load(url, engine: Self.engines[engine], customLayers: [Scale.self])
        #expect(loaded.network == model.network)
        #expect(try await loaded.weights().bits == after.bits)
        let image = [Float](repeating: 0.25, count: Corners.shape.count)
        #expect(try await loaded.logits(image) == model.logits(image))
        await #expect(throws: UnknownLayerKind(kind: "tests.scale", path: LayerPath(["block", "own"]), file: url.path))
        {
            try await Model.load(url)
        }
    }

    @Test func builtInKindsAreTaken() {
        let error = #expect(throws: NetworkError.self) { try Network(input: [4]) { Impostor() } }
        #expect(error.map { "\($0)" } == "0: a custom layer cannot be of the kind \"relu\", which is taken")
    }

    @Test(arguments: [
        (Odd.duplicate, "own: the parameter name own.w is already taken; every name must be unique in the network"),
        (.dotted, "own: \"a.b\" cannot be a layer's name; a name is not empty and contains no dot"),
        (.emptyOutput, "own: each size of the output must be at least 1, received 0"),
        (.emptyParameter, "own: each size of w must be at least 1, received 0"),
        (.rank, "own: makes a shape of 2×2; shapes are C×H×W, or one size for a flat vector"),
    ])
    func layersThatCannotWork(odd: Odd, sentence: String) {
        let error = #expect(throws: NetworkError.self) {
            try Network(input: [4]) { OddLayer(odd: odd).named("own") }
        }
        #expect(error.map { "\($0)" } == sentence)
    }

    /// What a custom layer keeps count of stays as it is in training, unless the layer itself changes.
    @Test func untrainedParametersStay() async throws {
        for engine in Self.engines {
            let network = try Network(input: Corners.shape) {
                Flatten()
                OddLayer(odd: .untrained).named("own")
                Dense(3)
            }
            let model = try Model(network, classes: Corners.classes, engine: engine)
            try await Trainer(epochs: 2, batchSize: 5, learningRate: 0.1, optimizer: SGD(weightDecay: 0.1))
                .train(model, on: Corners.dataset(count: 20))
            #expect(try await model.weights()["own.w"] == [0.5], "\(engine.name)")
        }
    }

    @Test func layerRefusesItsInput() {
        let error = #expect(throws: NetworkError.self) { try Network(input: [200]) { Scale(exponent: 2) } }
        #expect(error.map { "\($0)" } == "0: takes at most 100 channels, received 200")
    }

    // MARK: Wrong answers

    @Test(arguments: [
        (Mistake.outputCount, "returned 3 values as forward's output; expected 1792"),
        (
            .outputNotANumber,
            "returned forward's output with a value that is not finite, at element 5, from finite input"
        ),
        (.inputGradientCount, "returned 3 values as backward's gradient of the input; expected 1792"),
        (.parameterGradientCount, "returned 3 values as backward's gradient of factor; expected 4"),
        (.noParameterGradients, "returned gradients of 0 parameters; it has 1"),
        (
            .gradientNotANumber,
            "returned backward's gradient of factor with a value that is not finite, at element 2, from finite input"
        ),
    ])
    func wrongAnswersAreNamed(mistake: Mistake, sentence: String) async throws {
        for engine in Self.engines {
            let model = try model(Scale(exponent: 2, mistake: mistake), engine: engine)
            let error = try await #require(throws: CustomLayerError.self) {
                try await Trainer(epochs: 1, batchSize: 7, learningRate: 0.05)
                    .train(model, on: Corners.dataset(count: 7))
            }
            #expect("\(error)" == "block › own: the custom layer \"tests.scale\" \(sentence)", "\(engine.name)")
        }
    }

    /// A run that diverges is not blamed on the layer that the numbers pass through.
    @Test func infinityPassesThrough() async throws {
        for engine in Self.engines {
            let model = try model(Scale(exponent: 2), engine: engine)
            var parameters = try await model.weights()
            parameters["block.0.bias"] = [.infinity, 0, 0, 0]
            try await model.setWeights(parameters)
            await #expect(throws: TrainingError.self, "\(engine.name)") {
                try await Trainer(epochs: 1, batchSize: 7, learningRate: 0.05)
                    .train(model, on: Corners.dataset(count: 7))
            }
        }
    }
}

enum Mistake: String, Codable, Sendable {
    case inputGradient, parameterGradient
    case outputCount, outputNotANumber, inputGradientCount, parameterGradientCount, noParameterGradients
    case gradientNotANumber
}

/// factor · xⁿ, with a factor for each channel.
private struct Scale: CustomLayer {
    static let kind = "tests.scale"

    var exponent: Int
    var mistake: Mistake?

    func outputShape(for input: Shape) throws(ShapeError) -> Shape {
        guard input.channels <= 100 else { throw .custom("takes at most 100 channels, received \(input.channels)") }
        return input
    }

    func parameters(for input: Shape) -> [Parameter] {
        [Parameter(name: "factor", shape: [input.channels], initializer: .constant(1), fanIn: 1, fanOut: 1)]
    }

    func forward(_ pass: LayerPass) -> [Float] {
        if mistake == .outputCount { return [1, 2, 3] }
        var output = pass.input.enumerated().map { index, x in factor(of: index, pass) * power(x, exponent) }
        if mistake == .outputNotANumber { output[5] = .nan }
        return output
    }

    func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
        var factors = [Float](repeating: 0, count: pass.inputShape.channels)
        var input = pass.input
        for (index, x) in pass.input.enumerated() {
            factors[channel(of: index, pass)] += outputGradient[index] * power(x, exponent)
            input[index] =
                outputGradient[index] * factor(of: index, pass) * Float(exponent) * power(x, exponent - 1)
        }
        switch mistake {
        case .inputGradient: input = input.map { $0 * 1.01 }
        case .parameterGradient: factors[0] += 0.1
        case .inputGradientCount: input = [1, 2, 3]
        case .parameterGradientCount: factors = [1, 2, 3]
        case .noParameterGradients: return LayerGradients(input: input)
        case .gradientNotANumber: factors[2] = .infinity
        default: break
        }
        return LayerGradients(input: input, parameters: [factors])
    }

    private func power(_ x: Float, _ exponent: Int) -> Float { (0..<exponent).reduce(1) { power, _ in power * x } }

    private func factor(of index: Int, _ pass: LayerPass) -> Float { pass.parameters[0][channel(of: index, pass)] }

    private func channel(of index: Int, _ pass: LayerPass) -> Int {
        index % pass.inputShape.count / (pass.inputShape.height * pass.inputShape.width)
    }
}

/// A custom layer that passes for a built-in one.
private struct Impostor: CustomLayer {
    static let kind = "relu"

    func outputShape(for input: Shape) -> Shape { input }
    func forward(_ pass: LayerPass) -> [Float] { pass.input }
    func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
        LayerGradients(input: outputGradient)
    }
}

enum Odd: String, Codable, Sendable {
    case duplicate, dotted, emptyOutput, emptyParameter, rank, untrained
}

/// A custom layer that passes its input on and says odd things about itself.
private struct OddLayer: CustomLayer {
    static let kind = "tests.odd"

    var odd: Odd

    func outputShape(for input: Shape) -> Shape {
        switch odd {
        case .emptyOutput: [0]
        case .rank: [2, 2]
        default: input
        }
    }

    func parameters(for input: Shape) -> [Parameter] {
        func parameter(_ name: String, _ shape: [Int] = [1], isTrainable: Bool = true) -> Parameter {
            Parameter(
                name: name, shape: shape, initializer: .constant(0.5), fanIn: 1, fanOut: 1, isTrainable: isTrainable)
        }
        return switch odd {
        case .duplicate: [parameter("w"), parameter("w")]
        case .dotted: [parameter("a.b")]
        case .emptyParameter: [parameter("w", [0])]
        case .untrained: [parameter("w", isTrainable: false)]
        default: []
        }
    }

    func forward(_ pass: LayerPass) -> [Float] { pass.input }

    func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
        LayerGradients(input: outputGradient, parameters: pass.parameters.map { $0.map { _ in 1 } })
    }
}

/// Σ wᵢ · xᵢ, with a weight for each input.
private struct Mix: CustomJoin {
    static let kind = "tests.mix"
    enum Mistake: String, Codable { case inputGradient, count }
    var mistake: Mistake?

    func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        guard inputs.count > 1 else { throw .tooFewInputs(expected: 2, received: inputs.count) }
        guard inputs.allSatisfy({ $0 == inputs[0] }) else { throw .custom("all inputs have one shape") }
        return inputs[0]
    }

    func parameters(for inputs: [Shape]) -> [Parameter] {
        [Parameter(name: "weights", shape: [inputs.count], initializer: .constant(0.5), fanIn: 1, fanOut: 1)]
    }

    func forward(_ pass: LayerPass) -> [Float] {
        pass.input.indices.map { i in zip(pass.inputs, pass.parameters[0]).reduce(0) { $0 + $1.1 * $1.0[i] } }
    }

    func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
        var inputs = pass.parameters[0].map { weight in outputGradient.map { weight * $0 } }
        if mistake == .inputGradient { inputs[1] = outputGradient }
        if mistake == .count { inputs.removeLast() }
        return LayerGradients(
            inputs: inputs,
            parameters: [pass.inputs.map { input in zip(input, outputGradient).reduce(0) { $0 + $1.0 * $1.1 } }])
    }
}
