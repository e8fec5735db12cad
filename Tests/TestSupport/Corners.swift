import ConvNetEngine
import ConvNetGraph
import ConvNetTraining

/// Images of 8×8 pixels with one bright corner in noise, and networks that are trained on them in no time. Which corner it
/// is, is the class.
public enum Corners {
    public static let classes = ["top left", "top right", "bottom left"]
    public static let shape: Shape = [1, 8, 8]

    /// - Parameter seed: what the noise is drawn from; also which classes follow one another.
    public static func dataset(count: Int, seed: UInt64 = 0) throws -> ArrayDataset {
        let area = shape.count
        var pixels = RandomStream(seed: seed, purpose: .synthesis).uniform(count * area, low: 0, high: 1)
        let labels = (0..<count).map { ($0 + Int(seed % 3)) % classes.count }
        for (image, label) in labels.enumerated() {
            let (top, left) = (label == 2 ? 4 : 0, label == 1 ? 4 : 0)
            for row in top..<top + 4 {
                for column in left..<left + 4 { pixels[image * area + row * shape.width + column] += 0.5 }
            }
        }
        return try ArrayDataset(images: pixels, shape: shape, labels: labels, classes: classes, name: "corners")
    }

    /// One of each kind of layer that training treats differently, dropout among them.
    public static func network() throws -> Network {
        try Network(input: shape) {
            Conv2D(4, kernel: 3, padding: 1)
            ReLU()
            MaxPool2D(2)
            Flatten()
            Dropout(0.25)
            Dense(classes.count)
        }
    }

    /// Layers whose running statistics training changes beside the weights: one in a residual, one in an auxiliary
    /// classifier, which has dropout as well.
    public static func residualNetwork() throws -> Network {
        try Network(input: shape) {
            Conv2D(4, kernel: 3, padding: 1, bias: false)
            BatchNorm()
            ReLU()
            AuxiliaryClassifier {
                MaxPool2D(4)
                BatchNorm()
                Flatten()
                Dropout(0.25)
                Dense(classes.count)
            }
            .named("auxiliary")
            Residual {
                Conv2D(4, kernel: 3, padding: 1, bias: false)
                BatchNorm(momentum: 0.3)
            }
            ReLU()
            GlobalAveragePool2D()
            Dense(classes.count)
        }
    }

    /// The fewest parameters that can tell the corners apart.
    public static func linearNetwork() throws -> Network {
        try Network(input: shape) {
            Flatten()
            Dense(classes.count)
        }
    }

    public static func model(engine: any Engine = ReferenceEngine(), seed: UInt64 = 0) throws -> Model {
        try Model(network(), classes: classes, engine: engine, seed: seed)
    }
}
