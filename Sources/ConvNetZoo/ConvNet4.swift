import ConvNetGraph

/// Four 3×3 convolutions in two stages of 32 and 64 filters, ReLU, max pooling and dropout: a small network in the style
/// that followed AlexNet and VGG, for images of 28×28 pixels and thereabouts. With grey images and 10 classes it has
/// 467,818 parameters.
public struct ConvNet4: Layer {
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(classes: Int = 10) {
        self.classes = classes
    }

    public var body: some Layer {
        for filters in [32, 64] {
            Conv2D(filters, kernel: 3, padding: 1)
            ReLU()
            Conv2D(filters, kernel: 3, padding: 1)
            ReLU()
            MaxPool2D(2)
        }
        Flatten()
        Dense(128)
        ReLU()
        Dropout(0.5)
        Dense(classes)
    }
}
