import ConvNetGraph

/// The residual networks for ImageNet. They introduced the shortcut that lets a hundred layers train: each block learns
/// what to add to its input, so that a deeper network can do what a shallower one does by adding nothing.
///
/// He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2016, table 1. Names and initial weights are
/// torchvision's. With 224×224 colour images and 1000 classes, depth 50 has 25,557,032 parameters.
public struct ResNet: Layer {
    /// How many layers have weights.
    public enum Depth: Int, Sendable, CaseIterable {
        /// Two blocks of two 3×3 convolutions in each stage.
        case depth18 = 18
        /// Three, four, six and three blocks of two 3×3 convolutions.
        case depth34 = 34
        /// Three, four, six and three bottlenecks.
        case depth50 = 50
        /// Three, four, 23 and three bottlenecks.
        case depth101 = 101
        /// Three, eight, 36 and three bottlenecks.
        case depth152 = 152

        /// Blocks in each of the four stages.
        var blocks: [Int] {
            switch self {
            case .depth18: [2, 2, 2, 2]
            case .depth34, .depth50: [3, 4, 6, 3]
            case .depth101: [3, 4, 23, 3]
            case .depth152: [3, 8, 36, 3]
            }
        }

        /// Whether blocks are made of 1×1, 3×3 and 1×1 convolutions.
        public var hasBottlenecks: Bool { rawValue >= 50 }
    }

    /// Which convolution of a bottleneck halves the image where a stage begins.
    public enum BottleneckStride: Sendable {
        /// The first, 1×1: as in the paper. Three of four pixels are never looked at.
        case first1x1
        /// The 3×3 in the middle: as in torchvision, and in most implementations since.
        case middle3x3
    }

    /// How many layers have weights.
    public var depth: Depth
    /// Which convolution of a bottleneck has the stride; of no effect on depths 18 and 34.
    public var stride: BottleneckStride
    /// The filters of the first stage; each later one has twice as many.
    public var width: Int
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(
        _ depth: Depth, stride: BottleneckStride = .middle3x3, width: Int = 64, dropout: Double = 0, classes: Int = 1000
    ) {
        self.depth = depth
        self.stride = stride
        self.width = width
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        ResNetStages(blocks: depth.blocks, width: width, dropout: dropout, classes: classes) { filters, stride in
            if depth.hasBottlenecks {
                Bottleneck(filters: filters, stride: stride, strided: self.stride)
            } else {
                BasicBlock(filters: filters, stride: stride)
            }
        }
    }
}

/// What the residual networks for ImageNet share: a stem, four stages, and a classifier.
struct ResNetStages: Layer {
    /// Blocks in each stage.
    var blocks: [Int]
    var width: Int
    var dropout: Double
    var classes: Int
    /// The block for so many filters, with a stride.
    var block: @Sendable (_ filters: Int, _ stride: Int) -> LayerList

    init(
        blocks: [Int], width: Int = 64, dropout: Double, classes: Int,
        @LayerBuilder block: @escaping @Sendable (_ filters: Int, _ stride: Int) -> LayerList
    ) {
        self.blocks = blocks
        self.width = width
        self.dropout = dropout
        self.classes = classes
        self.block = block
    }

    var body: some Layer {
        resNetStem(width)
        for (stage, count) in blocks.enumerated() {
            Sequential {
                for index in 0..<count {
                    block(width << stage, stage > 0 && index == 0 ? 2 : 1)
                }
            }
            .named("layer\(stage + 1)")
        }
        GlobalAveragePool2D()
        if dropout != 0 { Dropout(dropout) }
        Dense(classes).named("fc")
    }
}

/// Makes 56×56 pixels of 224×224.
@LayerBuilder func resNetStem(_ filters: Int) -> LayerList {
    Conv2D(filters, kernel: 7, stride: 2, padding: 3, bias: false, weightInitializer: .kaimingNormal(.out)).named(
        "conv1")
    BatchNorm().named("bn1")
    ReLU()
    MaxPool2D(3, stride: 2, padding: 1)
}

/// Two 3×3 convolutions, and a shortcut past them: the paper's figure 5, left.
struct BasicBlock: Layer {
    var filters: Int
    var stride: Int

    var body: some Layer {
        Residual {
            conv3x3(filters, stride: stride).named("conv1")
            BatchNorm().named("bn1")
            ReLU()
            conv3x3(filters).named("conv2")
            BatchNorm().named("bn2")
        } shortcut: {
            projection(filters, stride: stride)
        }
        ReLU()
    }
}

/// A 1×1 convolution to fewer channels, a 3×3 among those, a 1×1 to four times as many, and a shortcut past them: the
/// paper's figure 5, right.
struct Bottleneck: Layer {
    var filters: Int
    var stride: Int
    var strided: ResNet.BottleneckStride = .middle3x3
    /// Channels of the 3×3 convolution; `filters` unless the network is wider.
    var width: Int?
    /// Groups of the 3×3 convolution.
    var groups = 1

    var body: some Layer {
        let width = width ?? filters
        Residual {
            conv1x1(width, stride: strided == .first1x1 ? stride : 1).named("conv1")
            BatchNorm().named("bn1")
            ReLU()
            conv3x3(width, stride: strided == .middle3x3 ? stride : 1, groups: groups).named("conv2")
            BatchNorm().named("bn2")
            ReLU()
            conv1x1(4 * filters).named("conv3")
            BatchNorm().named("bn3")
        } shortcut: {
            projection(4 * filters, stride: stride)
        }
        ReLU()
    }
}

/// The way past a block: nothing where the shapes agree, else a 1×1 convolution, the paper's option B.
func projection(_ filters: Int, stride: Int) -> WithShape {
    WithShape { input in
        if stride != 1 || input.channels != filters {
            Sequential {
                conv1x1(filters, stride: stride)
                BatchNorm()
            }
            .named("downsample")
        }
    }
}
