import ConvNetGraph

/// MobileNetV3: MobileNetV2's blocks as a search for speed on telephones left them, with squeeze and excitation in some, hard
/// swish in the later ones, and a cheaper end.
///
/// Howard et al., "Searching for MobileNetV3", 2019, tables 1 and 2; names, initial weights and batch norms are torchvision's.
/// With 1000 classes the large one has 5,483,032 parameters, the small one 2,542,856.
public struct MobileNetV3: Layer {
    /// Which of the paper's two networks.
    public enum Variant: String, CaseIterable, Hashable, Sendable {
        /// Table 2.
        case small
        /// Table 1.
        case large
    }

    /// Which of the two it is.
    public var variant: Variant
    /// What every number of filters is multiplied by, and then rounded to a multiple of 8.
    public var widthMultiplier: Double
    /// The share of the features in front of the last layer that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameters:
    ///   - widthMultiplier: above 0.
    ///   - classes: the number of outputs.
    public init(_ variant: Variant, widthMultiplier: Double = 1, dropout: Double = 0.2, classes: Int = 1000) {
        self.variant = variant
        self.widthMultiplier = widthMultiplier
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        Sequential {
            NormalizedConvolution(conv3x3(scaled(16), stride: 2), Self.norm, activation: HardSwish())
            for row in variant.rows {
                Block(
                    kernel: row.kernel, expanded: scaled(row.expanded), filters: scaled(row.filters),
                    squeezes: row.squeezes, activation: row.isHardSwish ? HardSwish() : ReLU(), stride: row.stride)
            }
            NormalizedConvolution(
                conv1x1(6 * scaled(variant.rows.last?.filters ?? 0)), Self.norm, activation: HardSwish())
        }
        .named("features")
        GlobalAveragePool2D()
        Sequential {
            dense(scaled(variant == .large ? 1280 : 1024))
            HardSwish()
            Dropout(dropout)
            dense(classes)
        }
        .named("classifier")
    }

    fileprivate static let norm = BatchNorm(epsilon: 0.001, momentum: 0.01)

    private func scaled(_ filters: Int) -> Int { roundedFilters(Double(filters) * widthMultiplier) }

    private func dense(_ units: Int) -> Dense {
        Dense(units, weightInitializer: .normal(standardDeviation: 0.01), biasInitializer: .constant(0))
    }
}

extension MobileNetV3.Variant {
    fileprivate struct Row {
        var kernel, expanded, filters: Int
        var squeezes, isHardSwish: Bool
        var stride: Int

        init(_ kernel: Int, _ expanded: Int, _ filters: Int, squeezes: Bool, hardSwish: Bool, stride: Int = 1) {
            (self.kernel, self.expanded, self.filters) = (kernel, expanded, filters)
            (self.squeezes, isHardSwish, self.stride) = (squeezes, hardSwish, stride)
        }
    }

    /// The rows of the paper's tables that are blocks.
    fileprivate var rows: [Row] {
        switch self {
        case .large:
            [
                Row(3, 16, 16, squeezes: false, hardSwish: false),
                Row(3, 64, 24, squeezes: false, hardSwish: false, stride: 2),
                Row(3, 72, 24, squeezes: false, hardSwish: false),
                Row(5, 72, 40, squeezes: true, hardSwish: false, stride: 2),
                Row(5, 120, 40, squeezes: true, hardSwish: false),
                Row(5, 120, 40, squeezes: true, hardSwish: false),
                Row(3, 240, 80, squeezes: false, hardSwish: true, stride: 2),
                Row(3, 200, 80, squeezes: false, hardSwish: true),
                Row(3, 184, 80, squeezes: false, hardSwish: true),
                Row(3, 184, 80, squeezes: false, hardSwish: true),
                Row(3, 480, 112, squeezes: true, hardSwish: true),
                Row(3, 672, 112, squeezes: true, hardSwish: true),
                Row(5, 672, 160, squeezes: true, hardSwish: true, stride: 2),
                Row(5, 960, 160, squeezes: true, hardSwish: true),
                Row(5, 960, 160, squeezes: true, hardSwish: true),
            ]
        case .small:
            [
                Row(3, 16, 16, squeezes: true, hardSwish: false, stride: 2),
                Row(3, 72, 24, squeezes: false, hardSwish: false, stride: 2),
                Row(3, 88, 24, squeezes: false, hardSwish: false),
                Row(5, 96, 40, squeezes: true, hardSwish: true, stride: 2),
                Row(5, 240, 40, squeezes: true, hardSwish: true),
                Row(5, 240, 40, squeezes: true, hardSwish: true),
                Row(5, 120, 48, squeezes: true, hardSwish: true),
                Row(5, 144, 48, squeezes: true, hardSwish: true),
                Row(5, 288, 96, squeezes: true, hardSwish: true, stride: 2),
                Row(5, 576, 96, squeezes: true, hardSwish: true),
                Row(5, 576, 96, squeezes: true, hardSwish: true),
            ]
        }
    }
}

/// An inverted residual: wide inside, where a depthwise convolution makes that cheap.
private struct Block: Layer {
    var kernel, expanded, filters: Int
    var squeezes: Bool
    var activation: any Layer
    var stride: Int

    var body: some Layer {
        WithShape { input in
            let layers = Sequential {
                if expanded != input.channels {
                    NormalizedConvolution(conv1x1(expanded), MobileNetV3.norm, activation: activation)
                }
                NormalizedConvolution(
                    depthwise(expanded, kernel: kernel, stride: stride), MobileNetV3.norm, activation: activation)
                if squeezes {
                    SqueezeExcitation(
                        channels: roundedFilters(Double(expanded / 4)), activation: ReLU(), gate: HardSigmoid())
                }
                NormalizedConvolution(conv1x1(filters), MobileNetV3.norm, activation: nil)
            }
            .named("block")
            if stride == 1 && input.channels == filters {
                Residual { layers }
            } else {
                layers
            }
        }
    }
}
