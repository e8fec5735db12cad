import ConvNet
import ConvNetTesting
import Foundation
import Testing

/// Networks made of others, by path, with weights that go along by name.
@Suite struct SurgeryTests {
    private static func resNet() throws -> Network {
        try Network(input: [3, 16, 16]) { CIFARResNet(.depth20, width: 4, classes: 10) }
    }

    private static let image: [Float] = (0..<768).map { index -> Float in Float((index * 53 + 7) % 199) / 199 }

    private func weights(of network: Network, from other: Model) async throws -> [String: [Float]] {
        let own = try await other.weights()
        var weights: [String: [Float]] = [:]
        for parameter in network.parameters {
            weights[parameter.name] =
                own[parameter.name]?.count == parameter.count
                ? own[parameter.name] : parameter.initializer.values(for: parameter, seed: 1)
        }
        return weights
    }

    @Test(arguments: ["layer2", "layer2.1", "conv1", "layer1.0.add", "fc"])
    func aPrefixMakesWhatTheLayerMakes(layer: String) async throws {
        let model = try Model(Self.resNet(), engine: ReferenceEngine())
        let trunk = try model.network.prefix(to: layer)
        let beginning = try Model(
            trunk, weights: try await weights(of: trunk, from: model), engine: ReferenceEngine())
        let features = try await model.features(Self.image, at: [layer])
        #expect(try await beginning.logits(Self.image) == features[layer])
        #expect(trunk.parameters.allSatisfy { parameter in model.network.parameters.contains(parameter) })
        // What is cut off is gone.
        #expect(trunk.graph.nodes.count < model.network.graph.nodes.count || layer == "fc")
    }

    @Test func aNewHeadTakesTheOldOnesPath() throws {
        let network = try Self.resNet()
        let own = try network.replacing("fc") { Dense(3, bias: false) }
        #expect(own.outputShape == [3] && own.parameters.last?.name == "fc.weight")
        #expect(own.parameters.dropLast() == network.parameters.dropLast(2))
        // The same as it would have been written.
        let deeper = try network.replacing("fc") {
            Dense(8).named("hidden")
            ReLU()
            Dense(3)
        }
        #expect(
            deeper.parameters.suffix(4).map(\.name) == [
                "fc.hidden.weight", "fc.hidden.bias", "fc.2.weight", "fc.2.bias",
            ])
        #expect(try network.replacing("fc") { Dense(10) } == network)
        // Nothing takes it out.
        #expect(try network.replacing("fc") {}.outputShape == [16])
    }

    /// A whole stage, with what its additions read.
    @Test func containersAreReplacedToo() throws {
        let network = try Self.resNet()
        let without = try network.replacing("layer2") {
            Conv2D(8, kernel: 3, stride: 2, padding: 1).named("down")
            ReLU()
        }
        #expect(without.parameters.contains { $0.name == "layer2.down.weight" })
        #expect(!without.parameters.contains { $0.name.hasPrefix("layer2.0") })
        #expect(without.outputShape == network.outputShape)
        // Shapes behind are computed anew.
        let wider = try network.replacing("layer2") { Conv2D(11, kernel: 1) }
        #expect(wider.graph.nodes[try wider.graph.node(named: "layer3.0.conv1")].shape == [16, 8, 8])
        #expect(wider.parameters.first { $0.name == "layer3.0.conv1.weight" }?.shape == [16, 11, 3, 3])
    }

    /// A trained network that is made deeper by layers that do nothing yet.
    @Test func identitiesInsertedChangeNothing() async throws {
        let model = try Model(Self.resNet(), engine: ReferenceEngine())
        let deeper = try model.network.inserting(after: "layer1", named: "layer1b") {
            Conv2D(4, kernel: 3, padding: 1, bias: false).named("conv")
            ReLU()
        }
        var weights = try await weights(of: deeper, from: model)
        // One in the middle of each filter's own channel.
        weights["layer1b.conv.weight"] = (0..<4 * 4 * 9).map { $0 % 9 == 4 && $0 / 9 % 4 == $0 / 36 ? 1 : 0 }
        let same = try Model(deeper, weights: weights, engine: ReferenceEngine())
        let (before, after) = (try await model.logits(Self.image), try await same.logits(Self.image))
        #expect(before == after)
        #expect(deeper.graph.nodes.count == model.network.graph.nodes.count + 2)
    }

    @Test func operationsAreMapped() throws {
        let network = try Network(input: [3, 8, 8]) {
            Conv2D(4, kernel: 3)
            Dropout(0.5)
            MaxPool2D(2)
            Flatten()
            Dropout(0.5)
            Dense(2)
        }
        let gentle = try network.mapOperations { $0.operation is Dropout ? Dropout(0.1) : $0.operation }
        #expect(gentle.graph.nodes.compactMap { ($0.operation as? Dropout)?.rate } == [0.1, 0.1])
        #expect(gentle.parameters == network.parameters)
        let finer = try network.mapOperations { $0.operation is MaxPool2D ? MaxPool2D(3) : $0.operation }
        #expect(finer.parameters.first { $0.name == "5.weight" }?.shape == [2, 16])
    }

    @Test func auxiliaryClassifiersComeOut() throws {
        let network = try NetworkCatalog.entry(named: "googlenet").network(classes: 7)
        let plain = try NetworkCatalog.entry(named: "googlenet(auxiliaryClassifiers: false)").network(classes: 7)
        // Layers without a name are called by their position, which auxiliary classifiers count in.
        let without = try network.withoutAuxiliaryClassifiers()
        #expect(without.parameters == plain.parameters)
        #expect(without.graph.nodes.map { "\($0.operation)" } == plain.graph.nodes.map { "\($0.operation)" })
        #expect(try network.withoutAuxiliaryClassifiers().replacing("fc") { Dense(2) }.outputShape == [2])
        let error = #expect(throws: NetworkError.self) { try network.replacing("fc") { Dense(2) } }
        #expect(error?.description.hasPrefix("aux1 › output: makes 7, but the network's output is 2") == true)
        #expect(try network.prefix(to: "inception4e").outputShape == [832, 14, 14])
    }

    /// What a container passes on is not what a classifier in it makes.
    @Test func auxiliaryClassifiersAreNoLayersOutput() throws {
        let network = try Network(input: [3, 8, 8]) {
            Sequential {
                Conv2D(4, kernel: 3)
                AuxiliaryClassifier {
                    GlobalAveragePool2D()
                    Dense(2)
                }
                .named("aux")
            }
            .named("stage")
            Flatten()
            Dense(2).named("fc")
        }
        #expect(try network.prefix(to: "stage").outputShape == [4, 6, 6])
        let deeper = try network.inserting(after: "stage", named: "more") {
            Conv2D(5, kernel: 1)
            AuxiliaryClassifier {
                Flatten()
                Dense(2)
            }
        }
        #expect(deeper.parameters.first { $0.name == "fc.weight" }?.shape == [2, 180])
        #expect(deeper.graph.auxiliaryOutputs.count == 2)
    }

    @Test func whatHasNoMeaningIsRefused() throws {
        let network = try Self.resNet()
        func sentence(_ body: () throws -> Network) -> String {
            do {
                _ = try body()
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(sentence { try network.prefix(to: "layr2") }.hasPrefix("the network has no layer 'layr2'"))
        #expect(
            sentence { try network.replacing("fd") { Dense(2) } } == "the network has no layer 'fd'; did you mean 'fc'?"
        )
        #expect(
            sentence { try network.replacing("layer2.0.add") { ReLU() } }
                == "layer2 › 0 › add: 'layer2.0.add' reads 2 layers, and can be replaced only where it reads one")
        #expect(
            sentence { try network.replacing("layer1") { Conv2D(4, kernel: 99) } }
                == "layer1: a 99×99 kernel does not fit a 16×16 input with padding 0")
        #expect(
            sentence { try network.inserting(after: "layer1", named: "layer2") { ReLU() } }
                == "layer2: the name \"layer2\" is already taken by another layer here; every name must be unique")
        // A residual whose other side has another shape now.
        #expect(
            sentence { try network.replacing("layer1.0.conv2") { Conv2D(5, kernel: 3, padding: 1) } }.hasPrefix(
                "layer1 › 0 › add: the body makes 5×16×16"))
        #expect(sentence { try network.mapOperations { _ in Dense(2) } }.contains("expects a flat input"))
    }
}
