import ConvNetGraph

/// GoogLeNet as torchvision has it: ``GoogLeNet2014`` with batch norm behind every convolution instead of two local
/// response norms.
///
/// Szegedy et al., "Going Deeper with Convolutions", 2015, table 1. Torchvision departs from the paper in more than the
/// norms, whose epsilon is 0.001: the 5×5 convolutions are 3×3, the fourth pooling is 2×2, poolings round up, the
/// auxiliary classifiers pool to 4×4 whatever the image's size, and the last dropout is 0.2. With 1000 classes it has
/// 6,624,904 parameters, 13,004,888 with the auxiliary classifiers. Their losses count 0.3 each.
public struct GoogLeNet: Layer {
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int
    /// Whether two classifiers half-way help to train.
    public var auxiliaryClassifiers: Bool

    /// - Parameter classes: the number of outputs.
    public init(classes: Int = 1000, auxiliaryClassifiers: Bool = true, dropout: Double = 0.2) {
        self.classes = classes
        self.auxiliaryClassifiers = auxiliaryClassifiers
        self.dropout = dropout
    }

    public var body: some Layer {
        NormedConvolution(64, kernel: 7, stride: 2, padding: 3).named("conv1")
        MaxPool2D(3, stride: 2, ceilMode: true)
        NormedConvolution(64, kernel: 1).named("conv2")
        NormedConvolution(192, kernel: 3, padding: 1).named("conv3")
        MaxPool2D(3, stride: 2, ceilMode: true)
        for module in InceptionSizes.stage3 { inception(module).named("inception\(module.name)") }
        MaxPool2D(3, stride: 2, ceilMode: true)
        for module in InceptionSizes.stage4 {
            inception(module).named("inception\(module.name)")
            if auxiliaryClassifiers, let number = ["4a": 1, "4d": 2][module.name] {
                auxiliaryClassifier.named("aux\(number)")
            }
        }
        MaxPool2D(2, stride: 2, ceilMode: true)
        for module in InceptionSizes.stage5 { inception(module).named("inception\(module.name)") }
        GlobalAveragePool2D()
        Dropout(dropout)
        Dense(classes).named("fc")
    }

    private func inception(_ sizes: InceptionSizes) -> Inception {
        // The paper has 5×5; torchvision's weights are 3×3.
        Inception(sizes, kernel5: 3, ceilMode: true) { NormedConvolution($0, kernel: $1, padding: $1 / 2) }
    }

    private var auxiliaryClassifier: AuxiliaryClassifier {
        AuxiliaryClassifier(weight: 0.3) {
            AdaptiveAveragePool2D(4)
            NormedConvolution(128, kernel: 1).named("conv")
            Flatten()
            Dense(1024).named("fc1")
            ReLU()
            Dropout(0.7)
            Dense(classes).named("fc2")
        }
    }
}

/// A convolution with batch norm and ReLU.
private struct NormedConvolution: Layer {
    var filters: Int
    var kernel: Int
    var stride: Int
    var padding: Int

    init(_ filters: Int, kernel: Int, stride: Int = 1, padding: Int = 0) {
        self.filters = filters
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
    }

    var body: some Layer {
        Conv2D(
            filters, kernel: kernel, stride: stride, padding: .symmetric(padding), bias: false,
            weightInitializer: .normal(standardDeviation: 0.01)
        )
        .named("conv")
        BatchNorm(epsilon: 0.001).named("bn")
        ReLU()
    }
}
