import ConvNetGraph
import ConvNetTraining
import Foundation

/// Grey images and their labels from a pair of IDX files. The images stay bytes in memory.
public struct IDXDataset: Dataset {
    public let name: String
    public let count: Int
    public let classes: [String]

    /// 1×H×W.
    public let imageShape: Shape?

    private let size: Size

    private let pixels: Data
    private let labels: Data

    /// Pairs up images and labels.
    ///
    /// - Parameters:
    ///   - images: N images, N×H×W.
    ///   - labels: N labels.
    ///   - name: What messages call the dataset, e.g. `fashion-mnist (test)`.
    ///   - classes: The class names; a label is an index into them.
    /// - Throws: `DatasetError.unexpectedRank` where a file is of another rank, `.countsDiffer` where there are not as
    ///   many labels as images, `.labelOutOfRange` where a label is not an index into the classes.
    package init(images: IDXFile, labels: IDXFile, name: String, classes: [String]) throws(DatasetError) {
        for (file, rank) in [(images, 3), (labels, 1)] where file.sizes.count != rank {
            throw .unexpectedRank(file: file.name, found: file.sizes.count, expected: rank)
        }
        guard images.sizes[0] == labels.sizes[0] else {
            throw .countsDiffer(
                imageFile: images.name, images: images.sizes[0], labelFile: labels.name, labels: labels.sizes[0])
        }
        for (position, label) in labels.elements.enumerated() where label >= classes.count {
            throw .labelOutOfRange(
                file: labels.name, position: position, label: Int(label), classCount: classes.count)
        }
        self.name = name
        self.classes = classes
        count = images.sizes[0]
        size = Size(images.sizes[1], images.sizes[2])
        imageShape = [1, size.height, size.width]
        pixels = images.elements
        self.labels = labels.elements
    }

    public func target(at index: Int) -> Target { .label(Int(labels[labels.startIndex + index])) }

    public func item(at index: Int) -> DatasetItem {
        .picture(
            Image(
                channels: 1, height: size.height, width: size.width,
                pixels: bytes(at: index).withUnsafeBytes(Array.init)))
    }

    public func contentChecksum(at index: Int) -> UInt32? {
        var checksum = CRC32()
        bytes(at: index).withUnsafeBytes { checksum.append($0) }
        return checksum.value
    }

    private func bytes(at index: Int) -> Data {
        let (area, start) = (size.height * size.width, pixels.startIndex)
        return pixels[start + index * area..<start + (index + 1) * area]
    }
}
