import ConvNetGraph

/// Images and labels in memory.
///
///     let dots = try ArrayDataset(images: pixels, shape: [1, 8, 8], labels: [0, 1, 1, 0], classes: ["light", "dark"])
public struct ArrayDataset: Dataset {
    public let name: String
    public let imageShape: Shape?
    private let imageSize: Int
    public let classes: [String]
    private let images: [Float]
    public let targetKind: TargetKind
    private let targets: [Target]

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
        self.init(
            images: images, shape: shape, targetKind: .label, targets: labels.map { .label($0) }, classes: classes,
            name: name)
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
        let targets = (0..<count).map { image in
            Target.distribution(Array(softTargets[image * classes.count..<(image + 1) * classes.count]))
        }
        self.init(
            images: images, shape: shape, targetKind: .distribution, targets: targets, classes: classes, name: name)
    }

    /// Images that have any number of classes each.
    ///
    /// - Parameters:
    ///   - images: the images one after the other, each C×H×W row-major.
    ///   - shape: C×H×W.
    ///   - labelSets: for each image the indices of its classes, in any order; one that comes twice counts once.
    /// - Throws: ``ArrayDatasetError`` where the counts do not agree or a label is not a class.
    public init(
        images: [Float], shape: Shape, labelSets: [[Int]], classes: [String], name: String = "array"
    ) throws(ArrayDatasetError) {
        guard images.count == labelSets.count * shape.count else {
            throw .counts(images: images.count, labels: labelSets.count, imageSize: shape.count)
        }
        for (position, labels) in labelSets.enumerated() {
            guard let label = labels.first(where: { !classes.indices.contains($0) }) else { continue }
            throw .label(label, position: position, classes: classes.count)
        }
        self.init(
            images: images, shape: shape, targetKind: .labels, targets: labelSets.map { .labels(Set($0).sorted()) },
            classes: classes, name: name)
    }

    private init(
        images: [Float], shape: Shape, targetKind: TargetKind, targets: [Target], classes: [String], name: String
    ) {
        self.images = images
        self.imageShape = shape
        imageSize = shape.count
        self.targetKind = targetKind
        self.targets = targets
        self.classes = classes
        self.name = name
    }

    public var count: Int { targets.count }
    public func target(at index: Int) -> Target { targets[index] }

    public func contentChecksum(at index: Int) -> UInt32? {
        var checksum = CRC32()
        values(at: index).withUnsafeBytes { checksum.append($0) }
        return checksum.value
    }

    public func item(at index: Int) -> DatasetItem { .array(values(at: index)) }

    private func values(at index: Int) -> ArraySlice<Float> { images[index * imageSize..<(index + 1) * imageSize] }
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
