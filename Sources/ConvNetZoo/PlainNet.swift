import ConvNetGraph

/// ``ResNet``'s 18 and 34 layers without the shortcuts: the contrast that made the point. With the same parameters but for
/// the projections, the deeper of the two trains worse than the shallower.
///
/// He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2016, section 3.3 and table 2.
public struct PlainNet: Layer {
    /// How many layers have weights.
    public enum Depth: Int, Sendable, CaseIterable {
        /// Two blocks in each stage.
        case depth18 = 18
        /// Three, four, six and three blocks.
        case depth34 = 34

        fileprivate var blocks: [Int] {
            switch self {
            case .depth18: ResNet.Depth.depth18.blocks
            case .depth34: ResNet.Depth.depth34.blocks
            }
        }
    }

    /// How many layers have weights.
    public var depth: Depth
    /// The filters of the first stage; each later one has twice as many.
    public var width: Int
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(_ depth: Depth, width: Int = 64, dropout: Double = 0, classes: Int = 1000) {
        self.depth = depth
        self.width = width
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        ResNetStages(blocks: depth.blocks, width: width, dropout: dropout, classes: classes) { filters, stride in
            PlainBlock(filters: filters, stride: stride)
        }
    }
}

/// Two 3×3 convolutions: a ``BasicBlock`` without its shortcut.
struct PlainBlock: Layer {
    var filters: Int
    var stride: Int

    var body: some Layer {
        conv3x3(filters, stride: stride).named("conv1")
        BatchNorm().named("bn1")
        ReLU()
        conv3x3(filters).named("conv2")
        BatchNorm().named("bn2")
        ReLU()
    }
}
