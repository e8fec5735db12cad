import ConvNetGraph

/// The residual networks for small images: 20, 32, 44, 56 or 110 layers, three stages of 16, 32 and 64 filters. Without
/// shortcuts they are the paper's plain networks, which train the worse the deeper they are.
///
/// He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2016, section 4.2.
///
/// Departure: where a stage begins, the shortcut is a 1×1 convolution with batch norm (the paper's option B) instead of
/// every second pixel with zeros for the new channels (option A). With colour images and 10 classes, 20 layers then have
/// 272,474 parameters; without shortcuts 269,722, as in the paper.
public struct CIFARResNet: Layer {
    /// How many layers have weights: 6n + 2.
    public enum Depth: Int, Sendable, CaseIterable {
        /// Three blocks in each stage.
        case depth20 = 20
        /// Five blocks in each stage.
        case depth32 = 32
        /// Seven blocks in each stage.
        case depth44 = 44
        /// Nine blocks in each stage.
        case depth56 = 56
        /// Eighteen blocks in each stage.
        case depth110 = 110
    }

    /// How many layers have weights.
    public var depth: Depth
    /// Whether blocks learn what to add to their input.
    public var hasShortcuts: Bool
    /// The filters of the first stage; each later one has twice as many.
    public var width: Int
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(
        _ depth: Depth, hasShortcuts: Bool = true, width: Int = 16, dropout: Double = 0, classes: Int = 10
    ) {
        self.depth = depth
        self.hasShortcuts = hasShortcuts
        self.width = width
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        conv3x3(width).named("conv1")
        BatchNorm().named("bn1")
        ReLU()
        for (stage, filters) in [width, 2 * width, 4 * width].enumerated() {
            Sequential {
                for block in 0..<(depth.rawValue - 2) / 6 {
                    let stride = stage > 0 && block == 0 ? 2 : 1
                    if hasShortcuts {
                        BasicBlock(filters: filters, stride: stride)
                    } else {
                        PlainBlock(filters: filters, stride: stride)
                    }
                }
            }
            .named("layer\(stage + 1)")
        }
        GlobalAveragePool2D()
        if dropout != 0 { Dropout(dropout) }
        Dense(classes).named("fc")
    }
}
