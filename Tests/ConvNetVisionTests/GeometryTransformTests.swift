import ConvNetGraph
import ConvNetTraining
import Testing

@testable import ConvNetVision

/// Transforms that move or cover pixels; expected bytes are those of Pillow 13, for matrices of torchvision's where
/// named.
@Suite struct GeometryTransformTests {
    private let colour = TransformPictures.colour
    private let grey = TransformPictures.grey

    @Test func flipsExchangeSides() {
        let image = Image(channels: 3, height: 2, width: 2, pixels: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
        #expect(image.mirrored.pixels == [4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9])
        #expect(image.flipped.pixels == [7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6])
        #expect(grey.mirrored.pixels.prefix(5) == [164, 120, 78, 38, 0])
        #expect(grey.mirrored.mirrored == grey && grey.flipped.flipped == grey)
        #expect(colour.mirrored.mirrored == colour && colour.flipped.flipped == colour)
    }

    @Test func flipsHaveTheirProbability() {
        for probability in [0.0, 0.5, 0.9, 1] {
            let expected = Int(2000 * probability)
            let across = (0..<2000).filter {
                HorizontalFlip(probability: probability).apply(to: grey, seed: $0) == grey.mirrored
            }
            let upsideDown = (0..<2000).filter {
                VerticalFlip(probability: probability).apply(to: grey, seed: $0) == grey.flipped
            }
            for count in [across.count, upsideDown.count] {
                #expect(probability == 0 || probability == 1 ? count == expected : abs(count - expected) < 90)
            }
        }
    }

    @Test func affineIsPillows() {
        let matrix = AffineMatrix(0.8, 0.4, -0.6, -0.3, 1.1, 0.7)
        #expect(
            colour.transformed(by: matrix, interpolation: .nearest, fill: 9).pixels == [
                86, 154, 133, 0, 38, 78, 120, 164, 210, 2, 52, 104, 9, 9, 9,
                167, 174, 183, 205, 23, 8, 86, 75, 157, 86, 75, 157, 150, 236, 233,
                152, 189, 228, 13, 56, 101, 74, 93, 205, 228, 253, 24, 53, 84, 117,
                9, 9, 9, 9, 9, 9, 148, 197, 248, 210, 9, 66, 125, 186, 158,
            ])
        #expect(
            grey.transformed(by: matrix, interpolation: .nearest, fill: 9).pixels == [
                210, 0, 38, 78, 9, 123, 2, 52, 52, 104, 86, 154, 241, 47, 20, 9, 9, 133, 205, 23,
            ])
        #expect(
            colour.transformed(by: matrix, interpolation: .bilinear, fill: 9).pixels == [
                51, 107, 111, 61, 87, 110, 108, 152, 199, 13, 63, 114, 9, 9, 9,
                142, 168, 168, 129, 70, 65, 136, 50, 87, 93, 113, 169, 162, 167, 190,
                113, 146, 180, 30, 58, 93, 82, 106, 198, 176, 203, 91, 160, 161, 103,
                9, 9, 9, 9, 9, 9, 166, 140, 193, 201, 26, 75, 114, 148, 136,
            ])
        #expect(
            grey.transformed(by: matrix, interpolation: .bilinear, fill: 9).pixels == [
                126, 52, 42, 74, 9, 149, 104, 45, 72, 116, 113, 169, 215, 103, 72, 9, 9, 154, 186, 35,
            ])
    }

    @Test func stretchingIsPillows() {
        let matrix = AffineMatrix(0.7, 0, -0.5, 0, 1.3, -0.2)
        #expect(
            colour.transformed(by: matrix, interpolation: .nearest, fill: 9).pixels == [
                9, 9, 9, 0, 38, 78, 120, 164, 210, 120, 164, 210, 2, 52, 104,
                9, 9, 9, 86, 154, 133, 205, 23, 8, 205, 23, 8, 86, 75, 157,
                9, 9, 9, 152, 189, 228, 13, 56, 101, 13, 56, 101, 148, 197, 248,
                9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
            ])
        #expect(
            grey.transformed(by: matrix, interpolation: .nearest, fill: 9).pixels == [
                9, 0, 38, 38, 78, 9, 210, 2, 2, 52, 9, 86, 154, 154, 133, 9, 9, 9, 9, 9,
            ])
    }

    @Test func rotationIsPillows() {
        #expect(
            colour.rotated(by: 30, interpolation: .nearest, fill: 9).pixels == [
                9, 9, 9, 2, 52, 104, 158, 123, 181, 232, 68, 71, 232, 68, 71,
                120, 164, 210, 205, 23, 8, 86, 75, 157, 228, 253, 24, 53, 84, 117,
                86, 154, 133, 205, 23, 8, 74, 93, 205, 228, 253, 24, 210, 9, 66,
                167, 174, 183, 167, 174, 183, 13, 56, 101, 148, 197, 248, 9, 9, 9,
            ])
        #expect(
            grey.rotated(by: 30, interpolation: .bilinear, fill: 9).pixels == [
                9, 73, 105, 140, 130, 25, 35, 73, 72, 20, 192, 90, 213, 145, 111, 140, 135, 158, 141, 9,
            ])
        for interpolation in AffineInterpolation.allCases {
            #expect(colour.rotated(by: 0, interpolation: interpolation, fill: 9) == colour)
            #expect(colour.rotated(by: 180, interpolation: interpolation, fill: 9) == colour.mirrored.flipped)
        }
    }

    @Test func matrixIsTorchvisions() {
        let matrix = AffineMatrix(center: (2.5, 2), angle: 20, translation: (1, -1), scale: 1.25, shear: (10, 0))
        #expect(
            colour.transformed(by: matrix, interpolation: .nearest, fill: 9).pixels == [
                167, 174, 183, 167, 174, 183, 205, 23, 8, 86, 75, 157, 150, 236, 233,
                152, 189, 228, 29, 42, 57, 29, 42, 57, 74, 93, 205, 228, 253, 24,
                152, 189, 228, 13, 56, 101, 148, 197, 248, 210, 9, 66, 228, 253, 24,
                9, 9, 9, 9, 9, 9, 9, 9, 9, 210, 9, 66, 125, 186, 158,
            ])
        #expect(
            grey.transformed(by: matrix, interpolation: .bilinear, fill: 9).pixels == [
                127, 140, 78, 65, 81, 103, 156, 200, 184, 78, 119, 149, 144, 156, 77, 9, 9, 9, 202, 74,
            ])
    }

    @Test(arguments: AffineInterpolation.allCases)
    func impossibleMatricesLeaveNothing(interpolation: AffineInterpolation) {
        let matrices = [
            AffineMatrix(.nan, 0, 0, 0, 1, 0), AffineMatrix(.infinity, 1, 0, 1, 1, 0),
            AffineMatrix(1, 1e300, 0, 1, 1, 0), AffineMatrix(1, 0, -1e300, 0, 1, 0),
            AffineMatrix(center: (2, 2), angle: 10, scale: 0),
        ]
        for matrix in matrices {
            for image in [colour, grey] {
                let result = image.transformed(by: matrix, interpolation: interpolation, fill: 5)
                #expect(result.pixels.allSatisfy { $0 == 5 })
            }
        }
    }

    /// Where the one white pixel in the centre of 41 rows and 21 columns comes to lie.
    private func shifts(_ transform: RandomAffine) -> [(x: Int, y: Int)] {
        var image = TransformPictures.uniform([0], height: 41, width: 21)
        image.pixels[20 * 21 + 10] = 255
        return (0..<2000).compactMap { seed in
            transform.apply(to: image, seed: seed).pixels.firstIndex(of: 255).map { ($0 % 21 - 10, $0 / 21 - 20) }
        }
    }

    @Test func translationStaysInItsRange() {
        let shifted = shifts(RandomAffine(degrees: 0, translate: 0.2))
        #expect(shifted.count == 2000)
        #expect(Set(shifted.map(\.x)) == Set(-4...4) && Set(shifted.map(\.y)) == Set(-8...8))
        #expect(shifted.filter { $0.x == $0.y }.count < 400)
        #expect(shifts(RandomAffine(degrees: 180)).allSatisfy { $0 == (0, 0) })
    }

    /// Where the corners of a white picture are cut off by black tells how far it was turned, scaled or leant.
    @Test func amountsStayInTheirRanges() {
        let white = TransformPictures.uniform([255], height: 101, width: 101)
        func whites(_ transform: any ImageTransform, row: Int) -> [Int] {
            (0..<2000).map { seed in
                transform.apply(to: white, seed: seed).pixels[row * 101..<(row + 1) * 101].filter { $0 == 255 }.count
            }
        }
        // Half and the whole of the width.
        let scaled = whites(RandomAffine(degrees: 0, scale: 0.5...1), row: 50)
        #expect((50...51).contains(scaled.min()!) && (100...101).contains(scaled.max()!))
        let mean = scaled.reduce(0, +) / 2000
        #expect((74...78).contains(mean))
        // At 45° the uppermost row is shifted by half a height, at 0° by nothing.
        let leant = whites(RandomAffine(degrees: 0, shear: 45), row: 0)
        #expect((50...52).contains(leant.min()!) && leant.max() == 101)
        // Of the uppermost row, 50 are white at 10°: those with x sin 10° + 50.5 > 50 cos 10° and x cos 10° + 50 sin
        // 10° < 50.5. At 9° there are 51, at 11° 49.
        for transform in [RandomRotation(10), RandomAffine(degrees: 10)] as [any ImageTransform] {
            let turned = whites(transform, row: 0)
            #expect(turned.min() == 50 && turned.max() == 101)
        }
    }

    @Test func shearLeansBothWays() {
        var image = TransformPictures.uniform([0], height: 21, width: 21)
        image.pixels[10] = 255
        let columns = (0..<200).compactMap {
            RandomAffine(degrees: 0, shear: 30).apply(to: image, seed: $0).pixels.firstIndex(of: 255)
        }
        // Ten rows above the centre, by the tangent of 30°.
        #expect(columns.min() == 4 && columns.max() == 16)
    }

    @Test func fillIsWhereTheImageIsNot() {
        let image = TransformPictures.uniform([200, 200, 200], height: 20, width: 20)
        for interpolation in AffineInterpolation.allCases {
            let affine = RandomAffine(degrees: 0, scale: 0.5...0.5, fill: 77, interpolation: interpolation)
            let pixels = affine.apply(to: image, seed: 0).pixels
            #expect(pixels.filter { $0 == 200 }.count == 300 && pixels.filter { $0 == 77 }.count == 900)
            let rotation = RandomRotation(180, fill: 77, interpolation: interpolation).apply(to: image, seed: 0)
            #expect(Set(rotation.pixels) == [77, 200])
        }
    }

    @Test func erasingCoversARectangle() {
        let image = TransformPictures.uniform([0, 0, 0], height: 60, width: 50)
        let erasing = RandomErasing(probability: 1, fill: .constant(255))
        var shares: [Double] = []
        for seed in 0..<2000 {
            let result = erasing.apply(to: image, seed: seed)
            let covered = (0..<3000).filter { result.pixels[3 * $0] == 255 }
            let (rows, columns) = (Set(covered.map { $0 / 50 }), Set(covered.map { $0 % 50 }))
            #expect(covered.count == rows.count * columns.count && rows.count < 60 && columns.count < 50)
            #expect(result.pixels.filter { $0 == 255 }.count == 3 * covered.count)
            #expect((0.25...4).contains(Double(rows.count) / Double(columns.count)))
            shares.append(Double(covered.count) / 3000)
        }
        #expect((0.015...0.025).contains(shares.min()!) && (0.32...0.34).contains(shares.max()!))
        #expect((0.15...0.19).contains(shares.reduce(0, +) / 2000))
        let tall = RandomErasing(probability: 1, area: 0.06...0.06, ratio: 2...2, fill: .constant(1))
        var random = SampleRandom(seed: 1, sample: 2, epoch: 3)
        let region = tall.region(of: image, random: &random)
        #expect(region?.height == 19 && region?.width == 9)
    }

    @Test func erasingHasItsProbability() {
        let image = TransformPictures.uniform([0], height: 32, width: 32)
        let count = (0..<2000).filter { RandomErasing().apply(to: image, seed: $0) != image }.count
        #expect((910...1090).contains(count))
        #expect((0..<100).allSatisfy { RandomErasing(probability: 0).apply(to: image, seed: $0) == image })
    }

    @Test func noiseIsUniform() {
        let image = TransformPictures.uniform([0, 0, 0], height: 200, width: 200)
        let erasing = RandomErasing(probability: 1, area: 0.3...0.3, ratio: 1...1)
        let bytes = erasing.apply(to: image, seed: 5).pixels.filter { $0 > 0 }
        #expect(abs(bytes.count - 110 * 110 * 3 * 255 / 256) < 60)
        #expect(Set(bytes).count == 255 && abs(bytes.reduce(0) { $0 + Int($1) } / bytes.count - 128) <= 2)
    }

    /// A rectangle that is as wide as the image is none.
    @Test func impossibleRectanglesAreNotErased() {
        let image = TransformPictures.uniform([0], height: 1, width: 100)
        #expect((0..<100).allSatisfy { RandomErasing(probability: 1).apply(to: image, seed: $0) == image })
    }

    private static let transforms: [any ImageTransform] = [
        HorizontalFlip(), VerticalFlip(), RandomRotation(30),
        RandomAffine(degrees: 30, translate: 0.3, scale: 0.5...2, shear: 20, interpolation: .bilinear),
        RandomErasing(probability: 1), TrivialAugment(),
    ]

    @Test(arguments: transforms)
    func seedsDecide(transform: any ImageTransform) {
        for image in [colour, grey] {
            #expect(transform.apply(to: image, seed: 7) == transform.apply(to: image, seed: 7))
            #expect(Set((0..<20).map { transform.apply(to: image, seed: $0).pixels }).count > 1)
        }
    }

    @Test(arguments: transforms)
    func onePixelIsEnough(transform: any ImageTransform) {
        for pixel: [UInt8] in [[9], [9, 80, 200]] {
            for (height, width) in [(1, 1), (1, 3), (3, 1), (2, 2)] {
                let image = TransformPictures.uniform(pixel, height: height, width: width)
                for seed in 0..<200 {
                    let result = transform.apply(to: image, seed: seed)
                    #expect(result.size == image.size && result.pixels.count == image.pixels.count)
                }
            }
        }
    }
}
