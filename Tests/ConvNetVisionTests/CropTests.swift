import ConvNetGraph
import ConvNetTraining
import Foundation
import Testing

@testable import ConvNetVision

@Suite struct CropTests {
    private func random(_ sample: Int) -> SampleRandom { SampleRandom(seed: 1, sample: sample, epoch: 0) }

    /// 375×500 at 256 is 256×341: the longer side is rounded down, as in torchvision.
    @Test(arguments: [
        (Size(375, 500), 256, Size(256, 341)), (Size(500, 375), 256, Size(341, 256)), (Size(7, 7), 3, Size(3, 3)),
    ])
    func theShorterSideIsResized(size: Size, length: Int, expected: Size) {
        var random = random(0)
        #expect(Resize(shorterSide: length).crop(of: size, random: &random).size == expected)
    }

    /// round((size − crop) / 2), half to even.
    @Test(arguments: [(347, 224, 62), (233, 224, 4), (229, 224, 2), (226, 224, 1), (224, 224, 0)])
    func theCentreIsWhereTorchvisionHasIt(length: Int, crop: Int, offset: Int) {
        #expect(Size(length, 300).center(Size(crop, 300)).top == offset)
        #expect(Size(300, length).center(Size(300, crop)).left == offset)
    }

    /// The odd pixel comes below and to the right.
    @Test func whatIsMissingIsBlack() {
        var random = random(0)
        let image = Image(channels: 1, height: 1, width: 2, pixels: [7, 9])
        let crop = CenterCrop(Size(4, 3)).apply(to: image, random: &random)
        #expect(crop.pixels == [0, 0, 0, 7, 9, 0, 0, 0, 0, 0, 0, 0])
    }

    /// Means over many draws: of the area between its limits, of the logarithm of the proportion 0.
    @Test func randomResizedCropsAreAsTheyShouldBe() {
        var (areas, ratios) = (0.0, 0.0)
        let crop = RandomResizedCrop(24, area: 0.1...0.5)
        for sample in 0..<4000 {
            var random = random(sample)
            let region = crop.crop(of: Size(300, 400), random: &random).region
            #expect(region.top >= 0 && region.left >= 0)
            #expect(region.top + region.height <= 300 && region.left + region.width <= 400)
            areas += Double(region.height * region.width) / 120_000
            ratios += log(Double(region.width) / Double(region.height))
        }
        #expect(abs(areas / 4000 - 0.3) < 0.01)
        #expect(abs(ratios / 4000) < 0.02)
    }

    /// No rectangle of an allowed proportion has the area: the largest one that is allowed is taken from the centre.
    @Test(arguments: [(Size(10, 100), 13, 10), (Size(100, 10), 10, 13)])
    func extremeImagesGiveTheirCentre(size: Size, width: Int, height: Int) {
        var random = random(0)
        let region = RandomResizedCrop(8, area: 0.9...1).crop(of: size, random: &random).region
        #expect(region.width == width && region.height == height)
        #expect(region.left == (size.width - width) / 2 && region.top == (size.height - height) / 2)
    }

    @Test func randomCropsComeFromEverywhere() {
        let image = Image(channels: 1, height: 4, width: 4, pixels: Array(1...16))
        var corners: Set<UInt8> = []
        for sample in 0..<400 {
            var random = random(sample)
            let crop = RandomCrop(4, padding: 1).apply(to: image, random: &random)
            #expect(crop.size == Size(4))
            corners.insert(crop.pixels[5])
        }
        // Nine positions: the pixel in the second row and column is one of the first three by three.
        #expect(corners == [1, 2, 3, 5, 6, 7, 9, 10, 11])
    }

    @Test func tenCropsAreCornersCentreAndMirrors() {
        let image = Image(channels: 1, height: 3, width: 4, pixels: Array(0..<12))
        let crops = ImageFitting(size: Size(2), shorterSide: 3).tenCrops(image)
        #expect(
            crops.map(\.pixels) == [
                [0, 1, 4, 5], [2, 3, 6, 7], [4, 5, 8, 9], [6, 7, 10, 11], [1, 2, 5, 6],
                [1, 0, 5, 4], [3, 2, 7, 6], [5, 4, 9, 8], [7, 6, 11, 10], [2, 1, 6, 5],
            ])
    }

    @Test(arguments: ImageFitting.Mode.allCases, [Size(5, 9), Size(9, 5), Size(4, 4), Size(1, 1), Size(300, 2)])
    func everyPictureComesToTheSize(mode: ImageFitting.Mode, size: Size) {
        let image = Image(
            channels: 1, height: size.height, width: size.width,
            pixels: [UInt8](repeating: 200, count: size.height * size.width))
        let fitted = ImageFitting(size: Size(6, 8), mode: mode).fit(image)
        #expect(fitted.size == Size(6, 8))
        #expect(fitted.pixels.contains(200))
        #expect(mode != .squash || fitted.pixels.allSatisfy { $0 == 200 })
    }

    /// What lies outside of the crop is not computed, and the rest is as it was: resized whole, framed and cut out.
    @Test(arguments: [Size(1, 9), Size(9, 1), Size(3, 50), Size(50, 3), Size(2, 2), Size(7, 11), Size(40, 41)])
    func onlyWhatIsKeptIsResized(size: Size) {
        let image = Image(
            channels: 3, height: size.height, width: size.width,
            pixels: (0..<size.height * size.width * 3).map { UInt8(truncatingIfNeeded: $0 * 13 + 1) })
        for (network, shorterSide) in [(Size(9, 14), 5), (Size(14, 9), 9), (Size(8, 8), 8), (Size(5, 20), 12)] {
            let fitting = ImageFitting(size: network, shorterSide: shorterSide)
            let before = min(size.height, size.width) == shorterSide ? size : size.withShorterSide(shorterSide)
            let framed = image.resized(to: before).paddedAtCenter(to: network)
            #expect(fitting.fit(image) == framed.cropped(to: framed.size.center(network)))
            let crops = fitting.tenCrops(image)
            for (number, (bottom, right)) in [(false, false), (false, true), (true, false), (true, true)].enumerated() {
                let region = ImageRegion(
                    top: bottom ? framed.height - network.height : 0, left: right ? framed.width - network.width : 0,
                    height: network.height, width: network.width)
                #expect(crops[number] == framed.cropped(to: region))
                #expect(crops[5 + number] == crops[number].mirrored)
            }
            #expect(crops[4] == fitting.fit(image))
        }
    }

    /// A model trained at 224 evaluates what torchvision's transforms give: one resize, then the crop.
    @Test func croppingIsResizingAndCuttingOut() {
        let image = Image(
            channels: 3, height: 50, width: 37, pixels: (0..<50 * 37 * 3).map { UInt8(truncatingIfNeeded: $0 * 11) })
        let fitting = ImageFitting(size: Size(16), shorterSide: 21)
        let resized = image.resized(to: Size(28, 21))
        #expect(fitting.fit(image) == resized.cropped(to: ImageRegion(top: 6, left: 2, height: 16, width: 16)))
    }
}
