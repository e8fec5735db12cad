import ConvNetGraph

/// EfficientNet-Lite0: EfficientNet-B0 for devices that have neither squeeze and excitation nor swish, with ReLUs that end at 6 in
/// their place.
///
/// Google, "EfficientNet-lite", tensorflow/tpu, 2020. Padding, epsilon and momentum are TensorFlow's, with which its weights were
/// trained; names are those that torchvision's EfficientNet-B0 has. With 1000 classes it has 4,652,008 parameters.
public struct EfficientNetLite0: Layer {
    /// The probability with which training would leave out a block behind the last; those before it have their share of that.
    public var stochasticDepth: Double
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// The rates that its weights were trained with, unless said otherwise.
    public init(stochasticDepth: Double = 0.2, dropout: Double = 0.2, classes: Int = 1000) {
        self.stochasticDepth = stochasticDepth
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        Sequential {
            Self.capped(Conv2D(32, kernel: 3, stride: 2))
            for (index, stage) in EfficientNetB0.stages.enumerated() {
                Sequential {
                    for block in 0..<stage.blocks {
                        LiteBlock(
                            expansion: stage.expansion, kernel: stage.kernel, filters: stage.filters,
                            stride: block == 0 ? stage.stride : 1,
                            stochasticDepth: stochasticDepth * EfficientNetB0.depth(stage: index, block: block))
                    }
                }
            }
            Self.capped(Conv2D(1280, kernel: 1))
        }
        .named("features")
        GlobalAveragePool2D()
        EfficientNetB0.classifier(classes, dropout: dropout)
    }

    fileprivate static func capped(_ convolution: Conv2D) -> NormalizedConvolution {
        normalized(convolution, activation: ReLU6())
    }

    /// A convolution as TensorFlow pads it, with its batch norm.
    fileprivate static func normalized(_ convolution: Conv2D, activation: (any Layer)?) -> NormalizedConvolution {
        var convolution = convolution
        convolution.padding = .same
        convolution.bias = false
        convolution.weightInitializer = .kaimingNormal(.out)
        return NormalizedConvolution(
            convolution, BatchNorm(epsilon: 1e-3, momentum: 0.01), activation: activation)
    }
}

/// An inverted residual.
private struct LiteBlock: Layer {
    var expansion, kernel, filters, stride: Int
    var stochasticDepth: Double

    var body: some Layer {
        WithShape { input in
            let width = expansion * input.channels
            let layers = Sequential {
                if expansion != 1 { EfficientNetLite0.capped(Conv2D(width, kernel: 1)) }
                EfficientNetLite0.capped(
                    Conv2D(width, kernel: Size(kernel), stride: Size(stride), groups: width))
                EfficientNetLite0.normalized(Conv2D(filters, kernel: 1), activation: nil)
            }
            .named("block")
            if stride == 1 && input.channels == filters {
                Residual {
                    layers
                    StochasticDepth(stochasticDepth).named("stochastic_depth")
                }
            } else {
                layers
            }
        }
    }
}
