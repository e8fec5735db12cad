import ConvNetGraph

/// Images and labels in memory.
///
///     let dots = try ArrayDataset(images: pixels, shape: [1, 8, 8], labels: [0, 1, 1, 0], classes: ["light", "dark"])
public struct ArrayDataset: Dataset {
    public let name: String
    public let imageShape: Shape
    public let classes: [String]
    private let images: [Float]
    private let labels: [Int]
    /// Images × classes; empty where the labels are all there is.
    private let softTargets: [Float]

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
        self.init(images: images, shape: shape, labels: labels, softTargets: [], classes: classes, name: name)
    }

    /// Images that belong to several classes in part. The label, which accuracy is judged by, is the largest target's
    /// class, the first of equal ones.
    ///
    /// - Parameters:
    ///   - images: the images one after the other, each C×H×W row-major.
    ///   - shape: C×H×W.
    ///   - softTargets: images × classes, 0 or more; each row's sum is 1 where they are probabilities.
    /// - Throws: ``ArrayDatasetError`` where the counts do not agree or a target is negative or not finite.
    public init(
        images: [Float], shape: Shape, softTargets: [Float], classes: [String], name: String = "array"
    ) throws(ArrayDatasetError) {
        let count = classes.isEmpty ? 0 : softTargets.count / classes.count
        guard softTargets.count == count * classes.count else {
            throw .softTargets(softTargets.count, classes: classes.count)
        }
        guard images.count == count * shape.count else {
            throw .counts(images: images.count, labels: count, imageSize: shape.count)
        }
        if let position = softTargets.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
            throw .softTarget(softTargets[position], image: position / classes.count)
        }
        let labels = (0..<count).map { image in
            let row = softTargets[image * classes.count..<(image + 1) * classes.count]
            return (row.firstIndex(of: row.max() ?? 0) ?? row.startIndex) - row.startIndex
        }
        self.init(images: images, shape: shape, labels: labels, softTargets: softTargets, classes: classes, name: name)
    }

    private init(
        images: [Float], shape: Shape, labels: [Int], softTargets: [Float], classes: [String], name: String
    ) {
        self.images = images
        self.imageShape = shape
        self.labels = labels
        self.softTargets = softTargets
        self.classes = classes
        self.name = name
    }

    public var count: Int { labels.count }
    public func label(at index: Int) -> Int { labels[index] }
    public var hasSoftTargets: Bool { !softTargets.isEmpty }

    public func copySoftTarget(at index: Int, to destination: UnsafeMutableBufferPointer<Float>) {
        guard hasSoftTargets else {
            destination.update(repeating: 0)
            destination[labels[index]] = 1
            return
        }
        let classes = classes.count
        _ = destination.update(fromContentsOf: softTargets[index * classes..<(index + 1) * classes])
    }

    public func contentChecksum(at index: Int) -> UInt32? {
        let size = imageShape.count
        var checksum = CRC32()
        images[index * size..<(index + 1) * size].withUnsafeBytes { checksum.append($0) }
        return checksum.value
    }

    public func copyImage(at index: Int, to destination: UnsafeMutableBufferPointer<Float>) {
        let size = imageShape.count
        _ = destination.update(fromContentsOf: images[index * size..<(index + 1) * size])
    }
}

/// Arrays that do not make a dataset.
public enum ArrayDatasetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not as many numbers as the labels' images have.
    case counts(images: Int, labels: Int, imageSize: Int)
    /// A label that is not an index into the classes.
    case label(Int, position: Int, classes: Int)
    /// A number of soft targets that is not a multiple of the classes.
    case softTargets(Int, classes: Int)
    /// A soft target that is negative or not finite.
    case softTarget(Float, image: Int)

    public var description: String {
        switch self {
        case .counts(let images, let labels, let imageSize):
            "\(labels) labels need \(labels) images of \(imageSize) numbers (\(labels * imageSize)), received \(images)"
        case .label(let label, let position, let classes):
            "label \(label) at position \(position) is not one of \(classes) classes (0 ..< \(classes))"
        case .softTargets(let count, let classes):
            "\(count) soft targets cannot be divided into rows of \(classes) classes"
        case .softTarget(let target, let image):
            "soft targets must be 0 or more, received \(target) for the image at position \(image)"
        }
    }
}
