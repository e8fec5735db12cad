import ConvNetGraph
import ConvNetTraining
import Foundation

/// One operation out of fourteen, with a random strength: TrivialAugmentWide, an augmentation that needs no tuning.
///
/// Operations and strengths are those of torchvision's `TrivialAugmentWide`; each operation's result is that of Pillow.
///
/// Source: Müller and Hutter, "TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation", 2021.
public struct TrivialAugment: ImageTransform {
    /// Strengths are multiples of the largest one divided by `bins` − 1.
    public var bins: Int
    /// The largest translation, in pixels.
    public var translation: Double
    /// The byte of every channel where a moved image does not reach.
    public var fill: UInt8
    /// How the geometric operations find pixels between pixels.
    public var interpolation: AffineInterpolation

    /// - Parameters:
    ///   - bins: how many strengths there are, 2 or more.
    ///   - translation: the largest one, in pixels. torchvision's 32 moves small images out of the picture.
    ///   - fill: the byte of every channel where a moved image does not reach.
    public init(
        bins: Int = 31, translation: Double = 32, fill: UInt8 = 0, interpolation: AffineInterpolation = .nearest
    ) {
        self.bins = bins
        self.translation = translation
        self.fill = fill
        self.interpolation = interpolation
    }

    /// In torchvision's order.
    enum Operation: CaseIterable, Sendable {
        case identity, shearX, shearY, translateX, translateY, rotate
        case brightness, color, contrast, sharpness, posterize, solarize, autocontrast, equalize
    }

    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        let operation = Operation.allCases[random.integer(below: Operation.allCases.count)]
        let bin = random.integer(below: bins)
        return apply(operation, bin: bin, isNegative: random.chance(0.5), to: image)
    }

    /// - Parameters:
    ///   - bin: 0 ..< `bins`.
    ///   - isNegative: moves the other way, or makes less of something; not all operations have two ways.
    func apply(_ operation: Operation, bin: Int, isNegative: Bool, to image: Image) -> Image {
        func signed(_ largest: Float) -> Double {
            let strength = strength(bin, from: 0, to: largest)
            return isNegative ? -strength : strength
        }
        func moved(shear: (Double, Double) = (0, 0), by pixels: (Double, Double) = (0, 0)) -> Image {
            // About the corner: columns lean by the strength in pixels a row, which is no angle.
            let angles = (atan(shear.0) * 180 / .pi, atan(shear.1) * 180 / .pi)
            let shift = (pixels.0.rounded(.towardZero), pixels.1.rounded(.towardZero))
            let matrix = AffineMatrix(center: (0, 0), angle: 0, translation: shift, shear: angles)
            return image.transformed(by: matrix, interpolation: interpolation, fill: fill)
        }
        switch operation {
        case .identity: return image
        case .shearX: return moved(shear: (signed(0.99), 0))
        case .shearY: return moved(shear: (0, signed(0.99)))
        case .translateX: return moved(by: (signed(Float(translation)), 0))
        case .translateY: return moved(by: (0, signed(Float(translation))))
        case .rotate: return image.rotated(by: signed(135), interpolation: interpolation, fill: fill)
        case .brightness: return image.brightened(by: 1 + signed(0.99))
        case .color: return image.saturated(by: 1 + signed(0.99))
        case .contrast: return image.contrasted(by: 1 + signed(0.99))
        case .sharpness: return image.sharpened(by: 1 + signed(0.99))
        case .posterize:
            let lost = Float(bin) / (Float(max(bins - 1, 1)) / 6)
            return image.posterized(toBits: 8 - Int(lost.rounded(.toNearestOrEven)))
        case .solarize: return image.solarized(from: strength(bin, from: 255, to: 0))
        case .autocontrast: return image.autocontrasted
        case .equalize: return image.equalized
        }
    }

    /// PyTorch's `linspace`: from both ends to the middle, in single precision and with fused operations, so that
    /// roundings are the same.
    private func strength(_ bin: Int, from first: Float, to last: Float) -> Double {
        guard bins > 1 else { return Double(first) }
        let step = (last - first) / Float(bins - 1)
        return Double(
            bin < bins / 2
                ? first.addingProduct(step, Float(bin)) : last.addingProduct(-step, Float(bins - 1 - bin)))
    }
}
