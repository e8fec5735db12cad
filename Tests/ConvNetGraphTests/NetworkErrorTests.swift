import Foundation
import Testing

@testable import ConvNetGraph

/// Every sentence to the letter: they are what a user sees of a network that cannot work.
@Suite struct NetworkErrorTests {
    private func sentence(
        input: Shape = [3, 7, 7], @LayerBuilder _ layers: () -> LayerList
    ) throws -> String? {
        try #require(throws: NetworkError.self) { try Network(input: input, layers: layers) }.description
    }

    /// The sentence about a graph that no network would make.
    private func sentence(nodes: [Graph.Node]) throws -> String? {
        try #require(throws: NetworkError.self) { try Graph(nodes: nodes) }.description
    }

    private let image = Graph.Node(path: LayerPath(), operation: Input([1, 4, 4]), inputs: [], shape: [1, 4, 4])

    private func relu(_ name: String, inputs: [Int], shape: Shape = [1, 4, 4]) -> Graph.Node {
        Graph.Node(path: LayerPath([name]), operation: ReLU(), inputs: inputs, shape: shape)
    }

    @Test func kernelDoesNotFit() throws {
        let nested = try sentence {
            Sequential {
                Sequential { Conv2D(8, kernel: 11).named("conv1") }
            }
            .named("layer1")
        }
        #expect(nested == "layer1 › 0 › conv1: an 11×11 kernel does not fit a 7×7 input with padding 0")
        #expect(
            try sentence { LocallyConnected2D(8, kernel: 8) }
                == "0: an 8×8 kernel does not fit a 7×7 input with padding 0")
        #expect(
            try sentence { MaxPool2D(Size(8, 2)).named("pool") }
                == "pool: an 8×2 kernel does not fit a 7×7 input with padding 0")
        #expect(
            try sentence(input: [1, 800, 600]) { Conv2D(1, kernel: 1001, padding: 3) }
                == "0: a 1001×1001 kernel does not fit an 800×600 input with padding 3")
        #expect(
            try sentence { Conv2D(8, kernel: 10, padding: .asymmetric(top: 1, bottom: 2, left: 0, right: 0)) }
                == "0: a 10×10 kernel does not fit a 7×7 input with padding (top 1, bottom 2, left 0, right 0)")
        #expect(
            try sentence { Conv2D(8, kernel: 3, dilation: Size(4, 1)) }
                == "0: a 3×3 kernel (dilated by 4×1 it covers 9×3) does not fit a 7×7 input with padding 0")
    }

    @Test(arguments: [
        (7, "a"), (8, "an"), (11, "an"), (18, "an"), (28, "a"), (80, "an"), (89, "an"), (90, "a"), (100, "a"),
        (110, "a"), (799, "a"), (800, "an"), (899, "an"), (1800, "a"), (8000, "an"), (11_000, "an"), (111_000, "a"),
    ])
    func articles(kernel: Int, article: String) throws {
        #expect(
            try sentence(input: [1, 4, 4]) { Conv2D(1, kernel: kernel) }
                == "0: \(article) \(kernel)×\(kernel) kernel does not fit a 4×4 input with padding 0")
    }

    @Test func waysThatDoNotMeet() throws {
        let residual = try sentence {
            Sequential {
                Residual { Conv2D(8, kernel: 3, stride: 2, padding: 1) }
            }
            .named("layer1")
        }
        #expect(
            residual
                == "layer1 › add: the body makes 8×4×4 and the shortcut 3×7×7, which cannot be added; "
                + "give the residual a shortcut that makes 8×4×4")
        let branches = try sentence {
            Branches {
                Conv2D(8, kernel: 1)
                Conv2D(4, kernel: 1)
                Conv2D(4, kernel: 3)
            }
            .named("inception")
        }
        #expect(
            branches
                == "inception › concatenate: branch 2 makes 4×5×5, which cannot be put behind the 8×7×7 of branch 0; "
                + "only the channels may differ")
        #expect(try sentence { Branches {} } == "concatenate: has no branches")
        let flat = try sentence {
            Branches {
                GlobalMaxPool2D()
                ReLU()
            }
        }
        #expect(
            flat == "concatenate: branch 1 makes 3×7×7, which cannot be put behind the 3 of branch 0; "
                + "only the channels may differ")
    }

    @Test func optionsOutOfRange() throws {
        #expect(try sentence { BatchNorm(epsilon: 0) } == "0: epsilon must be above 0, received 0.0")
        #expect(try sentence { BatchNorm(momentum: 1.5) } == "0: momentum must be 0 to 1, received 1.5")
        #expect(try sentence { ELU(-1) } == "0: alpha must be at least 0, received -1.0")
        #expect(try sentence { LeakyReLU(.infinity) } == "0: the slope must be finite, received inf")
        #expect(
            try sentence { LocalResponseNorm(5, alpha: -1) } == "0: alpha must be at least 0, received -1.0")
        #expect(try sentence { LocalResponseNorm(5, alpha: .nan) } == "0: alpha must be at least 0, received nan")
        #expect(try sentence { LocalResponseNorm(5, beta: .infinity) } == "0: beta must be finite, received inf")
        #expect(try sentence { LocalResponseNorm(5, k: 0) } == "0: k must be above 0, received 0.0")
        // Nothing in single precision.
        #expect(try sentence { LocalResponseNorm(5, k: 1e-50) } == "0: k must be above 0, received 1e-50")
        #expect(try sentence { AdaptiveAveragePool2D(0) } == "0: size must be at least 1, received 0")
        #expect(try sentence { ZeroPadding2D(-1) } == "0: padding must not be negative, received -1")
        #expect(
            try sentence(input: [5]) { GlobalAveragePool2D() }
                == "0: expects a feature map C×H×W, received a shape of 5")
    }

    @Test func reshapeToAnotherCount() throws {
        #expect(
            try sentence { Reshape(3, 49, 2) } == "0: cannot turn 3×7×7 (147 elements) into 3×49×2 (294 elements)")
        #expect(
            try sentence { Reshape(3, 1 << 40, 1 << 40) }
                == "0: cannot turn 3×7×7 (147 elements) into 3×1099511627776×1099511627776 "
                + "(more than 2³¹ − 1 elements)")
        #expect(
            try sentence { Reshape(3, 49) }
                == "0: makes a shape of 3×49; shapes are C×H×W, or one size for a flat vector")
        #expect(try sentence { Reshape(-3, -49) } == "0: size must be at least 1, received -3")
    }

    @Test func channelWindowDoesNotFit() throws {
        #expect(
            try sentence { ChannelMaxPool(4).named("maxout") }
                == "maxout: a window of 4 channels does not fit an input of 3")
    }

    @Test func channelsNotDivisible() throws {
        #expect(
            try sentence(input: [5, 7, 7]) { Conv2D(4, kernel: 1, groups: 2).named("conv") }
                == "conv: 5 input channels cannot be divided into 2 groups (5 / 2 is not whole)")
        #expect(
            try sentence(input: [4, 7, 7]) { Conv2D(5, kernel: 1, groups: 2).named("conv") }
                == "conv: 5 filters cannot be divided into 2 groups (5 / 2 is not whole)")
    }

    @Test func needsFeatureMap() throws {
        let afterFlatten = try sentence {
            Flatten()
            Conv2D(4, kernel: 1)
        }
        #expect(afterFlatten == "1: expects a feature map C×H×W, received a shape of 147")
        for layer in [LocalResponseNorm(5), ChannelMaxPool(2), LocallyConnected2D(4, kernel: 1)] as [any Layer] {
            #expect(try sentence(input: [5]) { layer } == "0: expects a feature map C×H×W, received a shape of 5")
        }
        #expect(
            try sentence(input: [28, 28]) { ReLU() }
                == "network: expects a feature map C×H×W, received a shape of 28×28")
        #expect(
            try sentence(input: []) { ReLU() }
                == "network: expects a feature map C×H×W, received a shape of no sizes")
    }

    @Test func needsFlatInput() throws {
        #expect(
            try sentence { Dense(10).named("fc") }
                == "fc: expects a flat input, received a feature map 3×7×7; put Flatten() before it")
    }

    @Test func notPositive() throws {
        #expect(try sentence { Conv2D(0, kernel: 1) } == "0: filters must be at least 1, received 0")
        #expect(try sentence { Conv2D(1, kernel: 1, groups: -2) } == "0: groups must be at least 1, received -2")
        #expect(try sentence { Conv2D(1, kernel: Size(1, 0)) } == "0: kernel must be at least 1, received 0")
        #expect(try sentence { Conv2D(1, kernel: 1, stride: 0) } == "0: stride must be at least 1, received 0")
        #expect(try sentence { Conv2D(1, kernel: 1, dilation: -1) } == "0: dilation must be at least 1, received -1")
        #expect(try sentence { MaxPool2D(0) } == "0: kernel must be at least 1, received 0")
        #expect(try sentence { LocalResponseNorm(0) } == "0: size must be at least 1, received 0")
        #expect(try sentence { ChannelMaxPool(0) } == "0: kernel must be at least 1, received 0")
        #expect(try sentence { ChannelMaxPool(1, stride: -2) } == "0: stride must be at least 1, received -2")
        #expect(try sentence { LocallyConnected2D(-1, kernel: 1) } == "0: filters must be at least 1, received -1")
        #expect(try sentence { LocallyConnected2D(1, kernel: 0) } == "0: kernel must be at least 1, received 0")
        #expect(try sentence { AveragePool2D(2, stride: Size(1, 0)) } == "0: stride must be at least 1, received 0")
        #expect(try sentence(input: [4]) { Dense(0) } == "0: units must be at least 1, received 0")
        #expect(try sentence(input: [3, 0, 7]) { ReLU() } == "network: input size must be at least 1, received 0")
    }

    @Test func negativePadding() throws {
        #expect(
            try sentence { Conv2D(1, kernel: 1, padding: -1) } == "0: padding must not be negative, received -1")
        #expect(
            try sentence { MaxPool2D(2, padding: .asymmetric(top: 0, bottom: 0, left: 0, right: -3)) }
                == "0: padding must not be negative, received -3")
    }

    @Test func sizeTooLarge() throws {
        #expect(
            try sentence { Conv2D(1, kernel: 1, stride: 2_147_483_648) }
                == "0: 2147483648 is more than the largest size, 2147483647")
    }

    @Test func paddingExceedsKernel() throws {
        #expect(
            try sentence { MaxPool2D(2, padding: 2) }
                == "0: padding 2 must be smaller than the 2×2 kernel, or a window would see no pixel")
        #expect(
            try sentence { AveragePool2D(Size(2, 1), padding: .symmetric(Size(0, 1))) }
                == "0: padding (top 0, bottom 0, left 1, right 1) must be smaller than the 2×1 kernel, "
                + "or a window would see no pixel")
        #expect(
            try sentence { MaxPool2D(Size(1, 2), padding: .asymmetric(top: 0, bottom: 1, left: 0, right: 0)) }
                == "0: padding (top 0, bottom 1, left 0, right 0) must be smaller than the 1×2 kernel, "
                + "or a window would see no pixel")
    }

    @Test(arguments: [-0.1, 1, 1.5, .infinity, .nan])
    func dropoutRate(rate: Double) throws {
        #expect(
            try sentence { Dropout(rate).named("dropout") }
                == "dropout: the dropout rate must be at least 0 and below 1, received \(rate)")
    }

    @Test func tooManyElements() throws {
        #expect(
            try sentence(input: [3, 40_000, 40_000]) { ReLU() }
                == "network: the input 3×40000×40000 has more than 2147483647 elements (2³¹ − 1)")
        #expect(
            try sentence(input: [1, 40_000, 40_000]) { Conv2D(2, kernel: 1) }
                == "0: the output 2×40000×40000 has more than 2147483647 elements (2³¹ − 1)")
        #expect(
            try sentence(input: [64, 224, 224]) { LocallyConnected2D(128, kernel: 3, padding: 1) }
                == "0: the weight 224×224×128×64×3×3 has more than 2147483647 elements (2³¹ − 1)")
        #expect(
            try sentence(input: [50_000]) { Dense(50_000) }
                == "0: the weight 50000×50000 has more than 2147483647 elements (2³¹ − 1)")
    }

    @Test func names() throws {
        let duplicate = try sentence {
            Sequential {
                ReLU().named("relu")
                ReLU().named("relu")
            }
            .named("features")
        }
        #expect(
            duplicate
                == "features › relu: the name \"relu\" is already taken by another layer here; "
                + "every name must be unique")
        #expect(
            try sentence { ReLU().named("a.b") }
                == "network: \"a.b\" cannot be a layer's name; a name is not empty and contains no dot")
        #expect(
            try sentence { ReLU().named("") }
                == "network: \"\" cannot be a layer's name; a name is not empty and contains no dot")
    }

    @Test func empty() throws {
        #expect(try sentence {} == "network: has no layers")
        #expect(try sentence { Sequential {}.named("features") } == "network: has no layers")
        #expect(try sentence(nodes: []) == "network: has no layers")
    }

    @Test func wrongInputCount() throws {
        #expect(try sentence(nodes: [image, relu("a", inputs: [])]) == "a: takes 1 input, received 0")
        #expect(try sentence(nodes: [image, relu("a", inputs: [0, 0])]) == "a: takes 1 input, received 2")
        let reading = Graph.Node(path: LayerPath(), operation: Input([1, 4, 4]), inputs: [0], shape: [1, 4, 4])
        #expect(try sentence(nodes: [reading, relu("a", inputs: [0])]) == "network: takes 0 inputs, received 1")
    }

    @Test func inputNotFirst() throws {
        let sentence = "the first layer of a graph, and no other, is its input"
        let second = Graph.Node(path: LayerPath(["b"]), operation: Input([1, 4, 4]), inputs: [], shape: [1, 4, 4])
        #expect(try self.sentence(nodes: [relu("a", inputs: []), relu("b", inputs: [0])]) == "a: \(sentence)")
        #expect(try self.sentence(nodes: [image, second]) == "b: \(sentence)")
    }

    @Test(arguments: [-1, 1, 2, 3, .max, .min])
    func inputNotBefore(index: Int) throws {
        #expect(
            try sentence(nodes: [image, relu("a", inputs: [index]), relu("b", inputs: [1])])
                == "a: reads layer \(index), which does not come before it")
    }

    @Test func outputNotUsed() throws {
        #expect(
            try sentence(nodes: [image, relu("a", inputs: [0]), relu("b", inputs: [0])])
                == "a: its output goes nowhere; every layer but the last feeds another")
    }

    @Test func wrongShape() throws {
        #expect(
            try sentence(nodes: [image, relu("a", inputs: [0], shape: [1, 4, 5])])
                == "a: makes a shape of 1×4×4, but the graph says 1×4×5")
    }

    @Test func auxiliaryClassifiers() throws {
        func network(_ classifier: AuxiliaryClassifier) throws -> String? {
            try sentence {
                Flatten()
                classifier.named("aux1")
                Dense(10)
            }
        }
        #expect(
            try network(AuxiliaryClassifier { Dense(9) })
                == "aux1 › output: makes 9, but the network's output is 10; "
                + "an auxiliary classifier ends with logits of that shape")
        #expect(
            try network(AuxiliaryClassifier { Reshape(3, 7, 7) })
                == "aux1 › output: makes 3×7×7, but the network's output is 10; "
                + "an auxiliary classifier ends with logits of that shape")
        for weight in [0, -0.3, .nan, .infinity, 1e-60, 1e60] {
            #expect(
                try network(AuxiliaryClassifier(weight: weight) { Dense(10) })
                    == "aux1 › output: the weight must be above 0 and finite, received \(weight)")
        }
        let last = try sentence {
            Flatten()
            AuxiliaryClassifier { Dense(10) }.named("aux1")
        }
        #expect(
            last == "aux1 › output: an auxiliary classifier cannot come last; "
                + "it passes its input on to layers that make the network's output")
        let output = Graph.Node(
            path: LayerPath(["b"]), operation: AuxiliaryOutput(weight: 1), inputs: [1], shape: [1, 4, 4])
        #expect(
            try sentence(nodes: [image, relu("a", inputs: [0]), output, relu("c", inputs: [2])])
                == "c: reads layer 2, which is an auxiliary output; only the loss reads those")
    }

    @Test func localizedDescription() throws {
        let error = #expect(throws: NetworkError.self) { try Network(input: [3, 7, 7]) { Dense(1) } }
        #expect(error?.localizedDescription == error?.description)
    }
}
