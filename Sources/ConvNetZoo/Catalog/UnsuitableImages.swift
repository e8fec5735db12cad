import ConvNetGraph

extension NetworkCatalog.Entry {
    /// The network for such images, with an error that says which.
    ///
    /// - Throws: ``UnsuitableImages`` where they are too small or too large for one of its layers.
    public func network(for images: Shape, classes: Int) throws -> Network {
        do {
            return try network(input: images, classes: classes)
        } catch let error as NetworkError {
            throw UnsuitableImages(network: name, images: images, classCount: classes, error: error)
        }
    }
}

/// A network that cannot be built for images of some shape.
public struct UnsuitableImages: Error, Hashable, Sendable, CustomStringConvertible {
    /// The network's name, or the file that lists its layers.
    public let network: String
    /// The shape C×H×W of the images.
    public let images: Shape
    /// The number of classes.
    public let classCount: Int
    /// What does not fit.
    public let error: NetworkError

    package init(network: String, images: Shape, classCount: Int, error: NetworkError) {
        self.network = network
        self.images = images
        self.classCount = classCount
        self.error = error
    }

    public var description: String {
        "\(network) cannot be built for images of \(images) in \(classCount) class\(classCount == 1 ? "" : "es"): "
            + "layer \(error)"
    }
}
