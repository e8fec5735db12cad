import ConvNetGraph

/// SqueezeNet 1.0: AlexNet's accuracy with a fiftieth of its parameters. It introduced the fire module, which squeezes the
/// channels before it looks at them through 3×3 windows, and looks through 1×1 windows where that will do.
///
/// Iandola et al., "SqueezeNet: AlexNet-Level Accuracy with 50× Fewer Parameters and <0.5MB Model Size", 2016, table 1;
/// names and initial weights are torchvision's. With 1000 classes it has 1,248,424 parameters.
public struct SqueezeNet: Layer {
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(dropout: Double = 0.5, classes: Int = 1000) {
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        Sequential {
            Conv2D(
                96, kernel: 7, stride: 2, weightInitializer: .kaimingUniform(), biasInitializer: .constant(0))
            ReLU()
            MaxPool2D(3, stride: 2, ceilMode: true)
            Fire(squeeze: 16, expand: 64)
            Fire(squeeze: 16, expand: 64)
            Fire(squeeze: 32, expand: 128)
            MaxPool2D(3, stride: 2, ceilMode: true)
            Fire(squeeze: 32, expand: 128)
            Fire(squeeze: 48, expand: 192)
            Fire(squeeze: 48, expand: 192)
            Fire(squeeze: 64, expand: 256)
            MaxPool2D(3, stride: 2, ceilMode: true)
            Fire(squeeze: 64, expand: 256)
        }
        .named("features")
        Sequential {
            Dropout(dropout)
            Conv2D(
                classes, kernel: 1, weightInitializer: .normal(standardDeviation: 0.01),
                biasInitializer: .constant(0))
            ReLU()
        }
        .named("classifier")
        GlobalAveragePool2D()
    }
}

/// A 1×1 convolution to few channels, and a 1×1 and a 3×3 side by side to many.
private struct Fire: Layer {
    var squeeze: Int
    /// Filters of each of the two that expand.
    var expand: Int

    var body: some Layer {
        convolution(squeeze, kernel: 1).named("squeeze")
        ReLU()
        Branches {
            convolution(expand, kernel: 1).named("expand1x1")
            convolution(expand, kernel: 3).named("expand3x3")
        }
        ReLU()
    }

    private func convolution(_ filters: Int, kernel: Int) -> Conv2D {
        Conv2D(
            filters, kernel: kernel, padding: .symmetric(kernel / 2), weightInitializer: .kaimingUniform(),
            biasInitializer: .constant(0))
    }
}
