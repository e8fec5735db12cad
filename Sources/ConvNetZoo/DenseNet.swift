import ConvNetGraph

/// DenseNet-121: every layer of a block reads what all layers before it made, put one behind the other. It introduced
/// reuse of features in place of their repetition: a layer adds 32 channels, and needs few weights for that.
///
/// Huang, Liu, van der Maaten and Weinberger, "Densely Connected Convolutional Networks", 2017, table 1; names and initial
/// weights are torchvision's. With 1000 classes it has 7,978,856 parameters.
public struct DenseNet121: Layer {
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(dropout: Double = 0, classes: Int = 1000) {
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        Sequential {
            convolution(64, kernel: 7, stride: 2, padding: 3).named("conv0")
            BatchNorm().named("norm0")
            ReLU()
            MaxPool2D(3, stride: 2, padding: 1)
            for (index, layers) in [6, 12, 24, 16].enumerated() {
                if index > 0 { Transition().named("transition\(index)") }
                DenseBlock(layers: layers).named("denseblock\(index + 1)")
            }
            BatchNorm().named("norm5")
        }
        .named("features")
        ReLU()
        GlobalAveragePool2D()
        if dropout != 0 { Dropout(dropout) }
        Dense(classes, biasInitializer: .constant(0)).named("classifier")
    }
}

/// Layers that each put 32 channels behind what came in.
private struct DenseBlock: Layer {
    var layers: Int

    var body: some Layer {
        for number in 1...layers {
            Branches {
                Sequential {}
                Sequential {
                    BatchNorm().named("norm1")
                    ReLU()
                    // Four times what the 3×3 makes of it.
                    convolution(128, kernel: 1).named("conv1")
                    BatchNorm().named("norm2")
                    ReLU()
                    convolution(32, kernel: 3, padding: 1).named("conv2")
                }
                .named("denselayer\(number)")
            }
        }
    }
}

/// Half the channels, and half the height and width, of what came in.
private struct Transition: Layer {
    var body: some Layer {
        BatchNorm().named("norm")
        ReLU()
        WithShape { input in
            convolution(input.channels / 2, kernel: 1).named("conv")
        }
        AveragePool2D(2)
    }
}

private func convolution(_ filters: Int, kernel: Int, stride: Int = 1, padding: Padding = .valid) -> Conv2D {
    Conv2D(
        filters, kernel: kernel, stride: stride, padding: padding, bias: false, weightInitializer: .kaimingNormal())
}
