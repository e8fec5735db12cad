import ConvNetGraph

/// GoogLeNet as it won the ImageNet challenge of 2014. It introduced the inception module, which looks at a map through
/// windows of several sizes at once, 1×1 convolutions that make them affordable, and classifiers half-way up that give the
/// lower layers a gradient of their own; it has no large dense layer.
///
/// Szegedy et al., "Going Deeper with Convolutions", 2015, table 1 and section 5. Poolings round up, which the sizes in
/// the table need. Departure: initial weights are He's, since the paper does not give its own. With 224×224 colour images and 1000 classes
/// it has 6,998,552 parameters, 13,378,280 with the auxiliary classifiers, whose losses count 0.3 each. Images may be as
/// small as 65×65; without auxiliary classifiers, any size.
public struct GoogLeNet2014: Layer {
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int
    /// Whether two classifiers half-way help to train.
    public var auxiliaryClassifiers: Bool

    /// - Parameter classes: the number of outputs.
    public init(classes: Int = 1000, auxiliaryClassifiers: Bool = true, dropout: Double = 0.4) {
        self.classes = classes
        self.auxiliaryClassifiers = auxiliaryClassifiers
        self.dropout = dropout
    }

    public var body: some Layer {
        RectifiedConvolution(64, kernel: 7, stride: 2, padding: 3).named("conv1")
        MaxPool2D(3, stride: 2, ceilMode: true)
        LocalResponseNorm(5)
        RectifiedConvolution(64, kernel: 1).named("conv2")
        RectifiedConvolution(192, kernel: 3, padding: 1).named("conv3")
        LocalResponseNorm(5)
        MaxPool2D(3, stride: 2, ceilMode: true)
        for module in InceptionSizes.stage3 { inception(module).named("inception\(module.name)") }
        MaxPool2D(3, stride: 2, ceilMode: true)
        for module in InceptionSizes.stage4 {
            inception(module).named("inception\(module.name)")
            if auxiliaryClassifiers, let number = ["4a": 1, "4d": 2][module.name] {
                auxiliaryClassifier.named("aux\(number)")
            }
        }
        MaxPool2D(3, stride: 2, ceilMode: true)
        for module in InceptionSizes.stage5 { inception(module).named("inception\(module.name)") }
        GlobalAveragePool2D()
        Dropout(dropout)
        Dense(classes).named("fc")
    }

    private func inception(_ sizes: InceptionSizes) -> Inception {
        Inception(sizes, kernel5: 5) { RectifiedConvolution($0, kernel: $1, padding: $1 / 2) }
    }

    private var auxiliaryClassifier: AuxiliaryClassifier {
        AuxiliaryClassifier(weight: 0.3) {
            AveragePool2D(5, stride: 3)
            RectifiedConvolution(128, kernel: 1).named("conv")
            Flatten()
            Dense(1024).named("fc1")
            ReLU()
            Dropout(0.7)
            Dense(classes).named("fc2")
        }
    }
}

/// A convolution with ReLU.
private struct RectifiedConvolution: Layer {
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
            filters, kernel: kernel, stride: stride, padding: .symmetric(padding),
            weightInitializer: .kaimingNormal(), biasInitializer: .constant(0)
        )
        .named("conv")
        ReLU()
    }
}
