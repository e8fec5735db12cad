import ConvNetGraph

/// A collection of labelled images of one shape, read by index.
///
/// Implementations are immutable and may be read from several threads at once.
public protocol Dataset: Sendable {
    /// What messages call this dataset, e.g. `fashion-mnist (test)`.
    var name: String { get }

    /// The number of images.
    var count: Int { get }

    /// The shape C×H×W of every image.
    var imageShape: Shape { get }

    /// The class names; a label is an index into them.
    var classes: [String] { get }

    /// The class index of one image, within `classes`.
    func label(at index: Int) -> Int

    /// Writes one image, row-major C×H×W, into `destination`, which has `imageShape.count` elements. Pixels that were
    /// stored as bytes run from 0 to 1 (byte / 255); arrays of numbers are passed on as they are.
    func copyImage(at index: Int, to destination: UnsafeMutableBufferPointer<Float>) throws

    /// Writes one image as training sees it in one epoch, counted from 0: augmented, where the dataset does that. The same
    /// image and epoch always give the same numbers.
    func copyImage(at index: Int, epoch: Int, to destination: UnsafeMutableBufferPointer<Float>) throws

    /// Whether images take so long to read, decode or transform that threads should do it while the network is at work.
    var isCostlyToRead: Bool { get }

    /// Whether the images have probabilities of the classes, which training takes in the place of the labels.
    var hasSoftTargets: Bool { get }

    /// Writes what each class counts in one image into `destination`, which has as many elements as there are classes.
    func copySoftTarget(at index: Int, to destination: UnsafeMutableBufferPointer<Float>)

    /// What identifies one image to a person: its file name, or its position.
    func imageName(at index: Int) -> String

    /// A number that changes with what one image shows, a CRC-32 of what it is stored as, say; nil where that would have to be
    /// read first. A run that goes on tells by it whether the images are still those that it began with.
    func contentChecksum(at index: Int) -> UInt32?
}

extension Dataset {
    public func imageName(at index: Int) -> String { "\(name) #\(index)" }

    /// The image as it is.
    public func copyImage(at index: Int, epoch: Int, to destination: UnsafeMutableBufferPointer<Float>) throws {
        try copyImage(at: index, to: destination)
    }

    public func contentChecksum(at index: Int) -> UInt32? { nil }

    public var isCostlyToRead: Bool { false }

    public var hasSoftTargets: Bool { false }

    /// Refuses an image with a value that networks would turn into a number, in a ReLU for one, as if nothing were wrong.
    ///
    /// - Throws: ``TrainingError/imageNotFinite(image:value:)``.
    func checkFinite(_ image: UnsafeBufferPointer<Float>, at index: Int) throws(TrainingError) {
        guard let position = image.firstNotFinite else { return }
        throw .imageNotFinite(image: imageName(at: index), value: image[position])
    }

    /// 1 for the label, 0 for the others.
    public func copySoftTarget(at index: Int, to destination: UnsafeMutableBufferPointer<Float>) {
        destination.update(repeating: 0)
        destination[label(at: index)] = 1
    }
}
