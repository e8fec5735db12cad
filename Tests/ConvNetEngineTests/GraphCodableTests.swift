import Foundation
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph

@Suite struct GraphCodableTests {
    private func roundTrip(_ graph: Graph) throws -> Graph {
        try JSONDecoder().decode(Graph.self, from: JSONEncoder().encode(graph))
    }

    @Test func everyLayerWithEveryOption() throws {
        let graph = try Network(input: [4, 40, 40]) {
            Conv2D(8, kernel: 3)
            Conv2D(
                8, kernel: Size(3, 2), stride: Size(1, 2), padding: .same, dilation: Size(2, 1), groups: 4, bias: false,
                weightInitializer: .kaimingNormal(.out), biasInitializer: .constant(0.1)
            )
            .named("conv2")
            Conv2D(8, kernel: 3, padding: .asymmetric(top: 1, bottom: 2, left: 0, right: 1))
            Sequential {
                LocalResponseNorm(4, alpha: 0.5, beta: 0.6, k: 2)
                LocallyConnected2D(
                    16, kernel: Size(2, 3), stride: Size(1, 2), padding: 1, bias: false,
                    weightInitializer: .kaimingNormal(), biasInitializer: .constant(0))
                ChannelMaxPool(3, stride: 2)
                Conv2D(8, kernel: 1)
                ReLU()
                MaxPool2D(2)
                MaxPool2D(Size(3, 2), stride: 1, padding: 1, ceilMode: true)
                AveragePool2D(2, stride: Size(2, 1), padding: .same, countsPadding: false)
                Tanh()
                Residual {
                    BatchNorm(epsilon: 1e-3, momentum: 0.2, affine: false, frozen: true)
                    LeakyReLU(0.3)
                    PReLU(shared: true, initialWeight: 0.1)
                    StochasticDepth(0.2)
                }
                Gate {
                    HardSwish()
                    HardSigmoid()
                }
                Join(by: Add()) {
                    ChannelAffine()
                    ChannelShuffle(2)
                    Clip(low: -1, high: 2)
                    Sequential {
                        ChannelSlice(1, count: 2)
                        ChannelPadding(before: 1, after: 5)
                    }
                }
                Branches {
                    ELU(0.5)
                    GELU(.tanh)
                }
                ZeroPadding2D(Edges(top: 1, bottom: 2, left: 0, right: 3))
                AdaptiveAveragePool2D(Size(2, 1))
                Branches {
                    GlobalAveragePool2D()
                    GlobalMaxPool2D()
                }
                Reshape(8, 2, 2)
            }
            .named("features")
            SiLU()
            ReLU6()
            Flatten()
            Dropout(0.3)
            Dense(20)
            AuxiliaryClassifier(weight: 0.4) { Dense(10) }
            Sigmoid()
            Softmax()
            Dense(10, bias: false, weightInitializer: .xavierUniform(gain: 5.0 / 3))
        }.graph
        let copy = try roundTrip(graph)
        #expect(copy == graph)
        #expect(copy.parameters == graph.parameters)
        let kinds = Set(graph.nodes.map { type(of: $0.operation).kind })
        #expect(kinds == Set(OperationRegistry.all.map { $0.kind }))
    }

    private static let everyKind: [Initializer] = [
        .constant(-0.5), .normal(), .normal(mean: 1, standardDeviation: 2), .uniform(low: -1, high: 0.1),
        .kaimingNormal(), .kaimingNormal(.out), .kaimingUniform(), .kaimingUniform(.out), .xavierNormal(),
        .xavierNormal(gain: 3), .xavierUniform(), .pyTorchDefault,
    ]

    @Test(arguments: everyKind)
    func initializers(initializer: Initializer) throws {
        let graph = try Network(input: [3]) {
            Dense(2, weightInitializer: initializer, biasInitializer: initializer)
        }.graph
        #expect(try roundTrip(graph) == graph)
    }

    @Test func differencesAreSeen() throws {
        func graph(_ layer: any Layer, input: Shape = [1, 4, 4]) throws -> Graph {
            try Network(input: input) { layer }.graph
        }
        let relu = try graph(ReLU())
        #expect(try graph(Tanh()) != relu)
        #expect(try graph(ReLU().named("relu")) != relu)
        #expect(try graph(ReLU(), input: [1, 4, 5]) != relu)
        #expect(try graph(MaxPool2D(1)) != graph(AveragePool2D(1)))
        #expect(try graph(Dropout(0.1)) != graph(Dropout(0.2)))
        #expect(try graph(Conv2D(1, kernel: 1)) != graph(Conv2D(1, kernel: 1, biasInitializer: .constant(0))))
    }

    /// Files written by one version are read by the next, so the format changes only with its version.
    @Test func format() throws {
        let graph = try Network(input: [2, 6, 6]) {
            Conv2D(4, kernel: 3, stride: Size(1, 2), padding: 1, groups: 2, weightInitializer: .kaimingNormal(.out))
                .named("conv1")
            ReLU()
            MaxPool2D(2)
            Flatten()
            AuxiliaryClassifier { Dense(3, bias: false) }.named("aux")
            Dropout(0.5)
            Dense(3, bias: false, biasInitializer: .constant(0)).named("fc")
        }.graph
        let json = """
            {"nodes":[\
            {"inputs":[],"operation":{"kind":"input","shape":[2,6,6]},"path":[],"shape":[2,6,6]},\
            {"inputs":[0],"operation":{"bias":true,"biasInitializer":{"pyTorchDefault":{}},"dilation":[1,1],\
            "filters":4,"groups":2,"kernel":[3,3],"kind":"conv2d","padding":[1,1,1,1],"stride":[1,2],\
            "weightInitializer":{"kaimingNormal":{"_0":"out"}}},"path":["conv1"],"shape":[4,6,3]},\
            {"inputs":[1],"operation":{"kind":"relu"},"path":["1"],"shape":[4,6,3]},\
            {"inputs":[2],"operation":{"ceilMode":false,"kernel":[2,2],"kind":"max_pool2d",\
            "padding":"valid","stride":[2,2]},"path":["2"],"shape":[4,3,1]},\
            {"inputs":[3],"operation":{"kind":"flatten"},"path":["3"],"shape":[12]},\
            {"inputs":[4],"operation":{"bias":false,"biasInitializer":{"pyTorchDefault":{}},"kind":"dense",\
            "units":3,"weightInitializer":{"pyTorchDefault":{}}},"path":["aux","0"],"shape":[3]},\
            {"inputs":[5],"operation":{"kind":"auxiliary_output","weight":0.3},"path":["aux","output"],"shape":[3]},\
            {"inputs":[4],"operation":{"kind":"dropout","rate":0.5},"path":["5"],"shape":[12]},\
            {"inputs":[7],"operation":{"bias":false,"biasInitializer":{"constant":{"_0":0}},"kind":"dense",\
            "units":3,"weightInitializer":{"pyTorchDefault":{}}},"path":["fc"],"shape":[3]}\
            ],"version":1}
            """
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(try String(decoding: encoder.encode(graph), as: UTF8.self) == json)
        #expect(try JSONDecoder().decode(Graph.self, from: Data(json.utf8)) == graph)
    }

    /// Model files from before pooling had a ceil mode.
    @Test(arguments: [MaxPool2D.kind, AveragePool2D.kind])
    func poolingWithoutCeilModeRoundsDown(kind: String) throws {
        let json = """
            {"nodes":[{"inputs":[],"operation":{"kind":"input","shape":[1,5,5]},"path":[],"shape":[1,5,5]},\
            {"inputs":[0],"operation":{"kernel":[2,2],"kind":"\(kind)","padding":"valid","stride":[2,2],\
            "countsPadding":true},"path":["0"],"shape":[1,2,2]}],"version":1}
            """
        #expect(try JSONDecoder().decode(Graph.self, from: Data(json.utf8)).outputShape == [1, 2, 2])
    }

    @Test func kindsAreUnique() {
        let kinds = OperationRegistry.all.map { $0.kind }
        #expect(Set(kinds).count == kinds.count)
    }
}
