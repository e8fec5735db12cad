import ConvNetGraph

/// The VGG networks: 3×3 convolutions throughout, in five stages, each of which halves the image and, but for the last,
/// doubles the filters. They introduced the design rule: two 3×3 layers see what one 5×5 sees, with fewer weights and one
/// more nonlinearity.
///
/// Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015, table 1. Names and
/// initial weights are torchvision's, as is the batch norm, which the paper did not have. With 224×224 colour images and
/// 1000 classes, depth 16 has 138,357,544 parameters. Images of other sizes, from 32×32, are pooled to the 7×7 pixels that
/// the dense layers take.
public struct VGG: Layer {
    /// How many layers have weights.
    public enum Depth: Sendable, CaseIterable {
        /// The paper's column A.
        case depth11
        /// Column B.
        case depth13
        /// Column C: in each of the last three stages the third convolution is 1×1.
        case depth16C
        /// Column D.
        case depth16
        /// Column E.
        case depth19

        /// Kernel sizes, stage by stage.
        fileprivate var kernels: [[Int]] {
            switch self {
            case .depth11: [[3], [3], [3, 3], [3, 3], [3, 3]]
            case .depth13: [[3, 3], [3, 3], [3, 3], [3, 3], [3, 3]]
            case .depth16C: [[3, 3], [3, 3], [3, 3, 1], [3, 3, 1], [3, 3, 1]]
            case .depth16: [[3, 3], [3, 3], [3, 3, 3], [3, 3, 3], [3, 3, 3]]
            case .depth19: [[3, 3], [3, 3], [3, 3, 3, 3], [3, 3, 3, 3], [3, 3, 3, 3]]
            }
        }
    }

    /// How many layers have weights.
    public var depth: Depth
    /// Whether a ``BatchNorm`` follows each convolution.
    public var batchNorm: Bool
    /// The filters of the first stage; each of the next three has twice as many as the one before.
    public var width: Int
    /// The share of the features in front of each of the last two dense layers that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(
        _ depth: Depth, batchNorm: Bool = false, width: Int = 64, dropout: Double = 0.5, classes: Int = 1000
    ) {
        self.depth = depth
        self.batchNorm = batchNorm
        self.width = width
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        Sequential {
            for (filters, kernels) in zip([1, 2, 4, 8, 8].map({ $0 * width }), depth.kernels) {
                for kernel in kernels {
                    Conv2D(
                        filters, kernel: kernel, padding: .symmetric(kernel / 2),
                        weightInitializer: .kaimingNormal(.out), biasInitializer: .constant(0))
                    if batchNorm { BatchNorm() }
                    ReLU()
                }
                MaxPool2D(2)
            }
        }
        .named("features")
        AdaptiveAveragePool2D(7)
        Flatten()
        Sequential {
            for _ in 0..<2 {
                dense(4096)
                ReLU()
                Dropout(dropout)
            }
            dense(classes)
        }
        .named("classifier")
    }

    private func dense(_ units: Int) -> Dense {
        Dense(units, weightInitializer: .normal(standardDeviation: 0.01), biasInitializer: .constant(0))
    }
}
