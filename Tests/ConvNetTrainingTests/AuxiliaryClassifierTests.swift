import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

/// Auxiliary classifiers: their names and their place in the graph, and that evaluation does without them.
@Suite struct AuxiliaryClassifierTests {
    private struct Head: Layer {
        var body: some Layer {
            AuxiliaryClassifier(weight: 0.4) {
                Sequential { Conv2D(2, kernel: 1, bias: false).named("conv") }.named("conv")
                Flatten()
                Dense(3).named("fc1")
            }
        }
    }

    // MARK: Graphs

    /// As torchvision's GoogLeNet has them.
    @Test func isAContainerForNames() throws {
        let graph = try Network(input: [1, 4, 4]) {
            ReLU()
            Head().named("aux1")
            AuxiliaryClassifier {
                Flatten()
                Dense(3, bias: false)
            }
            Flatten()
            Dense(3).named("fc")
        }.graph
        #expect(
            graph.parameters.map(\.name) == [
                "aux1.conv.conv.weight", "aux1.fc1.weight", "aux1.fc1.bias", "2.1.weight", "fc.weight", "fc.bias",
            ])
        #expect(
            graph.nodes.map(\.path.dotted) == [
                "", "0", "aux1.conv.conv", "aux1.1", "aux1.fc1", "aux1.output", "2.0", "2.1", "2.output", "3", "fc",
            ])
        #expect(graph.nodes.map(\.inputs) == [[], [0], [1], [2], [3], [4], [1], [6], [7], [1], [9]])
    }

    @Test func aLayerMayBeCalledOutput() throws {
        let paths = try Network(input: [4]) {
            AuxiliaryClassifier { Dense(2).named("output") }.named("aux")
            Dense(2)
        }.graph.nodes.map(\.path.dotted)
        #expect(paths == ["", "aux.output", "aux.output2", "1"])
    }

    @Test func graphTellsWhatServesAuxiliaryOutputsOnly() throws {
        let network = try Network(input: [1, 4, 4]) {
            Conv2D(2, kernel: 1)
            Head().named("aux1")
            Flatten()
            Dense(3)
        }
        #expect(network.graph.auxiliaryOutputs == [5])
        #expect(network.graph.isAuxiliary == [false, false, true, true, true, true, false, false])
        #expect(network.parameters.map(\.isAuxiliary) == [false, false, true, true, true, false, false])
        // 2·2 convolution, 4·2 and (32 + 1)·3 twice: all of them are trained.
        #expect(network.parameterCount == 4 + 4 + 99 + 99)
        let plain = try Network(input: [4]) { Dense(3) }
        #expect(plain.graph.auxiliaryOutputs == [])
        #expect(plain.graph.isAuxiliary == [false, false])
    }

    /// In a branch, in a residual and in another classifier, it passes its input on.
    @Test func standsWhereverALayerMay() throws {
        let graph = try Network(input: [2, 3, 3]) {
            Branches {
                AuxiliaryClassifier { Flatten() }
                ReLU()
            }
            Residual {
                AuxiliaryClassifier {
                    AuxiliaryClassifier {
                        Flatten()
                        Dense(18)
                    }
                    Flatten()
                    Dense(18)
                }
            }
            Flatten()
            Dense(18)
        }.graph
        #expect(
            graph.nodes.map { type(of: $0.operation).kind } == [
                "input", "flatten", "auxiliary_output", "relu", "concatenate", "flatten", "dense", "auxiliary_output",
                "flatten", "dense", "auxiliary_output", "add", "flatten", "dense",
            ])
        #expect(graph.nodes[4].inputs == [0, 3])
        #expect(graph.nodes[8].inputs == [4])
        #expect(graph.nodes[11].inputs == [4, 4])
    }

    @Test func customLayersCannotPassForItsOutput() throws {
        struct Impostor: CustomLayer {
            static let kind = "auxiliary_output"
            func outputShape(for input: Shape) -> Shape { input }
            func forward(_ pass: LayerPass) -> [Float] { pass.input }
            func backward(_ pass: LayerPass, output: [Float], outputGradient: [Float]) -> LayerGradients {
                LayerGradients(input: outputGradient)
            }
        }
        let error = try #require(throws: NetworkError.self) { try Network(input: [4]) { Impostor() } }
        #expect("\(error)" == "0: a custom layer cannot be of the kind \"auxiliary_output\", which is taken")
    }

    // MARK: Evaluation

    @Test func evaluationTakesNoMemoryForThem() throws {
        try expectEvaluationWithoutThem(ReferenceEngine())
    }

    // MARK: Parameters

    /// Files of weights for predicting may lack them: all of them, since a half would be a mistake.
    @Test func theirParametersMayBeLeftOut() async throws {
        let network = try Network(input: [4]) {
            AuxiliaryClassifier { Dense(2) }.named("aux")
            Dense(2).named("fc")
        }
        let model = try Model(network, engine: ReferenceEngine(), seed: 3)
        let before = try await model.weights()
        let own: [String: [Float]] = ["fc.weight": [Float](repeating: 2, count: 8), "fc.bias": [1, 2]]
        try await model.setWeights(own)
        let after = try await model.weights()
        #expect(after["aux.0.weight"] == before["aux.0.weight"])
        #expect(after["fc.bias"] == [1, 2])
        func mismatch(_ values: [String: [Float]]) async throws -> WeightMismatch {
            try await #require(throws: WeightMismatch.self) { try await model.setWeights(values) }
        }
        #expect(try await mismatch(own.merging(["aux.0.bias": [7, 8]]) { $1 }).missing == ["aux.0.weight"])
        #expect(try await mismatch(own.filter { $0.key == "fc.weight" }).missing == ["fc.bias"])
        #expect(try await mismatch(after.merging(["aux.0.bias": [1]]) { $1 }).misshapen.map(\.name) == ["aux.0.bias"])
    }

    /// What a run tells is what it minimises; what it validates is the network's output.
    @Test func eventsTellTheTotalLoss() async throws {
        func zeros() -> Dense { Dense(3, weightInitializer: .constant(0), biasInitializer: .constant(0)) }
        let network = try Network(input: Corners.shape) {
            Flatten()
            AuxiliaryClassifier(weight: 0.5) { zeros() }
            zeros()
        }
        let model = try Model(network, classes: Corners.classes, engine: ReferenceEngine())
        let observer = TrainingObserver()
        _ = try await Trainer(epochs: 1, batchSize: 10, learningRate: 1e-9).train(
            model, on: Corners.dataset(count: 10), validation: Corners.dataset(count: 7, seed: 2),
            listeners: [observer])
        let epoch = try #require(observer.epochs.first)
        // Logits that are all alike leave the logarithm of the number of classes.
        let each = 1.0986122886681098
        #expect(abs(epoch.trainingLoss - 1.5 * each) < 1e-6)
        #expect(abs(try #require(epoch.validation).loss - each) < 1e-6)
        guard case .stepCompleted(let step) = observer.events[2] else {
            Issue.record("no step: \(observer.outline)")
            return
        }
        #expect(abs(step.loss - 1.5 * each) < 1e-6)
    }
}
