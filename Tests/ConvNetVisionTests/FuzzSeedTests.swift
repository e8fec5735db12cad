import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

/// The files that fuzzing starts from: each is read, or refused with one of our errors.
@Suite struct FuzzSeedTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz/Seeds")

    private static func seeds(_ target: String) -> [URL] {
        ((try? FileManager.default.contentsOfDirectory(
            at: directory.appending(path: target), includingPropertiesForKeys: nil)) ?? [])
            .sorted { $0.path < $1.path }
    }

    @Test func thereAreSeeds() {
        for target in ["jpeg", "png", "images", "readers"] { #expect(Self.seeds(target).count >= 5, "\(target)") }
    }

    @Test(arguments: seeds("jpeg") + seeds("png") + seeds("images"))
    func picturesDecodeOrSayWhyNot(file: URL) throws {
        do {
            let image = try ImageFile(contentsOf: file)
            let size = image.header.size
            let whole = try image.decode(channels: 3)
            #expect(whole.size == size)
            let part = ImageRegion(
                top: size.height / 3, left: size.width / 4, height: size.height - size.height / 3,
                width: size.width - size.width / 4)
            #expect(try image.decode(channels: 3, region: part, obeysOrientation: true) == whole.cropped(to: part))
        } catch is ImageError {}
    }

    /// At every part of its size a rectangle of a JPEG file has the pixels of the whole; the seeds have all kinds of sampling.
    @Test(arguments: seeds("jpeg"))
    func rectanglesOfReducedPictures(file: URL) throws {
        let image = try ImageFile(contentsOf: file)
        var generator = SplitMix64(seed: 6)
        for reduction in [1, 2, 4, 8] {
            let size = Size(
                (image.header.storedHeight + reduction - 1) / reduction,
                (image.header.storedWidth + reduction - 1) / reduction)
            func decode(_ region: ImageRegion) throws -> Image {
                try image.decode(channels: 3, region: region, obeysOrientation: false, reduction: reduction)
            }
            let whole = try decode(ImageRegion(all: size))
            for _ in 0..<25 {
                let height = Int.random(in: 1...size.height, using: &generator)
                let width = Int.random(in: 1...size.width, using: &generator)
                let region = ImageRegion(
                    top: Int.random(in: 0...size.height - height, using: &generator),
                    left: Int.random(in: 0...size.width - width, using: &generator), height: height, width: width)
                #expect(try decode(region) == whole.cropped(to: region), "1/\(reduction), \(region)")
            }
        }
    }

    @Test(arguments: seeds("readers"))
    func tablesAndArraysAreReadOrRefused(seed: URL) throws {
        let data = try Data(contentsOf: seed)
        let kind = Int(try #require(data.first)) % 5
        let scratch = try TemporaryDirectory()
        let names = ["labels.csv", "split.json", "images-idx3-ubyte", "images-idx3-ubyte.gz", "batch.bin"]
        let file = try scratch.write(data.dropFirst(), to: names[kind])
        do {
            switch kind {
            case 0: #expect(try DatasetCatalog.open(file.path).train.count > 0)
            case 1: #expect(try !SplitFile(contentsOf: file).train.isEmpty)
            case 2, 3: #expect(try IDXFile(contentsOf: file, rank: 3).sizes.count == 3)
            default:
                let images = try CIFARDataset(contentsOf: [file], variant: .cifar10, name: "seed", classes: ["a", "b"])
                #expect(images.count > 0)
            }
        } catch {
            // Nothing else than a DatasetError can be thrown here, says the compiler.
            #expect(!"\(error)".isEmpty)
        }
    }
}
