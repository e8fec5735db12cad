import ConvNetGraph

/// Network in Network: each convolution is followed by two 1×1 convolutions, a small dense network that looks at one
/// pixel's channels, and instead of dense layers the last of them makes one map for each class, whose mean is the class's
/// score. It introduced both ideas, the 1×1 convolution and global average pooling.
///
/// Lin, Chen and Yan, "Network In Network", 2014. The sizes are those of the ImageNet network that the first author
/// published in Caffe's model zoo; the paper itself describes one for CIFAR-10 that is built alike. Poolings round up, as
/// Caffe's do.
public struct NetworkInNetwork: Layer {
    /// The share of the features in front of the last block that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(dropout: Double = 0.5, classes: Int = 1000) {
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        MLPConvolution(filters: [96, 96, 96], kernel: 11, stride: 4).named("mlpconv1")
        MaxPool2D(3, stride: 2, ceilMode: true)
        MLPConvolution(filters: [256, 256, 256], kernel: 5, padding: 2).named("mlpconv2")
        MaxPool2D(3, stride: 2, ceilMode: true)
        MLPConvolution(filters: [384, 384, 384], kernel: 3, padding: 1).named("mlpconv3")
        MaxPool2D(3, stride: 2, ceilMode: true)
        Dropout(dropout)
        MLPConvolution(filters: [1024, 1024, classes], kernel: 3, padding: 1).named("mlpconv4")
        GlobalAveragePool2D()
    }
}

/// A convolution with a window, and 1×1 convolutions behind it: the paper's mlpconv layer, section 3.1.
private struct MLPConvolution: Layer {
    var filters: [Int]
    var kernel: Int
    var stride = 1
    var padding = 0

    var body: some Layer {
        for (index, filters) in filters.enumerated() {
            if index == 0 {
                Conv2D(
                    filters, kernel: kernel, stride: stride, padding: .symmetric(padding),
                    weightInitializer: .kaimingNormal(), biasInitializer: .constant(0))
            } else {
                Conv2D(filters, kernel: 1, weightInitializer: .kaimingNormal(), biasInitializer: .constant(0))
            }
            ReLU()
        }
    }
}
