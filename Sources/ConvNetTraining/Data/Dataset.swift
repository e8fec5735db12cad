import ConvNetGraph

/// Images, and what a network should say of them, read by index.
///
/// An image is a picture of any size or numbers that are ready for a network: see ``DatasetItem``. What else is done to it is
/// the network's ``Preprocessing``, wherever the image comes from.
///
/// Implementations are immutable and may be read from several threads at once.
public protocol Dataset: Sendable {
    /// What messages call this dataset, e.g. `fashion-mnist (test)`.
    var name: String { get }

    /// The number of images.
    var count: Int { get }

    /// The shape C×H×W of every image; nil where they are pictures that may differ.
    var imageShape: Shape? { get }

    /// The class names; a label is an index into them.
    var classes: [String] { get }

    /// Which kind all targets are of.
    var targetKind: TargetKind { get }

    /// What a network should say of one image.
    func target(at index: Int) -> Target

    /// One image; of a picture the file has been read, and is not decoded.
    ///
    /// - Throws: why its file cannot be read, or is none of a picture.
    func item(at index: Int) throws -> DatasetItem

    /// One image as training sees it in one epoch, counted from 0: augmented, where the dataset does that. The same image and
    /// epoch always give the same numbers.
    ///
    /// - Throws: as ``item(at:)``, and why a picture cannot be decoded.
    func item(at index: Int, epoch: Int) throws -> DatasetItem

    /// What one image says of itself before it is decoded: C×H×W, with 1 channel where it is grey and 3 otherwise, upright.
    ///
    /// - Throws: as ``item(at:)``.
    func imageShape(at index: Int) throws -> Shape

    /// Whether images take so long to read, decode or transform that threads should do it while the network is at work.
    var isCostlyToRead: Bool { get }

    /// What identifies one image to a person: its file's path within the dataset, or its position.
    func imageName(at index: Int) -> String

    /// A number that changes with what one image shows, a CRC-32 of what it is stored as, say; nil where that would have to be
    /// read first. A run that goes on tells by it whether the images are still those that it began with.
    func contentChecksum(at index: Int) -> UInt32?
}

/// What a dataset has at one index.
public enum DatasetItem: Sendable {
    /// Numbers C×H×W, row-major: no more is done to them than mean and standard deviation.
    case array(ArraySlice<Float>)
    /// A picture, to be brought to the network's size.
    case picture(any ImageSource)
    /// A picture that has the network's size and channels already: augmented, or cut out of a larger one.
    case fitted(Image)
}

extension Dataset {
    public var targetKind: TargetKind { .label }

    public func imageName(at index: Int) -> String { "\(name) #\(index)" }

    /// The image as it is.
    public func item(at index: Int, epoch: Int) throws -> DatasetItem { try item(at: index) }

    public func imageShape(at index: Int) throws -> Shape {
        if let imageShape { return imageShape }
        return try picture(at: index).shape
    }

    public func contentChecksum(at index: Int) -> UInt32? { nil }

    public var isCostlyToRead: Bool { false }

    /// One image as a picture.
    ///
    /// - Throws: ``DatasetItemError`` where it is an array, and as ``item(at:)``.
    package func picture(at index: Int) throws -> any ImageSource {
        switch try item(at: index) {
        case .picture(let picture): return picture
        case .fitted(let image): return image
        case .array: throw DatasetItemError(image: imageName(at: index))
        }
    }

    /// The class of one image, of a dataset whose images have one each.
    package func label(at index: Int) -> Int { target(at: index).label }

    /// How many images have each class.
    package var classCounts: [Int] {
        var counts = [Int](repeating: 0, count: classes.count)
        for index in 0..<count {
            for label in target(at: index).classes { counts[label] += 1 }
        }
        return counts
    }

    /// Whether the images are arrays, by the first one; what may differ in size are pictures, and none is read.
    package var holdsArrays: Bool {
        guard imageShape != nil, count > 0, case .array? = try? item(at: 0) else { return false }
        return true
    }

    /// Refuses an image with a value that networks would turn into a number, in a ReLU for one, as if nothing were wrong.
    ///
    /// - Throws: ``TrainingError/imageNotFinite(image:value:)``.
    func checkFinite(_ image: UnsafeBufferPointer<Float>, at index: Int) throws(TrainingError) {
        guard let position = image.firstNotFinite else { return }
        throw .imageNotFinite(image: imageName(at: index), value: image[position])
    }
}

/// An image that is numbers, where a picture is needed.
public struct DatasetItemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the dataset calls it.
    public let image: String

    public var description: String { "\(image) is an array of numbers, not a picture that could be shown or written" }
}
