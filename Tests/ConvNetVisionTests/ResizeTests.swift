import ConvNetCore
import TestSupport
import Testing

@testable import ConvNetVision

/// Results of `resize`, byte for byte those of Pillow where that changes the width first; see Scripts/record_images.py.
@Suite struct ResizeTests {
    private let fixtures: SafetensorsFile

    private let input: Image

    init() throws {
        fixtures = try Fixtures.tensors("images")
        input = Image(
            channels: 3, height: 23, width: 31, pixels: [UInt8](try fixtures.bytes(named: "resize/input-colour")))
    }

    private func expectPillows(_ result: Image, _ name: String) throws {
        #expect(try result.pixels == [UInt8](fixtures.bytes(named: "resize/colour-\(name)")), "\(name)")
    }

    @Test(arguments: Interpolation.allCases)
    func bytesArePillows(interpolation: Interpolation) throws {
        for (height, width) in [(8, 8), (23, 31), (64, 5), (1, 1), (100, 90)] {
            let result = input.resized(to: Size(height, width), interpolation: interpolation)
            #expect(result.height == height && result.width == width && result.channels == 3)
            try expectPillows(result, "\(interpolation)-\(height)×\(width)")
        }
    }

    @Test(arguments: Interpolation.allCases)
    func boxesAreTakenOut(interpolation: Interpolation) throws {
        let boxes: [(String, ResizeBox)] = [
            ("3-2-14-21", ResizeBox(top: 2, left: 3, bottom: 21, right: 14)),
            ("0.5-1.25-16.5-22.75", ResizeBox(top: 1.25, left: 0.5, bottom: 22.75, right: 16.5)),
        ]
        for (edges, box) in boxes {
            let result = input.resized(to: Size(12, 9), from: box, interpolation: interpolation)
            try expectPillows(result, "\(interpolation)-12×9-\(edges)")
        }
    }

    /// Grey images go through other loops, and come to what colours that are all alike come to.
    @Test(arguments: Interpolation.allCases)
    func greyIsAsColourIs(interpolation: Interpolation) {
        let grey = Image(channels: 1, height: 23, width: 31, pixels: (0..<23 * 31).map { input.pixels[3 * $0] })
        let colour = Image(channels: 3, height: 23, width: 31, pixels: grey.pixels.flatMap { [$0, $0, $0] })
        for (height, width) in [(8, 8), (11, 62), (64, 5), (100, 90)] {
            let size = Size(height, width)
            let expected = colour.resized(to: size, interpolation: interpolation).pixels
            let result = grey.resized(to: size, interpolation: interpolation).pixels
            #expect(result == stride(from: 0, to: expected.count, by: 3).map { expected[$0] })
        }
    }
}
