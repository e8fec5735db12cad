import ConvNet
import Foundation
import TestSupport
import Testing

/// The same images as IDX files and as a folder of PNG files train to the same bits, by whatever number of threads.
@Suite struct FolderTrainingTests {
    private let scratch: ScratchDirectory
    private static let layers = Sequential {
        Conv2D(4, kernel: 3)
        ReLU()
        MaxPool2D(2)
        Flatten()
        Dense(3)
    }

    /// 120 training and 30 test images of 10×8, whose first pixel is not 0.
    init() throws {
        scratch = try ScratchDirectory()
        var generator = SplitMix64(seed: 4)
        for (part, count) in [("train", 120), ("t10k", 30)] {
            let labels = (0..<count).map { _ in UInt8.random(in: 0..<3, using: &generator) }
            let pixels = labels.flatMap { label in
                (0..<80).map { UInt8.random(in: UInt8($0 % 3) == label ? 100...255 : 5...140, using: &generator) }
            }
            try Self.header([UInt32(count), 10, 8], pixels).write(to: scratch.file("\(part)-images-idx3-ubyte"))
            try Self.header([UInt32(count)], labels).write(to: scratch.file("\(part)-labels-idx1-ubyte"))
        }
    }

    private static func header(_ sizes: [UInt32], _ bytes: [UInt8]) -> Data {
        Data([0, 0, 8, UInt8(sizes.count)])
            + sizes.flatMap { size in withUnsafeBytes(of: size.bigEndian, Array.init) }
            + bytes
    }

    private func train(_ images: DatasetParts, augmentation: AugmentationPreset, threads: Int) async throws -> [Bits] {
        var preparation = DataPreparation()
        preparation.augmentation = augmentation
        preparation.validationFraction = 0.2
        preparation.threads = threads
        preparation.seed = 7
        let data = try preparation.prepare(images, networkInput: [1, 28, 28])
        let network = try Network(input: data.imageShape) { Self.layers }
        let model = try Model(
            network, classes: data.training.classes, preprocessing: data.preprocessing, engine: ReferenceEngine(),
            seed: 7)
        let trainer = Trainer(epochs: 2, batchSize: 16, learningRate: 0.05, mixing: nil, seed: 7)
        let end = try await trainer.train(model, on: data.training, validation: data.validation)
        let test = try await model.evaluate(#require(data.test))
        var bits = [Bits(test.loss), Bits(end.best?.validation.loss ?? .nan)]
        for values in try await model.weights().sorted(by: { $0.key < $1.key }).map(\.value) {
            bits += values.map { Bits(Double($0)) }
        }
        return bits
    }

    struct Bits: Equatable {
        let pattern: UInt64
        init(_ number: Double) { pattern = number.bitPattern }
    }

    @Test(arguments: [AugmentationPreset.none, .cifar, .strong])
    func aFolderOfPNGFilesIsTheSame(augmentation: AugmentationPreset) async throws {
        let images = try DatasetCatalog.open(scratch.url.path)
        let copy = scratch.file("copy")
        try DatasetExport.write(images, to: copy)
        let folder = try DatasetCatalog.open(copy.path)
        let expected = try await train(images, augmentation: augmentation, threads: 1)
        for threads in [1, 3] {
            #expect(try await train(folder, augmentation: augmentation, threads: threads) == expected)
        }
        // Other numbers would be other bits.
        #expect(try await train(images, augmentation: .light, threads: 1) != expected)
    }
}
