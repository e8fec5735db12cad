import ConvNetGraph

/// Dense layers only: what the lectures set against the convolutional network. Flattening an image throws away which
/// pixels are neighbours, and every weight serves a single place.
///
/// With 28×28 grey images, 10 classes and the usual 78 hidden units it has 62,020 parameters, as near as can be to
/// ``LeNet5``'s 61,706, and a seventh of its multiply-adds. Rumelhart, Hinton and Williams, "Learning Representations by
/// Back-Propagating Errors", 1986; on digits: LeCun et al., 1998, section III.C.4.
public struct MLP: Layer {
    /// The sizes of the hidden layers, the first one first.
    public var hidden: [Int]
    /// The share of the features in front of the classifier that training drops, 0 ..< 1.
    public var dropout: Double
    /// The number of outputs.
    public var classes: Int

    /// - Parameter classes: the number of outputs.
    public init(hidden: [Int] = [78], dropout: Double = 0, classes: Int = 10) {
        self.hidden = hidden
        self.dropout = dropout
        self.classes = classes
    }

    public var body: some Layer {
        Flatten()
        for units in hidden {
            Dense(units)
            Tanh()
        }
        if dropout != 0 { Dropout(dropout) }
        Dense(classes)
    }
}
