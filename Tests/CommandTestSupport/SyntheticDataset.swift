import Foundation
import TestSupport

/// Grey images that are quickly learnt: a bright band on noise, and where it lies is the class.
package struct SyntheticDataset {
    /// The smallest that LeNet-5 takes are 12×12 pixels.
    package var size: Int
    package var classes: Int
    package var trainingImages: Int
    package var testImages: Int
    package var isCompressed: Bool

    package init(
        size: Int = 12, classes: Int = 4, trainingImages: Int = 240, testImages: Int = 40, isCompressed: Bool = false
    ) {
        self.size = size
        self.classes = classes
        self.trainingImages = trainingImages
        self.testImages = testImages
        self.isCompressed = isCompressed
    }

    /// The four files, by name.
    package var files: [String: Data] {
        var files: [String: Data] = [:]
        for (part, count) in [("train", trainingImages), ("t10k", testImages)] {
            files["\(part)-images-idx3-ubyte"] = Self.idx([count, size, size], pixels(count))
            files["\(part)-labels-idx1-ubyte"] = Self.idx([count], (0..<count).map { UInt8($0 % classes) })
        }
        guard isCompressed else { return files }
        return Dictionary(uniqueKeysWithValues: files.map { ("\($0).gz", gzipped($1)) })
    }

    private func pixels(_ count: Int) -> [UInt8] {
        var noise = UInt32(count)
        return (0..<count * size * size).map { position in
            noise = noise &* 1_664_525 &+ 1_013_904_223
            let (image, row) = (position / (size * size), position / size % size)
            let isBand = row * classes / size == image % classes
            return (isBand ? 180 : 20) + UInt8(noise >> 26)
        }
    }

    /// The content of an IDX file of unsigned bytes.
    package static func idx(_ sizes: [Int], _ elements: [UInt8]) -> Data {
        var data = Data([0, 0, 8, UInt8(sizes.count)])
        for size in sizes { withUnsafeBytes(of: UInt32(size).bigEndian) { data.append(contentsOf: $0) } }
        return data + elements
    }
}

extension Workplace {
    /// Writes the dataset into a directory of this name.
    package func write(_ dataset: SyntheticDataset, to name: String = "data") throws {
        for (file, data) in dataset.files { try write(data, to: "\(name)/\(file)") }
    }
}
