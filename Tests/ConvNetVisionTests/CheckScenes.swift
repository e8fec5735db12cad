import ConvNetGraph
import ConvNetTraining
import Foundation
import TestSupport

@testable import ConvNetVision

extension PictureFolder {
    /// 20 different pictures in each of two classes, numbered 0… and 20…, under `train`.
    static func sound() throws -> PictureFolder {
        let folder = try PictureFolder([])
        for number in 0..<40 { try folder.write(.scene(number), to: "train/\(number / 20)/\(number % 20).png") }
        return folder
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(at: scratch.file(path)) }

    func check(threads: Int = 2, examples: Int = 20) throws -> DatasetCheck {
        try DatasetCheck(open(), threads: threads, examples: examples)
    }

    func findings(besides kinds: Set<DatasetCheck.Kind> = []) throws -> [DatasetCheck.Finding] {
        try check().findings.filter { !kinds.contains($0.kind) }
    }
}

extension CheckedPicture {
    static func made(hash: UInt64, mean: Float = 100) -> CheckedPicture {
        CheckedPicture(
            height: 8, width: 8, digest: 1, hash: PerceptualHash(bits: hash), mean: mean, deviation: 50)
    }
}

extension Image {
    /// A picture like no other: 6×8 random colours with everything between them.
    static func scene(_ seed: Int, size: Size = Size(60, 80)) -> Image {
        var generator = SplitMix64(seed: UInt64(seed) &+ 77)
        let colours = (0..<6 * 8 * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return Image(channels: 3, height: 6, width: 8, pixels: colours).resized(to: size, interpolation: .bicubic)
    }

    /// From black on the left to a colour on the right.
    static func wedge(red: Int, green: Int, blue: Int) -> Image {
        let pixels = (0..<60 * 80).flatMap { (pixel: Int) -> [UInt8] in
            [red, green, blue].map { (colour: Int) -> UInt8 in UInt8(colour * (pixel % 80) / 79) }
        }
        return Image(channels: 3, height: 60, width: 80, pixels: pixels)
    }

    func map(_ body: (UInt8) -> UInt8) -> Image {
        Image(channels: channels, height: height, width: width, pixels: pixels.map(body))
    }

    func noisy(_ most: Int, seed: UInt64 = 1) -> Image {
        var generator = SplitMix64(seed: seed)
        return map { UInt8(clamping: Int($0) + Int.random(in: -most...most, using: &generator)) }
    }

    var inGrey: Image {
        let grey = (0..<height * width).map {
            Self.luma(red: UInt32(pixels[3 * $0]), green: UInt32(pixels[3 * $0 + 1]), blue: UInt32(pixels[3 * $0 + 2]))
        }
        return Image(channels: 1, height: height, width: width, pixels: grey)
    }
}
