import ConvNetGraph

/// LeNet-5: the network that read a tenth of the cheques in the United States. It introduced the pattern of convolution
/// and subsampling that later networks kept.
///
/// LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998, section II.B.
/// Departures, which have become usual: images are 28×28 with two pixels of padding where the paper has 32×32; average
/// pooling has no trainable scale; the second convolution sees all six maps; the outputs are logits for softmax instead
/// of radial basis functions. With 28×28 grey images and 10 classes it has 61,706 parameters.
public struct LeNet5: Layer {
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(classes: Int = 10) {
        self.classes = classes
    }

    public var body: some Layer {
        Conv2D(6, kernel: 5, padding: 2)
        Tanh()
        AveragePool2D(2)
        Conv2D(16, kernel: 5)
        Tanh()
        AveragePool2D(2)
        Flatten()
        Dense(120)
        Tanh()
        Dense(84)
        Tanh()
        Dense(classes)
    }
}
