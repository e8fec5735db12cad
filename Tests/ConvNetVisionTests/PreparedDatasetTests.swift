import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite struct PreparedDatasetTests {
    private let folder: PictureFolder

    init() throws {
        folder = try PictureFolder((0..<6).map { "a/\($0).png" } + ["b/0.png"], size: Size(40, 60))
    }

    private func dataset(_ augmentation: Augmentation?, cacheBytes: Int = 0, seed: UInt64 = 5) throws -> PreparedDataset
    {
        PreparedDataset(
            try folder.open().train,
            preparedBy: Preprocessing(fitting: ImageFitting(size: Size(16), shorterSide: 20)),
            augmentation: augmentation, seed: seed, cacheBytes: cacheBytes)
    }

    /// As evaluation sees it.
    private func fitted(_ dataset: PreparedDataset, _ index: Int) throws -> Image {
        try dataset.preprocessing.image(of: dataset.picture(at: index), for: [3, 16, 16])
    }

    private static let crops = Augmentation {
        RandomResizedCrop(16)
        HorizontalFlip()
    }

    @Test func imagesAreAFunctionOfSeedIndexAndEpoch() throws {
        let (one, other) = (try dataset(Self.crops), try dataset(Self.crops))
        // Asked for in another order.
        let backwards = try (0..<6).reversed().map { try other.image(at: $0, epoch: 3) }
        #expect(try (0..<6).map { try one.image(at: $0, epoch: 3) } == backwards.reversed())
        #expect(try one.image(at: 2, epoch: 3) != one.image(at: 2, epoch: 4))
        #expect(try one.image(at: 2, epoch: 3) != dataset(Self.crops, seed: 6).image(at: 2, epoch: 3))
    }

    /// PNG files are not decoded at a part of their size: what is kept and what is not are the same bytes.
    @Test(arguments: [1, 20_000, 1 << 20])
    func aCacheChangesNothing(bytes: Int) throws {
        let (plain, cached) = (try dataset(Self.crops), try dataset(Self.crops, cacheBytes: bytes))
        for epoch in 0..<3 {
            for index in 0..<6 {
                #expect(try cached.image(at: index, epoch: epoch) == plain.image(at: index, epoch: epoch))
                #expect(try fitted(cached, index) == fitted(plain, index))
            }
        }
    }

    /// The first transform's rectangle is all that is decoded, and gives what it gives on the whole image.
    @Test func decodingARectangleIsCroppingTheWhole() throws {
        let prepared = try dataset(Self.crops)
        for index in 0..<6 {
            let whole = try prepared.base.picture(at: index).decode(Decoding(channels: 3))
            let expected = Self.crops.apply(to: whole, seed: 5, index: index, epoch: 1)
            #expect(try prepared.image(at: index, epoch: 1) == expected)
        }
    }

    @Test func withoutAugmentationTrainingSeesWhatEvaluationSees() throws {
        let prepared = try dataset(nil)
        #expect(try prepared.image(at: 1, epoch: 7) == fitted(prepared, 1))
        #expect(try fitted(prepared, 1).size == Size(16))
    }

    /// Images that transforms leave at another size are fitted.
    @Test func aSizeThatIsNotTheNetworksIsFitted() throws {
        let prepared = try dataset(Augmentation { HorizontalFlip() })
        #expect(try prepared.image(at: 0, epoch: 0).size == Size(16))
    }

    @Test(arguments: AugmentationPreset.allCases, [Size(16), Size(96), Size(20, 30)])
    func presetsGiveTheSize(preset: AugmentationPreset, size: Size) throws {
        let fitting = ImageFitting(size: size)
        for channels in [1, 3] {
            let prepared = PreparedDataset(
                try folder.open().train, preparedBy: Preprocessing(fitting: fitting, channels: channels),
                augmentation: preset.augmentation(for: fitting), seed: 2)
            for epoch in 0..<4 {
                let image = try prepared.image(at: 3, epoch: epoch)
                #expect(image.size == size && image.channels == channels)
                #expect(image.pixels.count == size.height * size.width * channels)
            }
        }
    }

    /// The shortcut is near enough, and takes the rectangle that it should: other ones are further away.
    @Test(arguments: [(0, 0, 29, 37), (3, 5, 24, 30), (5, 2, 19, 21)])
    func reducedDecodingIsNearTheExactOne(top: Int, left: Int, height: Int, width: Int) throws {
        let data = try Fixtures.tensors("images").bytes(named: "file/420.jpg")
        let photo = try ImageFile(data, name: "420.jpg")
        func decode(top: Int, left: Int, reduces: Bool) throws -> Image {
            let region = ImageRegion(top: top, left: left, height: height, width: width)
            return try photo.decode(
                ImageCrop(region, resizedTo: Size(height / 4, width / 4)), as: Decoding(channels: 3),
                reduces: reduces)
        }
        func difference(_ a: Image, _ b: Image) -> Int {
            zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        }
        let exact = try decode(top: top, left: left, reduces: false)
        let reduced = try decode(top: top, left: left, reduces: true)
        #expect(reduced.size == exact.size && reduced != exact)
        #expect(difference(exact, reduced) < 6 * exact.pixels.count)
        for (top, left) in [(top + 4, left), (top, left + 4)] where top + height <= 29 && left + width <= 37 {
            #expect(
                try difference(decode(top: top, left: left, reduces: false), reduced) > 2 * difference(exact, reduced))
        }
    }

    /// Resized whole, such a picture would take 10 GB.
    @Test(arguments: [AugmentationPreset.alexnet, .imagenet, .light])
    func aThreadOfAPictureIsNotBlownUp(preset: AugmentationPreset) throws {
        let thread = Image(channels: 3, height: 1, width: 60_000, pixels: [UInt8](repeating: 7, count: 180_000))
        let fitting = ImageFitting(size: Size(224), shorterSide: 256)
        let augmentation = try #require(preset.augmentation(for: fitting))
        #expect(augmentation.apply(to: thread, seed: 1, index: 0, epoch: 0).size == Size(224))
        #expect(fitting.fit(thread).pixels.allSatisfy { $0 == 7 })
        #expect(fitting.tenCrops(thread).count == 10)
    }

    /// Neither where the network is wider than it, and black is added on both sides.
    @Test(arguments: [Size(192, 256), Size(256, 192), Size(32, 224)], [true, false])
    func aThreadInAnotherShapeIsNotBlownUp(size: Size, isTall: Bool) throws {
        let thread = Image(
            channels: 3, height: isTall ? 60_000 : 1, width: isTall ? 1 : 60_000,
            pixels: [UInt8](repeating: 7, count: 180_000))
        for fitting in [ImageFitting(size: size), ImageFitting(size: size, shorterSide: 40)] {
            #expect(fitting.fit(thread).size == size)
            #expect(fitting.tenCrops(thread).allSatisfy { $0.size == size && $0.pixels.contains(7) })
            for preset in AugmentationPreset.allCases {
                guard let augmentation = preset.augmentation(for: fitting) else { continue }
                #expect(augmentation.apply(to: thread, seed: 1, index: 0, epoch: 0).size == size)
            }
        }
    }
}
