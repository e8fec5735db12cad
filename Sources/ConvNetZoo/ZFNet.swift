import ConvNetGraph

/// ZFNet: ``AlexNet2012`` seen through deconvolutions and mended. Its authors found that 11×11 filters a stride of 4 apart
/// leave mid frequencies out and alias, and made them 7×7 a stride of 2 apart.
///
/// Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014, figure 3, with the 512, 1024 and 512
/// filters in the last convolutions that were the best of its table 2; `filters: [384, 384, 256]` gives the figure's own.
/// Departure: the contrast normalisation across maps is AlexNet's, since the paper gives no numbers.
public struct ZFNet: Layer {
    /// The filters of the third and later convolutions.
    public var filters: [Int]
    /// The share of the features between dense layers that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(filters: [Int] = [512, 1024, 512], dropout: Double = 0.5, classes: Int = 1000) {
        self.dropout = dropout
        self.filters = filters
        self.classes = classes
    }

    public var body: some Layer {
        Conv2D(96, kernel: 7, stride: 2, padding: 1).named("conv1")
        ReLU()
        MaxPool2D(3, stride: 2, padding: 1)
        LocalResponseNorm.alexNet
        Conv2D(256, kernel: 5, stride: 2).named("conv2")
        ReLU()
        MaxPool2D(3, stride: 2, padding: 1)
        LocalResponseNorm.alexNet
        for (index, filters) in filters.enumerated() {
            Conv2D(filters, kernel: 3, padding: 1).named("conv\(index + 3)")
            ReLU()
        }
        MaxPool2D(3, stride: 2)
        Flatten()
        Dense(4096).named("fc6")
        ReLU()
        Dropout(dropout)
        Dense(4096).named("fc7")
        ReLU()
        Dropout(dropout)
        Dense(classes).named("fc8")
    }
}
