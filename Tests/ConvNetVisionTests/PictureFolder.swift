import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport

@testable import ConvNetVision

/// A folder of small PNG files.
struct PictureFolder {
    let scratch: ScratchDirectory
    var url: URL { scratch.url }

    /// - Parameter files: paths, in sub-directories that are made; the pictures are all different.
    init(_ files: [String], size: Size = Size(6, 5), channels: Int = 3) throws {
        scratch = try ScratchDirectory()
        for (number, file) in files.enumerated() {
            try write(Self.picture(number, size: size, channels: channels), to: file)
        }
    }

    static func picture(_ number: Int, size: Size = Size(6, 5), channels: Int = 3) -> Image {
        Image(
            channels: channels, height: size.height, width: size.width,
            pixels: (0..<size.height * size.width * channels).map { UInt8(truncatingIfNeeded: $0 * 7 + number * 31) })
    }

    func write(_ image: Image, to file: String) throws { try write(PNG.encode(image), to: file) }

    func write(_ data: Data, to file: String) throws {
        try makeDirectory(URL(filePath: file).deletingLastPathComponent().relativePath)
        try data.write(to: url.appending(path: file))
    }

    func makeDirectory(_ path: String) throws {
        try FileManager.default.createDirectory(at: url.appending(path: path), withIntermediateDirectories: true)
    }

    func open() throws -> DatasetParts { try DatasetCatalog.open(url.path) }
}
