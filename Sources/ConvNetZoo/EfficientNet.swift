import ConvNetGraph

/// EfficientNet-B0: inverted residuals with squeeze and excitation and swish throughout, found by a search for accuracy at a cost.
///
/// Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019, table 1; names, initial weights and
/// stochastic depth, which grows from block to block, are torchvision's. With 1000 classes it has 5,288,548 parameters.
public struct EfficientNetB0: Layer {
    /// The probability with which training would leave out a block behind the last; those before it have their share of that.
    public var stochasticDepth: Double
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// The paper's rates, unless said otherwise.
    public init(stochasticDepth: Double = 0.2, dropout: Double = 0.2, classes: Int = 1000) {
        self.stochasticDepth = stochasticDepth
        self.dropout = dropout
        self.classes = classes
    }

    /// The rows of the paper's table 1 that are blocks.
    static let stages: [(expansion: Int, kernel: Int, stride: Int, filters: Int, blocks: Int)] = [
        (1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4),
        (6, 3, 1, 320, 1),
    ]

    public var body: some Layer {
        Sequential {
            NormalizedConvolution(conv3x3(32, stride: 2), activation: SiLU())
            for (index, stage) in Self.stages.enumerated() {
                Sequential {
                    for block in 0..<stage.blocks {
                        Block(
                            expansion: stage.expansion, kernel: stage.kernel, filters: stage.filters,
                            stride: block == 0 ? stage.stride : 1,
                            stochasticDepth: stochasticDepth * Self.depth(stage: index, block: block))
                    }
                }
            }
            NormalizedConvolution(conv1x1(1280), activation: SiLU())
        }
        .named("features")
        GlobalAveragePool2D()
        Self.classifier(classes, dropout: dropout)
    }

    static func classifier(_ classes: Int, dropout: Double) -> some Layer {
        Sequential {
            Dropout(dropout)
            let bound = 1 / Double(classes).squareRoot()
            Dense(
                classes, weightInitializer: .uniform(low: Float(-bound), high: Float(bound)),
                biasInitializer: .constant(0))
        }
        .named("classifier")
    }

    /// Stage and place in it of a block, counted from 0 through all stages; nil where there are not as many.
    static func place(ofBlock number: Int) -> (stage: Int, block: Int)? {
        var rest = number
        guard rest >= 0 else { return nil }
        for (index, stage) in stages.enumerated() {
            if rest < stage.blocks { return (index, rest) }
            rest -= stage.blocks
        }
        return nil
    }

    /// How much of the network stands before a block, 0 ..< 1.
    static func depth(stage: Int, block: Int) -> Double {
        let all = stages.reduce(0) { $0 + $1.blocks }
        return Double(stages.prefix(stage).reduce(0) { $0 + $1.blocks } + block) / Double(all)
    }
}

/// An inverted residual with squeeze and excitation to a quarter of the block's input.
private struct Block: Layer {
    var expansion, kernel, filters, stride: Int
    var stochasticDepth: Double

    var body: some Layer {
        WithShape { input in
            let width = expansion * input.channels
            let layers = Sequential {
                if expansion != 1 { NormalizedConvolution(conv1x1(width), activation: SiLU()) }
                NormalizedConvolution(depthwise(width, kernel: kernel, stride: stride), activation: SiLU())
                SqueezeExcitation(channels: max(1, input.channels / 4), activation: SiLU(), gate: Sigmoid())
                NormalizedConvolution(conv1x1(filters), activation: nil)
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
