import ConvNetGraph
import ConvNetTraining
import Testing

@testable import ConvNetVision

/// Expected bytes are those of torchvision's `TrivialAugmentWide` for Pillow's images.
@Suite struct TrivialAugmentTests {
    private let colour = TransformPictures.colour
    private let grey = TransformPictures.grey

    private func result(
        _ operation: TrivialAugment.Operation, _ bin: Int, isNegative: Bool = false, of image: Image
    ) -> Image {
        TrivialAugment().apply(operation, bin: bin, isNegative: isNegative, to: image)
    }

    @Test func geometryIsTorchvisions() {
        #expect(
            result(.shearX, 30, of: colour).pixels == [
                0, 38, 78, 120, 164, 210, 2, 52, 104, 158, 123, 181, 241, 47, 20,
                205, 23, 8, 86, 75, 157, 150, 236, 233, 232, 68, 71, 0, 0, 0,
                74, 93, 205, 228, 253, 24, 53, 84, 117, 0, 0, 0, 0, 0, 0,
                210, 9, 66, 125, 186, 158, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ])
        #expect(
            result(.shearY, 20, isNegative: true, of: grey).pixels == [
                0, 0, 0, 0, 0, 210, 38, 0, 0, 0, 123, 2, 78, 120, 0, 86, 181, 52, 104, 164,
            ])
        #expect(
            result(.rotate, 12, of: grey).pixels == [
                0, 120, 104, 158, 20, 38, 78, 52, 47, 23, 0, 2, 241, 133, 205, 210, 123, 181, 154, 0,
            ])
        let filled = TrivialAugment(fill: 9).apply(.translateX, bin: 3, isNegative: false, to: grey)
        #expect(filled.pixels == [9, 9, 9, 0, 38, 9, 9, 9, 210, 2, 9, 9, 9, 123, 181, 9, 9, 9, 86, 154])
        #expect(
            result(.translateY, 1, isNegative: true, of: grey).pixels == grey.pixels.suffix(15) + [0, 0, 0, 0, 0])
        // The largest is 32; torchvision's middle is a little less than 16, and its part behind the point is dropped.
        let row = Image(channels: 1, height: 1, width: 40, pixels: (1...40).map { $0 })
        #expect(result(.translateX, 30, of: row).pixels.firstIndex(of: 1) == 32)
        #expect(result(.translateX, 15, of: row).pixels.firstIndex(of: 1) == 15)
    }

    @Test func coloursAreOfTheRightStrength() {
        #expect(result(.brightness, 30, of: colour) == colour.brightened(by: 1.99))
        #expect(result(.brightness, 30, isNegative: true, of: colour) == colour.brightened(by: 0.01))
        #expect(result(.color, 20, of: colour) == colour.saturated(by: 1.66))
        #expect(result(.contrast, 20, isNegative: true, of: colour) == colour.contrasted(by: 0.34))
        #expect(result(.sharpness, 10, of: colour) == colour.sharpened(by: 1.33))
        for isNegative in [false, true] {
            let bits = (0..<31).map { bin in
                (2...8).first {
                    result(.posterize, bin, isNegative: isNegative, of: colour) == colour.posterized(toBits: $0)
                }
            }
            #expect(
                bits == [
                    8, 8, 8, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 2, 2, 2,
                ])
            #expect(result(.solarize, 10, isNegative: isNegative, of: colour) == colour.solarized(from: 170))
            #expect(result(.solarize, 30, isNegative: isNegative, of: colour) == colour.solarized(from: 0))
        }
        #expect(result(.autocontrast, 3, of: colour) == colour.autocontrasted)
        #expect(result(.equalize, 3, of: colour) == colour.equalized)
        #expect(result(.identity, 30, of: colour) == colour)
    }

    @Test func everyOperationAndBinOccurs() {
        let results = Set((0..<20000).map { TrivialAugment().apply(to: colour, seed: $0).pixels })
        for operation in TrivialAugment.Operation.allCases {
            for bin in [0, 30] {
                for isNegative in [false, true] {
                    let result = result(operation, bin, isNegative: isNegative, of: colour)
                    #expect(results.contains(result.pixels), "\(operation), \(bin), \(isNegative)")
                }
            }
        }
    }

    @Test func binsAreAsMany() {
        let row = Image(channels: 1, height: 1, width: 40, pixels: (1...40).map { $0 })
        let shift = TrivialAugment(bins: 5).apply(.translateX, bin: 1, isNegative: false, to: row)
        #expect(shift.pixels.firstIndex(of: 1) == 8)
        #expect(TrivialAugment(bins: 1).apply(.translateX, bin: 0, isNegative: false, to: row) == row)
    }
}
