import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph

/// A layer describes itself as the Swift that makes it: each case's text is also its code.
@Suite struct LayerDescriptionTests {
    @Test func convolution() {
        #expect("\(Conv2D(8, kernel: 3))" == "Conv2D(8, kernel: 3)")
        #expect("\(Conv2D(8, kernel: Size(1, 7)))" == "Conv2D(8, kernel: Size(1, 7))")
        #expect("\(Conv2D(8, kernel: 3, stride: 2))" == "Conv2D(8, kernel: 3, stride: 2)")
        #expect("\(Conv2D(8, kernel: 3, stride: Size(2, 1)))" == "Conv2D(8, kernel: 3, stride: Size(2, 1))")
        #expect("\(Conv2D(8, kernel: 3, dilation: 2, groups: 4))" == "Conv2D(8, kernel: 3, dilation: 2, groups: 4)")
        #expect("\(Conv2D(8, kernel: 3, bias: false))" == "Conv2D(8, kernel: 3, bias: false)")
    }

    @Test func optionsGivenAsTheirDefaults() {
        let layer = Conv2D(
            8, kernel: Size(3, 3), stride: Size(1), padding: .valid, dilation: 1, groups: 1, bias: true,
            weightInitializer: .pyTorchDefault, biasInitializer: .pyTorchDefault)
        #expect("\(layer)" == "Conv2D(8, kernel: 3)")
        #expect("\(MaxPool2D(2, stride: 2, padding: .valid))" == "MaxPool2D(2)")
        #expect("\(AveragePool2D(2, stride: Size(2), countsPadding: true))" == "AveragePool2D(2)")
    }

    @Test func padding() {
        #expect("\(Conv2D(8, kernel: 3, padding: 1))" == "Conv2D(8, kernel: 3, padding: 1)")
        #expect("\(Conv2D(8, kernel: 3, padding: .same))" == "Conv2D(8, kernel: 3, padding: .same)")
        #expect(
            "\(Conv2D(8, kernel: 3, padding: .symmetric(Size(0, 3))))"
                == "Conv2D(8, kernel: 3, padding: .symmetric(Size(0, 3)))")
        #expect(
            "\(Conv2D(8, kernel: 3, padding: .asymmetric(top: 1, bottom: 2, left: 0, right: 3)))"
                == "Conv2D(8, kernel: 3, padding: .asymmetric(top: 1, bottom: 2, left: 0, right: 3))")
    }

    @Test func layersOfAllSorts() {
        #expect("\(BatchNorm())" == "BatchNorm()")
        #expect(
            "\(BatchNorm(epsilon: 0.001, momentum: 0.2, affine: false, frozen: true))"
                == "BatchNorm(epsilon: 0.001, momentum: 0.2, affine: false, frozen: true)")
        #expect("\(MaxPool2D(3, stride: 2, ceilMode: true))" == "MaxPool2D(3, stride: 2, ceilMode: true)")
        #expect("\(AdaptiveAveragePool2D(Size(2, 3)))" == "AdaptiveAveragePool2D(Size(2, 3))")
        #expect("\(Reshape(64, 7, 7))" == "Reshape(64, 7, 7)")
        #expect("\(ZeroPadding2D(2))" == "ZeroPadding2D(2)")
        let edges = Edges(top: 0, bottom: 1, left: 2, right: 3)
        #expect("\(ZeroPadding2D(edges))" == "ZeroPadding2D(Edges(top: 0, bottom: 1, left: 2, right: 3))")
    }

    @Test func activations() {
        #expect("\(LeakyReLU())" == "LeakyReLU()")
        #expect("\(LeakyReLU(0.2))" == "LeakyReLU(0.2)")
        #expect("\(ELU())" == "ELU()")
        #expect("\(ELU(0.5))" == "ELU(0.5)")
        #expect("\(GELU())" == "GELU()")
        #expect("\(GELU(.tanh))" == "GELU(.tanh)")
        #expect("\([HardSigmoid(), HardSwish()] as [any Layer])" == "[HardSigmoid(), HardSwish()]")
        #expect("\(Clip(low: -1, high: 6))" == "Clip(low: -1.0, high: 6.0)")
        #expect("\(PReLU())" == "PReLU()")
        #expect("\(PReLU(shared: true, initialWeight: 0.1))" == "PReLU(shared: true, initialWeight: 0.1)")
    }

    @Test func pooling() {
        #expect("\(MaxPool2D(2))" == "MaxPool2D(2)")
        #expect("\(MaxPool2D(3, stride: 2, padding: 1))" == "MaxPool2D(3, stride: 2, padding: 1)")
        #expect("\(MaxPool2D(Size(2, 3)))" == "MaxPool2D(Size(2, 3))")
        #expect("\(AveragePool2D(3, stride: Size(1, 2)))" == "AveragePool2D(3, stride: Size(1, 2))")
        #expect(
            "\(AveragePool2D(3, padding: .same, countsPadding: false))"
                == "AveragePool2D(3, padding: .same, countsPadding: false)")
    }

    @Test func locallyConnected() {
        #expect(
            "\(LocallyConnected2D(8, kernel: Size(3, 3), stride: 1, bias: true))" == "LocallyConnected2D(8, kernel: 3)")
        #expect(
            "\(LocallyConnected2D(8, kernel: Size(1, 7), stride: Size(2, 1), padding: .same, bias: false))"
                == "LocallyConnected2D(8, kernel: Size(1, 7), stride: Size(2, 1), padding: .same, bias: false)")
        #expect(
            "\(LocallyConnected2D(8, kernel: 3, weightInitializer: .kaimingNormal(), biasInitializer: .constant(0)))"
                == "LocallyConnected2D(8, kernel: 3, weightInitializer: .kaimingNormal(.in), "
                + "biasInitializer: .constant(0.0))")
    }

    @Test func acrossChannels() {
        #expect("\(LocalResponseNorm(5, alpha: 1e-4, beta: 0.75, k: 1))" == "LocalResponseNorm(5)")
        #expect("\(LocalResponseNorm(5, alpha: 5e-4, k: 2))" == "LocalResponseNorm(5, alpha: 0.0005, k: 2.0)")
        #expect("\(LocalResponseNorm(4, beta: 0.5))" == "LocalResponseNorm(4, beta: 0.5)")
        #expect("\(ChannelMaxPool(2, stride: 2))" == "ChannelMaxPool(2)")
        #expect("\(ChannelMaxPool(3, stride: 1))" == "ChannelMaxPool(3, stride: 1)")
        #expect("\(ChannelAffine())" == "ChannelAffine()")
        #expect("\(ChannelSlice(3, count: 4))" == "ChannelSlice(3, count: 4)")
        #expect("\(ChannelPadding(after: 4))" == "ChannelPadding(after: 4)")
        #expect("\(ChannelPadding(before: 1, after: 4))" == "ChannelPadding(before: 1, after: 4)")
        #expect("\(ChannelShuffle(4))" == "ChannelShuffle(4)")
    }

    @Test func otherLayers() {
        #expect("\(Dense(10))" == "Dense(10)")
        #expect("\(Dense(10, bias: false))" == "Dense(10, bias: false)")
        #expect("\(Dropout(0.25))" == "Dropout(0.25)")
        #expect("\(StochasticDepth(0.25))" == "StochasticDepth(0.25)")
        #expect("\(AuxiliaryOutput(weight: 0.3))" == "AuxiliaryOutput(weight: 0.3)")
        #expect(
            "\([ReLU(), ReLU6(), Tanh(), Sigmoid(), Flatten()] as [any Layer])"
                == "[ReLU(), ReLU6(), Tanh(), Sigmoid(), Flatten()]")
    }

    @Test func initializers() {
        #expect(
            "\(Conv2D(8, kernel: 3, weightInitializer: .kaimingNormal(), biasInitializer: .constant(0)))"
                == "Conv2D(8, kernel: 3, weightInitializer: .kaimingNormal(.in), biasInitializer: .constant(0.0))")
        #expect(
            "\(Dense(8, bias: false, weightInitializer: .xavierUniform()))"
                == "Dense(8, bias: false, weightInitializer: .xavierUniform(gain: 1.0))")
        #expect("\(Initializer.normal())" == ".normal(mean: 0.0, standardDeviation: 0.01)")
        #expect("\(Initializer.uniform(low: -1, high: 0.5))" == ".uniform(low: -1.0, high: 0.5)")
        #expect("\(Initializer.kaimingUniform(.out))" == ".kaimingUniform(.out)")
        #expect("\(Initializer.xavierNormal(gain: 2))" == ".xavierNormal(gain: 2.0)")
        #expect("\(Initializer.pyTorchDefault)" == ".pyTorchDefault")
    }
}
