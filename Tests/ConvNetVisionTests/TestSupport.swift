import Foundation
import TestSupport

extension Data {
    /// A copy with one to four bytes replaced, removed or inserted, or with its end cut off.
    func mutated(using generator: inout SplitMix64) -> Data {
        var bytes = [UInt8](self)
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: bytes.remove(at: position)
            case 1: bytes.insert(.random(in: 0...255, using: &generator), at: position)
            case 2: bytes.removeSubrange(position...)
            case 3: bytes[position] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            default: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
        }
        return Data(bytes)
    }
}

/// The content of an IDX file of unsigned bytes.
func idx(_ sizes: [UInt32], _ elements: [UInt8]) -> Data {
    var data = Data([0, 0, 8, UInt8(sizes.count)])
    for size in sizes {
        withUnsafeBytes(of: size.bigEndian) { data.append(contentsOf: $0) }
    }
    return data + elements
}

/// A directory that is removed together with its owner.
final class TemporaryDirectory {
    let url: URL

    var path: String { url.path }

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("ConvNetVisionTests-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    @discardableResult
    func write(_ data: Data, to name: String) throws -> URL {
        let file = url.appendingPathComponent(name, isDirectory: false)
        try data.write(to: file)
        return file
    }

    /// The four files of a dataset: three training and two test images of 2×2 pixels.
    func writeDataset(suffix: String = "", separator: String = "-", transform: (Data) -> Data = { $0 }) throws {
        let files = [
            "train-images\(separator)idx3": idx([3, 2, 2], (0..<12).map { $0 * 20 }),
            "train-labels\(separator)idx1": idx([3], [2, 0, 1]),
            "t10k-images\(separator)idx3": idx([2, 2, 2], [255, 0, 51, 102, 0, 0, 0, 255]),
            "t10k-labels\(separator)idx1": idx([2], [1, 2]),
        ]
        for (name, data) in files {
            try write(transform(data), to: "\(name)-ubyte\(suffix)")
        }
    }
}
