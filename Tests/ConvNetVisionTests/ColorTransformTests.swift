import ConvNetGraph
import ConvNetTraining
import Testing

@testable import ConvNetVision

/// Transforms of colours; expected bytes are those of Pillow 13 where nothing else is said.
@Suite struct ColorTransformTests {
    private let colour = TransformPictures.colour
    private let grey = TransformPictures.grey

    @Test func brightnessIsPillows() {
        #expect(
            colour.brightened(by: 0.5).pixels == [
                0, 19, 39, 60, 82, 105, 1, 26, 52, 79, 61, 90, 120, 23, 10,
                43, 77, 66, 102, 11, 4, 43, 37, 78, 75, 118, 116, 116, 34, 35,
                83, 87, 91, 14, 21, 28, 37, 46, 102, 114, 126, 12, 26, 42, 58,
                76, 94, 114, 6, 28, 50, 74, 98, 124, 105, 4, 33, 62, 93, 79,
            ])
        #expect(
            grey.brightened(by: 1.7).pixels == [
                0, 64, 132, 204, 255, 255, 3, 88, 176, 255, 209, 255, 255, 79, 34, 146, 255, 226, 255, 39,
            ])
        #expect(colour.brightened(by: 0).pixels.allSatisfy { $0 == 0 })
        #expect(colour.brightened(by: 1) == colour)
    }

    @Test func contrastIsPillows() {
        #expect(
            colour.contrasted(by: 1.6).pixels == [
                0, 0, 54, 121, 191, 255, 0, 12, 95, 182, 126, 218, 255, 4, 0,
                66, 175, 142, 255, 0, 0, 66, 49, 180, 169, 255, 255, 255, 38, 42,
                196, 207, 222, 0, 0, 20, 47, 78, 255, 255, 255, 0, 14, 63, 116,
                172, 231, 255, 0, 18, 90, 166, 244, 255, 255, 0, 34, 129, 226, 182,
            ])
        #expect(
            grey.contrasted(by: 0.3).pixels == [
                74, 86, 98, 110, 124, 137, 75, 90, 106, 122, 111, 129, 147, 89, 80, 100, 121, 114, 136, 81,
            ])
        #expect(colour.contrasted(by: 1) == colour)
    }

    @Test func saturationIsPillows() {
        #expect(
            colour.saturated(by: 0).pixels == [
                31, 31, 31, 156, 156, 156, 43, 43, 43, 140, 140, 140, 102, 102, 102,
                131, 131, 131, 76, 76, 76, 88, 88, 88, 210, 210, 210, 117, 117, 117,
                173, 173, 173, 40, 40, 40, 100, 100, 100, 219, 219, 219, 78, 78, 78,
                182, 182, 182, 48, 48, 48, 188, 188, 188, 76, 76, 76, 165, 165, 165,
            ])
        #expect(
            colour.saturated(by: 1.8).pixels == [
                0, 43, 115, 91, 170, 253, 0, 59, 152, 172, 109, 213, 255, 3, 0,
                50, 172, 134, 255, 0, 0, 84, 64, 212, 102, 255, 251, 255, 28, 34,
                162, 174, 191, 20, 43, 70, 53, 87, 255, 235, 255, 0, 33, 88, 148,
                128, 194, 255, 0, 62, 143, 116, 204, 255, 255, 0, 58, 93, 202, 152,
            ])
        #expect(colour.saturated(by: 1) == colour)
        #expect(grey.saturated(by: 1.8) == grey)
    }

    /// Expected bytes are those of torchvision's `adjust_hue` for numbers of 0 ... 1, rounded.
    @Test func hueTurns() {
        #expect(
            colour.hueShifted(by: 0.1).pixels == [
                9, 0, 78, 130, 120, 210, 13, 2, 104, 181, 123, 169, 241, 180, 20,
                86, 134, 154, 205, 141, 8, 135, 75, 157, 150, 187, 236, 232, 163, 68,
                170, 167, 183, 33, 29, 57, 134, 74, 205, 91, 253, 24, 60, 53, 117,
                161, 152, 228, 23, 13, 101, 159, 148, 248, 210, 73, 9, 125, 177, 186,
            ])
        for turn in [0.0, 1, -1] { #expect(colour.hueShifted(by: turn) == colour) }
        #expect(TransformPictures.uniform([255, 0, 0]).hueShifted(by: 1.0 / 3).pixels == [0, 255, 0])
        #expect(TransformPictures.uniform([255, 0, 0]).hueShifted(by: -1.0 / 3).pixels == [0, 0, 255])
        #expect(TransformPictures.uniform([200, 100, 100]).hueShifted(by: 0.5).pixels == [100, 200, 200])
        #expect(grey.hueShifted(by: 0.3) == grey)
        let shades = Image(channels: 3, height: 1, width: 256, pixels: (0...255).flatMap { [$0, $0, $0] })
        #expect(shades.hueShifted(by: 0.3) == shades)
    }

    @Test func sharpnessIsPillows() {
        #expect(
            colour.sharpened(by: 0).pixels == [
                0, 38, 78, 120, 164, 210, 2, 52, 104, 158, 123, 181, 241, 47, 20,
                86, 154, 133, 122, 70, 90, 107, 105, 139, 140, 152, 157, 232, 68, 71,
                167, 174, 183, 83, 90, 119, 111, 104, 148, 171, 170, 106, 53, 84, 117,
                152, 189, 228, 13, 56, 101, 148, 197, 248, 210, 9, 66, 125, 186, 158,
            ])
        #expect(
            grey.sharpened(by: 1.9).pixels == [
                0, 38, 78, 120, 164, 210, 0, 25, 100, 158, 123, 211, 255, 8, 20, 86, 154, 133, 205, 23,
            ])
        // There is nothing but edges.
        let narrow = Image(channels: 3, height: 10, width: 2, pixels: colour.pixels)
        #expect(narrow.sharpened(by: 0) == narrow)
    }

    @Test func posterizeAndSolarizeArePillows() {
        #expect(
            grey.posterized(toBits: 3).pixels == [
                0, 32, 64, 96, 160, 192, 0, 32, 96, 128, 96, 160, 224, 32, 0, 64, 128, 128, 192, 0,
            ])
        #expect(colour.posterized(toBits: 8) == colour)
        #expect(
            grey.solarized(from: 100).pixels == [
                0, 38, 78, 135, 91, 45, 2, 52, 151, 97, 132, 74, 14, 47, 20, 86, 101, 122, 50, 23,
            ])
        #expect(grey.solarized(from: 104).pixels[8] == 151 && grey.solarized(from: 104.5).pixels[8] == 104)
    }

    @Test func autocontrastIsPillows() {
        #expect(
            colour.autocontrasted.pixels == [
                0, 30, 74, 126, 161, 214, 2, 44, 102, 167, 119, 183, 255, 39, 12,
                90, 151, 132, 216, 14, 0, 90, 68, 158, 158, 237, 239, 245, 61, 66,
                176, 172, 185, 30, 34, 52, 78, 87, 209, 241, 255, 17, 56, 78, 115,
                160, 188, 233, 13, 49, 98, 156, 196, 255, 222, 0, 61, 132, 184, 159,
            ])
        let plain = TransformPictures.uniform([7, 8, 9], height: 3, width: 3)
        #expect(plain.autocontrasted == plain)
    }

    @Test func equalizeIsPillows() {
        let image = Image(
            channels: 1, height: 20, width: 32,
            pixels: (0..<640).map { (place: Int) -> UInt8 in UInt8(place < 64 ? place : place % 8 * 8) })
        let expected: [UInt8] = [
            0, 37, 37, 38, 38, 39, 39, 40, 40, 77, 77, 78, 78, 79, 79, 80, 80, 117, 117, 118, 118, 119, 119, 120, 120,
            157, 157, 158, 158, 159, 159, 160, 160, 197, 197, 198, 198, 199, 199, 200, 200, 237, 237, 238, 238, 239,
            239, 240, 240, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        ]
        #expect(image.equalized.pixels == image.pixels.map { expected[Int($0)] })
        // Channels have tables of their own; too few pixels have none.
        let red = Image(channels: 3, height: 20, width: 32, pixels: image.pixels.flatMap { [$0, 5, 6] })
        #expect(red.equalized.pixels == image.pixels.flatMap { [expected[Int($0)], 5, 6] })
        #expect(colour.equalized == colour)
    }

    /// Expected bytes are those of the paper's formula in NumPy.
    @Test func lightingIsAsPublished() {
        let alphas = [0.3, -0.2, 0.5]
        #expect(
            colour.lit(by: alphas).pixels == [
                0, 28, 69, 110, 154, 201, 0, 42, 95, 148, 113, 172, 231, 37, 11,
                76, 144, 124, 195, 13, 0, 76, 65, 148, 140, 226, 224, 222, 58, 62,
                157, 164, 174, 19, 32, 48, 64, 83, 196, 218, 243, 15, 43, 74, 108,
                142, 179, 219, 3, 46, 92, 138, 187, 239, 200, 0, 57, 115, 176, 149,
            ])
        #expect(
            grey.lit(by: alphas).pixels == [
                0, 28, 68, 110, 154, 200, 0, 42, 94, 148, 113, 171, 231, 37, 10, 76, 144, 123, 195, 13,
            ])
        #expect(Lighting(standardDeviation: 0).apply(to: colour, seed: 1) == colour)
    }

    @Test func lightingIsNormallyDistributed() {
        let image = TransformPictures.uniform([128, 128, 128])
        let shifts = (0..<2000).map { Double(Lighting().apply(to: image, seed: $0).pixels[0]) - 128 }
        let mean = shifts.reduce(0, +) / 2000
        let deviation = (shifts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2000).squareRoot()
        // Red's part in each component, 255 times 0.1; and what rounding to bytes adds.
        let parts = [0.2175 * 0.5675, 0.0188 * 0.7192, 0.0045 * 0.4009].map { 25.5 * $0 }
        let expected = (parts.reduce(0) { $0 + $1 * $1 } + 1.0 / 12).squareRoot()
        #expect(abs(mean) < 4 * expected / 2000.0.squareRoot())
        #expect(abs(deviation / expected - 1) < 0.08)
    }

    @Test func jitterStaysInItsRange() {
        func values(_ jitter: ColorJitter, _ image: Image, byte: Int = 0) -> [Int] {
            (0..<2000).map { Int(jitter.apply(to: image, seed: $0).pixels[byte]) }
        }
        let brightness = values(ColorJitter(brightness: 0.4), TransformPictures.uniform([100]))
        #expect(brightness.min() == 60 && brightness.max() == 139)
        let mean = brightness.reduce(0, +) / 2000
        #expect((97...103).contains(mean))
        // Factors below 0 do not occur.
        let dark = values(ColorJitter(brightness: 3), TransformPictures.uniform([50]))
        let darkMean = dark.reduce(0, +) / 2000
        #expect(dark.min() == 0 && dark.max()! >= 198 && (95...105).contains(darkMean))
        let contrast = values(ColorJitter(contrast: 0.5), Image(channels: 1, height: 1, width: 2, pixels: [50, 150]))
        #expect(contrast.min() == 25 && contrast.max() == 74)
        let saturation = values(ColorJitter(saturation: 0.5), TransformPictures.uniform([100, 200, 150]))
        // Its grey is 164.
        #expect(saturation.min() == 68 && (131...132).contains(saturation.max()!))
        // Red becomes yellow or purple at a sixth of a turn.
        let green = values(ColorJitter(hue: 0.1), TransformPictures.uniform([200, 0, 0]), byte: 1)
        #expect(green.min() == 0 && (119...120).contains(green.max()!))
        #expect((800...1200).contains(green.filter { $0 == 0 }.count))
    }

    @Test func jitterComesInAnyOrder() {
        let jitter = ColorJitter(brightness: 0.8, contrast: 0.8)
        var brightnessFirst = 0
        for seed in 0..<200 {
            var random = SampleRandom(seed: UInt64(seed), sample: 3, epoch: 1)
            let (brightness, contrast) = (random.uniform(0.2, 1.8), random.uniform(0.2, 1.8))
            let first = colour.brightened(by: brightness).contrasted(by: contrast)
            let second = colour.contrasted(by: contrast).brightened(by: brightness)
            let result = jitter.apply(to: colour, seed: seed)
            #expect(result == first || result == second)
            if result == first { brightnessFirst += 1 }
        }
        #expect((70...130).contains(brightnessFirst))
    }

    @Test func noJitterChangesNothing() {
        #expect(ColorJitter().apply(to: colour, seed: 4) == colour)
        #expect(ColorJitter(saturation: 1, hue: 0.5).apply(to: grey, seed: 4) == grey)
    }

    private static let transforms: [any ImageTransform] = [
        ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1), Lighting(),
    ]

    @Test(arguments: transforms)
    func seedsDecide(transform: any ImageTransform) {
        for image in [colour, grey] {
            #expect(transform.apply(to: image, seed: 7) == transform.apply(to: image, seed: 7))
            #expect(Set((0..<20).map { transform.apply(to: image, seed: $0).pixels }).count > 6)
        }
        for pixel: [UInt8] in [[9], [9, 80, 200]] {
            let image = TransformPictures.uniform(pixel)
            for seed in 0..<100 {
                let result = transform.apply(to: image, seed: seed)
                #expect(result.size == image.size && result.pixels.count == pixel.count)
            }
        }
    }
}
