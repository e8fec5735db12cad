import Foundation

/// A colour as eyes see it that lack one of the three kinds of cones (Machado, Oliveira and Fernandes, "A Physiologically-based Model
/// for Simulation of Color Vision Deficiency", 2009, severity 1), and how far apart two colours are then, in Oklab.
struct ColorVision {
    /// Red, green and blue, as amounts of light.
    private let light: [Double]

    /// - Parameter text: `#rrggbb`.
    init?(_ text: String) {
        guard text.count == 7, let value = Int(text.dropFirst(), radix: 16) else { return nil }
        light = [16, 8, 0].map { shift in
            let share = Double(value >> shift & 255) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
    }

    /// WCAG's contrast, 1 ... 21.
    func contrast(with other: ColorVision) -> Double {
        func luminance(_ color: ColorVision) -> Double {
            0.2126 * color.light[0] + 0.7152 * color.light[1] + 0.0722 * color.light[2] + 0.05
        }
        let ratio = luminance(self) / luminance(other)
        return max(ratio, 1 / ratio)
    }

    /// The distance to another colour for the eyes that see the least of it.
    func smallestDistance(to other: ColorVision) -> Double {
        Self.eyes.map { eyes in
            zip(oklab(eyes), other.oklab(eyes)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }.min() ?? 0
    }

    private static let eyes: [[[Double]]] = [
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ]

    private func oklab(_ eyes: [[Double]]) -> [Double] {
        let cones = [
            [0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
        let axes = [
            [0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
        return Self.product(axes, Self.product(cones, Self.product(eyes, light)).map { cbrt(max($0, 0)) })
    }

    private static func product(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
        matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
    }
}
