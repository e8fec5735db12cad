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
        for module in InceptionSizes.stage3 { Inception(module).named("inception\(module.name)") }
        MaxPool2D(3, stride: 2, ceilMode: true)
        for module in InceptionSizes.stage4 {
            Inception(module).named("inception\(module.name)")
            if auxiliaryClassifiers, let number = ["4a": 1, "4d": 2][module.name] {
                auxiliaryClassifier.named("aux\(number)")
            }
        }
        MaxPool2D(3, stride: 2, ceilMode: true)
        for module in InceptionSizes.stage5 { Inception(module).named("inception\(module.name)") }
        GlobalAveragePool2D()
        Dropout(dropout)
        Dense(classes).named("fc")
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

/// Four ways of looking at one map, side by side: the paper's figure 2(b).
private struct Inception: Layer {
    var sizes: InceptionSizes

    init(_ sizes: InceptionSizes) { self.sizes = sizes }

    var body: some Layer {
        Branches {
            RectifiedConvolution(sizes.direct, kernel: 1).named("branch1")
            Sequential {
                RectifiedConvolution(sizes.reduction3, kernel: 1)
                RectifiedConvolution(sizes.filters3, kernel: 3, padding: 1)
            }
            .named("branch2")
            Sequential {
                RectifiedConvolution(sizes.reduction5, kernel: 1)
                RectifiedConvolution(sizes.filters5, kernel: 5, padding: 2)
            }
            .named("branch3")
            Sequential {
                MaxPool2D(3, stride: 1, padding: 1)
                RectifiedConvolution(sizes.pooled, kernel: 1)
            }
            .named("branch4")
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

/// The filters of one inception module: a row of the paper's table 1.
struct InceptionSizes {
    /// The paper's name: stage and letter.
    var name: String
    /// 1×1 convolutions by themselves.
    var direct: Int
    /// Before and in the 3×3 convolution.
    var reduction3, filters3: Int
    /// Before and in the 5×5 convolution.
    var reduction5, filters5: Int
    /// Behind the pooling.
    var pooled: Int

    private init(_ name: String, _ direct: Int, _ three: (Int, Int), _ five: (Int, Int), _ pooled: Int) {
        self.name = name
        self.direct = direct
        (reduction3, filters3) = three
        (reduction5, filters5) = five
        self.pooled = pooled
    }

    static let stage3 = [
        InceptionSizes("3a", 64, (96, 128), (16, 32), 32),
        InceptionSizes("3b", 128, (128, 192), (32, 96), 64),
    ]
    static let stage4 = [
        InceptionSizes("4a", 192, (96, 208), (16, 48), 64),
        InceptionSizes("4b", 160, (112, 224), (24, 64), 64),
        InceptionSizes("4c", 128, (128, 256), (24, 64), 64),
        InceptionSizes("4d", 112, (144, 288), (32, 64), 64),
        InceptionSizes("4e", 256, (160, 320), (32, 128), 128),
    ]
    static let stage5 = [
        InceptionSizes("5a", 256, (160, 320), (32, 128), 128),
        InceptionSizes("5b", 384, (192, 384), (48, 128), 128),
    ]
}
