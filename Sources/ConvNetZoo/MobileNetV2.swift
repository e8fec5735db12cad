import ConvNetGraph

/// MobileNetV2: for telephones. It introduced the inverted residual, whose shortcut joins the narrow ends of a block that
/// is wide inside, where a depthwise convolution, one filter for each channel, makes width cheap; the narrow ends have no
/// ReLU, which would lose too much there.
///
/// Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, table 2; names and initial weights are
/// torchvision's. With 1000 classes it has 3,504,872 parameters.
public struct MobileNetV2: Layer {
    /// What every number of filters is multiplied by, and then rounded to a multiple of 8: the paper's width multiplier.
    public var widthMultiplier: Double
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameters:
    ///   - widthMultiplier: above 0; of less than 1, the last convolution keeps its 1280 filters.
    ///   - classes: the number of outputs.
    public init(widthMultiplier: Double = 1, dropout: Double = 0.2, classes: Int = 1000) {
        self.widthMultiplier = widthMultiplier
        self.dropout = dropout
        self.classes = classes
    }

    /// The rows of the paper's table 2.
    private static let stages: [(expansion: Int, filters: Int, blocks: Int, stride: Int)] = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]

    public var body: some Layer {
        Sequential {
            Self.capped(conv3x3(scaled(32), stride: 2))
            for stage in Self.stages {
                for block in 0..<stage.blocks {
                    InvertedResidual(
                        expansion: stage.expansion, filters: scaled(stage.filters),
                        stride: block == 0 ? stage.stride : 1)
                }
            }
            Self.capped(conv1x1(max(1280, scaled(1280))))
        }
        .named("features")
        GlobalAveragePool2D()
        Sequential {
            Dropout(dropout)
            Dense(classes, weightInitializer: .normal(standardDeviation: 0.01), biasInitializer: .constant(0))
        }
        .named("classifier")
    }

    private func scaled(_ filters: Int) -> Int { roundedFilters(Double(filters) * widthMultiplier) }

    /// A convolution with batch norm and a ReLU that ends at 6.
    fileprivate static func capped(_ convolution: Conv2D) -> NormalizedConvolution {
        NormalizedConvolution(convolution, activation: ReLU6())
    }
}

/// A 1×1 convolution to many channels, a depthwise 3×3 among those, a 1×1 to few, and a shortcut where the shape stays.
private struct InvertedResidual: Layer {
    /// How many times wider the block is inside.
    var expansion: Int
    var filters: Int
    var stride: Int

    var body: some Layer {
        WithShape { input in
            let width = expansion * input.channels
            let layers = Sequential {
                if expansion != 1 { MobileNetV2.capped(conv1x1(width)) }
                MobileNetV2.capped(conv3x3(width, stride: stride, groups: width))
                conv1x1(filters)
                BatchNorm()
            }
            .named("conv")
            if stride == 1 && input.channels == filters {
                Residual { layers }
            } else {
                layers
            }
        }
    }
}
