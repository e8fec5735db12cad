/// Images and labels in memory.
///
///     let dots = try ArrayDataset(images: pixels, shape: [1, 8, 8], labels: [0, 1, 1, 0], classes: ["light", "dark"])
public struct ArrayDataset: Dataset {
    public let name: String
    public let imageShape: Shape
    public let classes: [String]
    private let images: [Float]
    private let labels: [Int]

    /// - Parameters:
    ///   - images: the images one after the other, each C×H×W row-major.
    ///   - shape: C×H×W.
    ///   - labels: class indices, one for each image.
    /// - Throws: ``ArrayDatasetError`` where the counts do not agree or a label is not a class.
    public init(
        images: [Float], shape: Shape, labels: [Int], classes: [String], name: String = "array"
    ) throws(ArrayDatasetError) {
        guard images.count == labels.count * shape.count else {
            throw .counts(images: images.count, labels: labels.count, imageSize: shape.count)
        }
        if let position = labels.firstIndex(where: { !classes.indices.contains($0) }) {
            throw .label(labels[position], position: position, classes: classes.count)
        }
        self.images = images
        self.imageShape = shape
        self.labels = labels
        self.classes = classes
        self.name = name
    }

    public var count: Int { labels.count }
    public func label(at index: Int) -> Int { labels[index] }

    public func copyImage(at index: Int, to destination: UnsafeMutableBufferPointer<Float>) {
        let size = imageShape.count
        _ = destination.update(fromContentsOf: images[index * size..<(index + 1) * size])
    }
}

/// Arrays that do not make a dataset.
public enum ArrayDatasetError: Error, Hashable, Sendable, CustomStringConvertible {
    case counts(images: Int, labels: Int, imageSize: Int)
    case label(Int, position: Int, classes: Int)

    public var description: String {
        switch self {
        case .counts(let images, let labels, let imageSize):
            "\(labels) labels need \(labels) images of \(imageSize) numbers (\(labels * imageSize)), received \(images)"
        case .label(let label, let position, let classes):
            "label \(label) at position \(position) is not one of \(classes) classes (0 ..< \(classes))"
        }
    }
}
