import Testing

@testable import ConvNetGraph

@Suite struct LayerShapeTests {
    private func output(of layer: any Layer, for input: Shape) throws -> Shape {
        try Network(input: input) { layer }.outputShape
    }

    @Test func convolution() throws {
        #expect(try output(of: Conv2D(6, kernel: 5), for: [1, 28, 28]) == [6, 24, 24])
        #expect(try output(of: Conv2D(64, kernel: 3, padding: 1), for: [3, 7, 9]) == [64, 7, 9])
        #expect(try output(of: Conv2D(8, kernel: 3, stride: 2, padding: .same), for: [3, 7, 10]) == [8, 4, 5])
        let flat = Conv2D(8, kernel: Size(1, 7), padding: .symmetric(Size(0, 3)))
        #expect(try output(of: flat, for: [3, 5, 5]) == [8, 5, 5])
        #expect(try output(of: Conv2D(8, kernel: 3, stride: Size(2, 1)), for: [3, 9, 9]) == [8, 4, 7])
        #expect(try output(of: Conv2D(8, kernel: 3, dilation: Size(1, 3)), for: [3, 9, 9]) == [8, 7, 3])
        let lopsided = Conv2D(8, kernel: 2, padding: .asymmetric(top: 1, bottom: 0, left: 0, right: 3))
        #expect(try output(of: lopsided, for: [3, 4, 4]) == [8, 4, 6])
    }

    @Test(arguments: [(1, [12, 6, 3, 2]), (2, [12, 3, 3, 2]), (3, [12, 2, 3, 2]), (6, [12, 1, 3, 2])])
    func convolutionParameters(groups: Int, weight: [Int]) throws {
        let network = try Network(input: [6, 5, 5]) { Conv2D(12, kernel: Size(3, 2), groups: groups) }
        #expect(network.parameters.map(\.shape) == [weight, [12]])
        // Every one of 12·3·4 outputs sums the products of one row of the weight.
        let node = network.graph.nodes[1]
        #expect(
            node.operation.multiplyAdds(inputs: [[6, 5, 5]], output: node.shape)
                == 12 * 3 * 4 * weight.dropFirst().reduce(1, *))
    }

    @Test func poolingMovesByItsOwnSize() throws {
        #expect(try output(of: MaxPool2D(2), for: [5, 8, 6]) == [5, 4, 3])
        #expect(try output(of: AveragePool2D(Size(2, 3)), for: [5, 8, 6]) == [5, 4, 2])
        #expect(try output(of: MaxPool2D(2), for: [5, 7, 7]) == [5, 3, 3])
    }

    /// PyTorch's rule: rounded up, but no window starts beyond the input and the padding before it.
    @Test(arguments: [
        (7, 3, 2, 0, 3), (6, 3, 2, 0, 3), (8, 3, 2, 0, 4), (112, 3, 2, 0, 56), (5, 2, 3, 1, 2), (4, 2, 2, 1, 3),
        (6, 2, 2, 0, 3), (5, 2, 2, 1, 3),
    ])
    func ceilMode(input: Int, kernel: Int, stride: Int, padding: Int, expected: Int) throws {
        let pool = MaxPool2D(
            kernel, stride: stride, padding: .symmetric(padding), ceilMode: true)
        #expect(try output(of: pool, for: [2, input, input]) == [2, expected, expected])
    }

    @Test func channelPooling() throws {
        #expect(try output(of: ChannelMaxPool(2), for: [8, 7, 3]) == [4, 7, 3])
        #expect(try output(of: ChannelMaxPool(2), for: [9, 7, 3]) == [4, 7, 3])
        #expect(try output(of: ChannelMaxPool(3, stride: 1), for: [8, 7, 3]) == [6, 7, 3])
        #expect(try output(of: ChannelMaxPool(2, stride: 3), for: [8, 7, 3]) == [3, 7, 3])
        #expect(try output(of: ChannelMaxPool(8), for: [8, 7, 3]) == [1, 7, 3])
    }

    /// A weight and a bias of its own for each of 4·3 places.
    @Test func locallyConnectedParameters() throws {
        let layer = LocallyConnected2D(5, kernel: Size(3, 2), stride: Size(2, 3), padding: 1)
        let network = try Network(input: [6, 7, 6]) { layer }
        #expect(network.outputShape == [5, 4, 3])
        #expect(network.parameters.map(\.name) == ["0.weight", "0.bias"])
        #expect(network.parameters.map(\.shape) == [[4, 3, 5, 6, 3, 2], [5, 4, 3]])
        #expect(network.parameters.map(\.fanIn) == [36, 36])
        #expect(network.parameters.map(\.fanOut) == [30, 30])
        #expect(layer.multiplyAdds(inputs: [[6, 7, 6]], output: [5, 4, 3]) == network.parameters[0].count)
        let plain = try Network(input: [6, 7, 6]) { LocallyConnected2D(5, kernel: 7, padding: .same, bias: false) }
        #expect(plain.parameters.map(\.shape) == [[7, 6, 5, 6, 7, 7]])
    }

    @Test func shapesOfOtherLayers() throws {
        #expect(try output(of: GlobalAveragePool2D(), for: [5, 7, 3]) == [5])
        #expect(try output(of: GlobalMaxPool2D(), for: [5, 7, 3]) == [5])
        #expect(try output(of: AdaptiveAveragePool2D(Size(6, 2)), for: [5, 7, 3]) == [5, 6, 2])
        #expect(try output(of: LocalResponseNorm(9), for: [5, 7, 3]) == [5, 7, 3])
        #expect(try output(of: Reshape(3, 5, 7), for: [5, 7, 3]) == [3, 5, 7])
        #expect(
            try output(of: ZeroPadding2D(Edges(top: 1, bottom: 2, left: 3, right: 4)), for: [5, 7, 3]) == [5, 10, 10])
        for layer in [BatchNorm(), LeakyReLU(), ELU(), GELU(), SiLU(), Softmax()] as [any Layer] {
            #expect(try output(of: layer, for: [5, 7, 3]) == [5, 7, 3])
            #expect(try output(of: layer, for: [5]) == [5])
        }
    }

    @Test func batchNormParameters() throws {
        let parameters = try Network(input: [5, 7, 3]) { BatchNorm() }.parameters
        #expect(parameters.map(\.name) == ["0.weight", "0.bias", "0.running_mean", "0.running_var"])
        #expect(parameters.map(\.shape) == [[5], [5], [5], [5]])
        #expect(parameters.map(\.isTrainable) == [true, true, false, false])
        #expect(parameters.map { $0.initializer.values(for: $0, seed: 1)[4] } == [1, 0, 0, 1])
        let plain = try Network(input: [5]) { BatchNorm(affine: false) }
        #expect(plain.parameters.map(\.name) == ["0.running_mean", "0.running_var"])
        #expect(plain.parameterCount == 0)
    }

    @Test func poolingOptions() throws {
        #expect(try output(of: MaxPool2D(3, stride: 2), for: [64, 55, 55]) == [64, 27, 27])
        #expect(try output(of: MaxPool2D(3, stride: 2, padding: 1), for: [64, 112, 112]) == [64, 56, 56])
        #expect(try output(of: AveragePool2D(3, stride: 2, padding: .same), for: [2, 7, 8]) == [2, 4, 4])
        #expect(try output(of: AveragePool2D(3, stride: Size(1, 3)), for: [2, 7, 9]) == [2, 5, 3])
    }

    @Test func poolingHasNoParameters() throws {
        let network = try Network(input: [2, 4, 4]) {
            MaxPool2D(2)
            AveragePool2D(2)
        }
        #expect(network.parameterCount == 0)
    }

    @Test func channelsInOtherPlaces() throws {
        #expect(try output(of: ChannelSlice(2, count: 3), for: [5, 4, 6]) == [3, 4, 6])
        #expect(try output(of: ChannelSlice(0, count: 1), for: [5]) == [1])
        #expect(try output(of: ChannelPadding(before: 2, after: 3), for: [5, 4, 6]) == [10, 4, 6])
        #expect(try output(of: ChannelShuffle(3), for: [12, 4, 6]) == [12, 4, 6])
        #expect((0..<6).map { ChannelShuffle(3).source(of: $0, among: 6) } == [0, 2, 4, 1, 3, 5])
        #expect((0..<2).map { ChannelSlice(2, count: 2).source(of: $0, among: 6) } == [2, 3])
        let padding = ChannelPadding(before: 1, after: 2)
        #expect((0..<5).map { padding.source(of: $0, among: 2) } == [nil, 0, 1, nil, nil])
    }

    @Test(
        arguments: [
            (ChannelSlice(3, count: 3), "0: an input of 5 channels, counted from 0, does not have 3 from channel 3 on"),
            (
                ChannelSlice(-1, count: 3),
                "0: an input of 5 channels, counted from 0, does not have 3 from channel -1 on"
            ),
            (
                ChannelSlice(1, count: .max),
                "0: an input of 5 channels, counted from 0, does not have 9223372036854775807 from channel 1 on"
            ),
            (ChannelSlice(0, count: 0), "0: the number of channels must be at least 1, received 0"),
            (ChannelPadding(before: -1, after: 0), "0: padding must not be negative, received -1"),
            (
                ChannelPadding(after: .max),
                "0: the output 9223372036854775807×4×6 has more than 2147483647 elements (2³¹ − 1)"
            ),
            (ChannelShuffle(2), "0: 5 channels cannot be divided into 2 groups (5 / 2 is not whole)"),
            (ChannelShuffle(0), "0: groups must be at least 1, received 0"),
            (Clip(low: 1, high: 1), "0: the upper limit must be finite and above 1.0, received 1.0"),
            (Clip(low: -.infinity, high: 1), "0: the lower limit must be finite, received -inf"),
            (StochasticDepth(1), "0: the rate must be at least 0 and below 1, received 1.0"),
            (PReLU(initialWeight: .nan), "0: the initial weight must be finite, received nan"),
        ] as [(any Layer & Sendable, String)])
    func settingsThatCannotWork(layer: any Layer & Sendable, sentence: String) throws {
        let error = try #require(throws: NetworkError.self) { try output(of: layer, for: [5, 4, 6]) }
        #expect("\(error)" == sentence)
    }

    @Test func weightsOfChannels() throws {
        func shapes(_ layer: any Layer, _ input: Shape) throws -> [[Int]] {
            try Network(input: input) { layer }.parameters.map(\.shape)
        }
        #expect(try shapes(PReLU(), [5, 4, 6]) == [[5]])
        #expect(try shapes(PReLU(), [7]) == [[7]])
        #expect(try shapes(PReLU(shared: true), [5, 4, 6]) == [[1]])
        #expect(try shapes(ChannelAffine(), [5, 4, 6]) == [[5], [5]])
    }

    @Test func dense() throws {
        let network = try Network(input: [5]) { Dense(3) }
        #expect(network.outputShape == [3])
        #expect(network.parameters.map(\.shape) == [[3, 5], [3]])
        #expect(try Network(input: [5]) { Dense(3, bias: false) }.parameters.map(\.shape) == [[3, 5]])
    }

    @Test func flatten() throws {
        #expect(try output(of: Flatten(), for: [3, 4, 5]) == [60])
        #expect(try output(of: Flatten(), for: [7]) == [7])
    }

    @Test(arguments: [[3, 4, 5], [7]] as [Shape])
    func elementwiseLayersKeepTheShape(input: Shape) throws {
        for layer in [ReLU(), Tanh(), Sigmoid(), Dropout(0.5)] as [any Layer] {
            #expect(try output(of: layer, for: input) == input)
        }
    }

    /// The network in ``Network``'s documentation.
    @Test func parameterCount() throws {
        let network = try Network(input: [1, 28, 28]) {
            Conv2D(8, kernel: 5)
            ReLU()
            MaxPool2D(2)
            Flatten()
            Dense(10)
        }
        #expect(network.inputShape == [1, 28, 28])
        #expect(network.outputShape == [10])
        #expect(network.parameterCount == (5 * 5 * 1 + 1) * 8 + (8 * 12 * 12 + 1) * 10)
    }

    /// torchvision's `alexnet` without its adaptive pooling, which does nothing at this size.
    @Test func alexNet() throws {
        let network = try Network(input: [3, 224, 224]) {
            Conv2D(64, kernel: 11, stride: 4, padding: 2)
            ReLU()
            MaxPool2D(3, stride: 2)
            Conv2D(192, kernel: 5, padding: 2)
            ReLU()
            MaxPool2D(3, stride: 2)
            Conv2D(384, kernel: 3, padding: 1)
            ReLU()
            Conv2D(256, kernel: 3, padding: 1)
            ReLU()
            Conv2D(256, kernel: 3, padding: 1)
            ReLU()
            MaxPool2D(3, stride: 2)
            Flatten()
            Dropout(0.5)
            Dense(4096)
            ReLU()
            Dropout(0.5)
            Dense(4096)
            ReLU()
            Dense(1000)
        }
        let heights = network.graph.nodes.filter { $0.shape.isFeatureMap }.map(\.shape.height)
        #expect(heights == [224, 55, 55, 27, 27, 27, 13, 13, 13, 13, 13, 13, 13, 6])
        // The number that torchvision documents.
        #expect(network.parameterCount == 61_100_840)
    }
}
