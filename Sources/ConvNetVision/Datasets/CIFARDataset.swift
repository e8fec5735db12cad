import ConvNetGraph
import ConvNetTraining
import Foundation

/// Colour images of 32×32 pixels and their labels, from the binary files of CIFAR-10 or CIFAR-100 (Krizhevsky, "Learning
/// Multiple Layers of Features from Tiny Images", 2009; https://www.cs.toronto.edu/~kriz/cifar.html). The images stay
/// bytes in memory.
public struct CIFARDataset: Dataset {
    /// Which of the two forms a file has.
    public enum Variant: Sendable {
        /// A record is a label and 3072 bytes.
        case cifar10
        /// A record is a label of 20 superclasses, which is left aside, one of 100 classes, and 3072 bytes.
        case cifar100

        var labelBytes: Int { self == .cifar10 ? 1 : 2 }
        var recordBytes: Int { labelBytes + CIFARDataset.imageBytes }
    }

    public let name: String
    public let classes: [String]
    public var count: Int { data.count / variant.recordBytes }
    /// 3×32×32.
    public var imageShape: Shape? { [3, 32, 32] }

    private let data: Data
    private let variant: Variant
    fileprivate static let imageBytes = 3 * 32 * 32

    /// Reads files one after the other.
    ///
    /// - Parameters:
    ///   - files: in the order in which their images are counted.
    ///   - name: What messages call the dataset, e.g. `cifar-10 (test)`.
    ///   - classes: The class names; a label is an index into them.
    /// - Throws: `DatasetError.notRecords` for a file that does not consist of whole records, `.labelOutOfRange`, and why a
    ///   file could not be read.
    public init(
        contentsOf files: [URL], variant: Variant, name: String, classes: [String]
    ) throws(DatasetError) {
        var data = Data()
        for file in files {
            // It is copied behind those that have been read, which may be moved for that.
            let content = try readFile(file, bytesForEach: 3)
            let record = variant.recordBytes
            guard !content.isEmpty, content.count.isMultiple(of: record) else {
                throw .notRecords(file: file.path, held: content.count, record: record)
            }
            for position in 0..<content.count / record {
                let label = Int(content[position * record + variant.labelBytes - 1])
                guard label < classes.count else {
                    throw .labelOutOfRange(
                        file: file.path, position: position, label: label, classCount: classes.count)
                }
            }
            data += content
        }
        self.name = name
        self.classes = classes
        self.variant = variant
        self.data = data
    }

    public func target(at index: Int) -> Target {
        .label(Int(data[index * variant.recordBytes + variant.labelBytes - 1]))
    }

    /// The files have the planes of the colours one after the other, pictures the colours of each pixel.
    public func item(at index: Int) -> DatasetItem {
        let area = Self.imageBytes / 3
        let pixels = bytes(at: index).withUnsafeBytes { (planes: UnsafeRawBufferPointer) -> [UInt8] in
            [UInt8](unsafeUninitializedCapacity: Self.imageBytes) { pixels, count in
                for pixel in 0..<area {
                    for channel in 0..<3 { pixels[pixel &* 3 &+ channel] = planes[channel &* area &+ pixel] }
                }
                count = Self.imageBytes
            }
        }
        return .picture(Image(channels: 3, height: 32, width: 32, pixels: pixels))
    }

    public func contentChecksum(at index: Int) -> UInt32? {
        var checksum = CRC32()
        bytes(at: index).withUnsafeBytes { checksum.append($0) }
        return checksum.value
    }

    private func bytes(at index: Int) -> Data {
        let start = index * variant.recordBytes + variant.labelBytes
        return data[start..<start + Self.imageBytes]
    }
}

/// A directory with the files of CIFAR-10 (`data_batch_1.bin` to `data_batch_5.bin`, `test_batch.bin`) or CIFAR-100
/// (`train.bin`, `test.bin`), and their lists of class names.
struct CIFARDirectory: DatasetDirectory {
    let url: URL
    private let variant: CIFARDataset.Variant

    /// nil where the directory holds no file of the names that tell the two apart.
    init?(_ url: URL) throws(DatasetError) {
        func has(_ names: String...) throws(DatasetError) -> Bool {
            for name in names where try isThere(url.appendingPathComponent(name, isDirectory: false)) { return true }
            return false
        }
        if try has("data_batch_1.bin", "test_batch.bin") {
            variant = .cifar10
        } else if try has("train.bin", "test.bin") {
            variant = .cifar100
        } else {
            return nil
        }
        self.url = url
    }

    func open(_ part: DatasetPart, name: String, classes: [String]?) throws(DatasetError) -> any Dataset {
        if part == .validation { throw .noSuchPart(dataset: name, part: part) }
        let list = variant == .cifar10 ? "batches.meta.txt" : "fine_label_names.txt"
        let classes = if let classes { classes } else { try readClassNames(file(list)) }
        return try CIFARDataset(
            contentsOf: fileNames(part).map(file), variant: variant, name: "\(name) (\(part))", classes: classes)
    }

    private func fileNames(_ part: DatasetPart) -> [String] {
        switch (variant, part) {
        case (.cifar10, .train): (1...5).map { "data_batch_\($0).bin" }
        case (.cifar10, _): ["test_batch.bin"]
        case (.cifar100, _): ["\(part).bin"]
        }
    }

    private func file(_ name: String) -> URL { url.appendingPathComponent(name, isDirectory: false) }
}
