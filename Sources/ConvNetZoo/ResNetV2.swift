import ConvNetGraph

/// The residual networks with pre-activation: batch norm and ReLU come before each convolution instead of behind it, so
/// that nothing stands in the way of the shortcuts, from the first block to the last.
///
/// He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", 2016, figure 1(b) and section 5: the stem's batch
/// norm and ReLU serve as the first block's, a last pair follows the last addition, and where a block changes the shape
/// its projection reads what batch norm and ReLU made. Bottlenecks have their stride on the 3×3 convolution.
public struct ResNetV2: Layer {
    /// How many layers have weights.
    public var depth: ResNet.Depth
    /// The filters of the first stage; each later one has twice as many.
    public var width: Int
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(_ depth: ResNet.Depth, width: Int = 64, dropout: Double = 0, classes: Int = 1000) {
        self.depth = depth
        self.width = width
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        resNetStem(width)
        for (stage, count) in depth.blocks.enumerated() {
            Sequential {
                for index in 0..<count {
                    PreActivationBlock(
                        filters: width << stage, stride: stage > 0 && index == 0 ? 2 : 1,
                        isBottleneck: depth.hasBottlenecks, isFirst: stage == 0 && index == 0)
                }
            }
            .named("layer\(stage + 1)")
        }
        BatchNorm().named("norm")
        ReLU()
        GlobalAveragePool2D()
        if dropout != 0 { Dropout(dropout) }
        Dense(classes).named("fc")
    }
}

/// Batch norm, ReLU, convolution, two or three times over, and a shortcut past them.
private struct PreActivationBlock: Layer {
    var filters: Int
    var stride: Int
    var isBottleneck: Bool
    /// Whether what comes in has been through batch norm and ReLU.
    var isFirst: Bool

    private var outputs: Int { isBottleneck ? 4 * filters : filters }

    var body: some Layer {
        WithShape { input in
            if stride != 1 || input.channels != outputs || isFirst {
                if !isFirst { activation("bn1") }
                Residual {
                    convolutions
                } shortcut: {
                    if stride != 1 || input.channels != outputs {
                        conv1x1(outputs, stride: stride).named("downsample")
                    }
                }
            } else {
                Residual {
                    activation("bn1")
                    convolutions
                }
            }
        }
    }

    @LayerBuilder private var convolutions: LayerList {
        if isBottleneck {
            conv1x1(filters).named("conv1")
            activation("bn2")
            conv3x3(filters, stride: stride).named("conv2")
            activation("bn3")
            conv1x1(outputs).named("conv3")
        } else {
            conv3x3(filters, stride: stride).named("conv1")
            activation("bn2")
            conv3x3(filters).named("conv2")
        }
    }

    @LayerBuilder private func activation(_ name: String) -> LayerList {
        BatchNorm().named(name)
        ReLU()
    }
}
