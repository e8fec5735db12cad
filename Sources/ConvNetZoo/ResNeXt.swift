import ConvNetGraph

/// ResNeXt-50 (32×4d): ``ResNet`` with bottlenecks whose 3×3 convolution is split into 32 groups of 4 channels. It
/// introduced cardinality, the number of parallel ways, as something to grow beside depth and width.
///
/// Xie, Girshick, Dollár, Tu and He, "Aggregated Residual Transformations for Deep Neural Networks", 2017, table 1; names
/// and initial weights are torchvision's. With 1000 classes it has 25,028,904 parameters.
public struct ResNeXt50: Layer {
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(dropout: Double = 0, classes: Int = 1000) {
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        ResNetStages(blocks: ResNet.Depth.depth50.blocks, dropout: dropout, classes: classes) { filters, stride in
            Bottleneck(filters: filters, stride: stride, width: 2 * filters, groups: 32)
        }
    }
}

/// Wide ResNet-50-2: ``ResNet`` with bottlenecks whose 3×3 convolution has twice the channels. It showed that width does
/// what depth does, and computes faster.
///
/// Zagoruyko and Komodakis, "Wide Residual Networks", 2016, section 3.4; names and initial weights are torchvision's. With
/// 1000 classes it has 68,883,240 parameters.
public struct WideResNet50: Layer {
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(dropout: Double = 0, classes: Int = 1000) {
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        ResNetStages(blocks: ResNet.Depth.depth50.blocks, dropout: dropout, classes: classes) { filters, stride in
            Bottleneck(filters: filters, stride: stride, width: 2 * filters)
        }
    }
}
