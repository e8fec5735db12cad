import ConvNetGraph
import ConvNetTraining
import TestSupport
import Testing

@testable import ConvNetVision

/// Results of `resize`, byte for byte those of Pillow 13; see Scripts/record_images.py.
@Suite struct ResizeTests {
    private let fixtures: SafetensorsFile

    /// 31 pixels wide, 23 high.
    private let input: Image

    /// 13 pixels wide, 61 high.
    private let portrait: Image

    init() throws {
        fixtures = try Fixtures.tensors("images")
        input = Image(
            channels: 3, height: 23, width: 31, pixels: [UInt8](try fixtures.bytes(named: "resize/input-colour")))
        portrait = Image(
            channels: 3, height: 61, width: 13, pixels: [UInt8](try fixtures.bytes(named: "resize/input-portrait")))
    }

    private func expectPillows(
        _ image: Image, _ name: String, height: Int, width: Int, from box: (edges: String, ResizeBox)? = nil
    ) throws {
        for interpolation in Interpolation.allCases {
            let result = image.resized(to: Size(height, width), from: box?.1, interpolation: interpolation)
            #expect(result.height == height && result.width == width && result.channels == 3)
            let name = "\(name)-\(interpolation)-\(height)×\(width)" + (box.map { "-" + $0.edges } ?? "")
            #expect(try result.pixels == [UInt8](fixtures.bytes(named: "resize/" + name)), "\(name)")
        }
    }

    @Test func bytesArePillows() throws {
        for (height, width) in [(8, 8), (23, 31), (64, 5), (1, 1), (100, 90), (24, 70)] {
            try expectPillows(input, "colour", height: height, width: width)
        }
    }

    /// Of 31×23, 13×26 loses twice as many rows as columns, and 12×26 more.
    @Test func theHeightIsFirstWhereItLosesMoreThanTwiceAsMuch() throws {
        for (height, width) in [(13, 26), (12, 26), (11, 62), (22, 40)] {
            try expectPillows(input, "colour", height: height, width: width)
        }
        for (height, width) in [(8, 8), (30, 6), (40, 20), (1, 1)] {
            try expectPillows(portrait, "portrait", height: height, width: width)
        }
    }

    @Test func boxesAreTakenOut() throws {
        let boxes: [(String, ResizeBox)] = [
            ("3-2-14-21", ResizeBox(top: 2, left: 3, bottom: 21, right: 14)),
            ("0.5-1.25-16.5-22.75", ResizeBox(top: 1.25, left: 0.5, bottom: 22.75, right: 16.5)),
        ]
        for box in boxes { try expectPillows(input, "colour", height: 12, width: 9, from: box) }
    }

    @Test func boxesAreTakenOutHeightFirst() throws {
        let box = ResizeBox(top: 0, left: 2.5, bottom: 22.9, right: 9.3)
        try expectPillows(input, "colour", height: 12, width: 27, from: ("2.5-0-9.3-22.9", box))
        let boxes: [(String, ResizeBox)] = [
            ("2-30-12-50", ResizeBox(top: 30, left: 2, bottom: 50, right: 12)),
            ("0.1-7.7-12.3-55.9", ResizeBox(top: 7.7, left: 0.1, bottom: 55.9, right: 12.3)),
        ]
        for box in boxes { try expectPillows(portrait, "portrait", height: 12, width: 9, from: box) }
    }

    /// Whatever the region, its bytes are those of the whole result.
    @Test(arguments: Interpolation.allCases)
    func regionsAreOfTheWhole(interpolation: Interpolation) {
        var generator = SplitMix64(seed: 5)
        let box = ResizeBox(top: 3.5, left: 1.25, bottom: 20, right: 12.5)
        for image in [input, portrait] {
            for (size, box) in [(Size(8, 8), nil), (Size(11, 62), nil), (Size(70, 9), nil), (Size(12, 20), box)] {
                let whole = image.resized(to: size, from: box, interpolation: interpolation)
                for _ in 0..<20 {
                    let height = Int.random(in: 1...size.height, using: &generator)
                    let width = Int.random(in: 1...size.width, using: &generator)
                    let region = ImageRegion(
                        top: Int.random(in: 0...size.height - height, using: &generator),
                        left: Int.random(in: 0...size.width - width, using: &generator), height: height, width: width)
                    let part = image.resized(to: size, from: box, keeping: region, interpolation: interpolation)
                    #expect(part == whole.cropped(to: region), "\(size), \(region)")
                }
            }
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
