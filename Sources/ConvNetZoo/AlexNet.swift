import ConvNetGraph

/// AlexNet with one tower, as torchvision has it: the network that "One weird trick" describes, which dropped the two
/// groups and the normalisation of ``AlexNet2012`` and has fewer filters in its first layers.
///
/// Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014. With 224×224 colour images and
/// 1000 classes it has 61,100,840 parameters. Images of other sizes, from 63×63, are pooled to the 6×6 pixels that the
/// dense layers take.
public struct AlexNet: Layer {
    /// The share of the features between dense layers that training drops, 0 ..< 1.
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
        }
        .named("features")
        AdaptiveAveragePool2D(6)
        Flatten()
        Sequential {
            Dropout(dropout)
            Dense(4096)
            ReLU()
            Dropout(dropout)
            Dense(4096)
            ReLU()
            Dense(classes)
        }
        .named("classifier")
    }
}

/// AlexNet as it won the ImageNet challenge of 2012. It introduced ReLU, dropout, overlapping pooling and training on
/// graphics cards to image classification: its two groups of filters are the two cards that it was split over, which meet
/// in the third convolution and in the dense layers.
///
/// Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012, section 3.5;
/// the initial weights are those of section 5. Images are 227×227, which the arithmetic of the first layer needs, where
/// the paper says 224×224. With 1000 classes it has 60,965,224 parameters.
public struct AlexNet2012: Layer {
    /// The share of the features between dense layers that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(dropout: Double = 0.5, classes: Int = 1000) {
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        convolution(96, kernel: 11, stride: 4, bias: 0).named("conv1")
        ReLU()
        LocalResponseNorm.alexNet
        MaxPool2D(3, stride: 2)
        convolution(256, kernel: 5, padding: 2, groups: 2, bias: 1).named("conv2")
        ReLU()
        LocalResponseNorm.alexNet
        MaxPool2D(3, stride: 2)
        convolution(384, kernel: 3, padding: 1, bias: 0).named("conv3")
        ReLU()
        convolution(384, kernel: 3, padding: 1, groups: 2, bias: 1).named("conv4")
        ReLU()
        convolution(256, kernel: 3, padding: 1, groups: 2, bias: 1).named("conv5")
        ReLU()
        MaxPool2D(3, stride: 2)
        Flatten()
        dense(4096, bias: 1).named("fc6")
        ReLU()
        Dropout(dropout)
        dense(4096, bias: 1).named("fc7")
        ReLU()
        Dropout(dropout)
        dense(classes, bias: 0).named("fc8")
    }

    /// Biases of 1 give the ReLUs behind them positive inputs to begin with.
    private func convolution(
        _ filters: Int, kernel: Int, stride: Int = 1, padding: Padding = .valid, groups: Int = 1, bias: Float
    ) -> Conv2D {
        Conv2D(
            filters, kernel: kernel, stride: stride, padding: padding, groups: groups,
            weightInitializer: .normal(standardDeviation: 0.01), biasInitializer: .constant(bias))
    }

    private func dense(_ units: Int, bias: Float) -> Dense {
        Dense(units, weightInitializer: .normal(standardDeviation: 0.01), biasInitializer: .constant(bias))
    }
}

extension LocalResponseNorm {
    /// Section 3.3 of the paper, whose α of 10⁻⁴ is not divided by the five channels of the window.
    static let alexNet = LocalResponseNorm(5, alpha: 5e-4, beta: 0.75, k: 2)
}
