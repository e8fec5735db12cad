import ConvNetGraph

/// Four 3×3 convolutions in two stages of 32 and 64 filters, ReLU, max pooling and dropout: a small network in the style
/// that followed AlexNet and VGG, for images of 28×28 pixels and thereabouts. With grey images and 10 classes it has
/// 467,818 parameters.
public struct ConvNet4: Layer {
    /// The filters of the first stage; the second has twice as many, and the dense layer four times.
    public var width: Int
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(width: Int = 32, dropout: Double = 0.5, classes: Int = 10) {
        self.width = width
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        for filters in [width, 2 * width] {
            Conv2D(filters, kernel: 3, padding: 1)
            ReLU()
            Conv2D(filters, kernel: 3, padding: 1)
            ReLU()
            MaxPool2D(2)
        }
        Flatten()
        Dense(4 * width)
        ReLU()
        Dropout(dropout)
        Dense(classes)
    }
}
