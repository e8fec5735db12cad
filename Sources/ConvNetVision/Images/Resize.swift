import CPixels
import ConvNetCore

extension Image {
    /// The image, or a part of it, at another size: the bytes that Pillow's `resize` gives where that changes the width
    /// first, and rounds, and the height after it. (Pillow 13 exchanges the two for some images that lose more of their
    /// height, which changes about a fifth of their bytes.)
    ///
    /// - Parameters:
    ///   - size: 1×1 or more.
    ///   - box: what is to fill the new image, in pixels of this one; all of it where nil. What lies beside it counts at its
    ///     edges.
    public func resized(
        to size: Size, from box: ResizeBox? = nil, interpolation: Interpolation = .bilinear
    ) -> Image {
        let box = box ?? ResizeBox(top: 0, left: 0, bottom: Double(height), right: Double(width))
        let columns = ResizeTaps(
            inputs: width, from: box.left, to: box.right, outputs: size.width, interpolation: interpolation)
        var rows = ResizeTaps(
            inputs: height, from: box.top, to: box.bottom, outputs: size.height, interpolation: interpolation)
        // Only the rows that the second pass reads go through the first.
        let used = rows.range
        rows.shift(by: -used.lowerBound)
        let stride = width * channels
        let narrowed = [UInt8](unsafeUninitializedCapacity: used.count * size.width * channels) { output, count in
            count = output.count
            pixels.withUnsafeBufferPointer { input in
                guard let start = input.baseAddress else { return }
                columns.withTaps {
                    cpix_resize_width(
                        start + used.lowerBound * stride, width, used.count, channels, $0, output.baseAddress)
                }
            }
        }
        let result = [UInt8](unsafeUninitializedCapacity: size.height * size.width * channels) { output, count in
            count = output.count
            rows.withTaps { cpix_resize_height(narrowed, size.width * channels, $0, output.baseAddress) }
        }
        return Image(channels: channels, height: size.height, width: size.width, pixels: result)
    }
}

/// A rectangle with edges between pixels, counted from the top left corner of an image.
public struct ResizeBox: Hashable, Sendable {
    /// The upper edge.
    public var top: Double
    /// The left edge.
    public var left: Double
    /// The lower edge, below `top`.
    public var bottom: Double
    /// The right edge, right of `left`.
    public var right: Double

    /// The rectangle between four edges.
    public init(top: Double, left: Double, bottom: Double, right: Double) {
        self.top = top
        self.left = left
        self.bottom = bottom
        self.right = right
    }
}

/// For each output pixel of one axis, the input pixels that it is a weighted sum of.
///
/// The arithmetic is Pillow's (`Resample.c`): weights are computed in double precision, made to sum to 1 and rounded to
/// 22 binary digits.
struct ResizeTaps {
    private var first: [Int32] = []
    private var count: [Int32] = []
    private var weights: [Int32] = []
    private let stride: Int

    /// - Parameters:
    ///   - start, end: the part of the axis, in input pixels, that the output pixels divide among themselves.
    init(inputs: Int, from start: Double, to end: Double, outputs: Int, interpolation: Interpolation) {
        let scale = (end - start) / Double(outputs)
        let stretch = max(scale, 1)
        let support = interpolation.support * stretch
        stride = Int(support.rounded(.up)) * 2 + 1
        weights = [Int32](repeating: 0, count: outputs * stride)
        for output in 0..<outputs {
            let center = start + (Double(output) + 0.5) * scale
            let low = max(Int(center - support + 0.5), 0)
            let high = min(Int(center + support + 0.5), inputs)
            var exact = (low..<max(low, high)).map { input in
                interpolation.weight((Double(input) - center + 0.5) * (1 / stretch))
            }
            let sum = exact.reduce(0, +)
            if sum != 0 { exact = exact.map { $0 / sum } }
            for (position, weight) in exact.enumerated() {
                let scaled = weight * Double(1 << 22)
                weights[output * stride + position] = Int32(scaled + (weight < 0 ? -0.5 : 0.5))
            }
            first.append(Int32(low))
            count.append(Int32(exact.count))
        }
    }

    /// The input pixels that are used at all.
    var range: Range<Int> {
        let end = zip(first, count).map { Int($0 + $1) }.max() ?? 0
        return Int(first.min() ?? 0)..<end
    }

    mutating func shift(by offset: Int) {
        for index in first.indices { first[index] += Int32(offset) }
    }

    func withTaps(_ body: (cpix_taps) -> Void) {
        first.withUnsafeBufferPointer { first in
            count.withUnsafeBufferPointer { count in
                weights.withUnsafeBufferPointer { weights in
                    body(
                        cpix_taps(
                            first: first.baseAddress, count: count.baseAddress, weights: weights.baseAddress,
                            stride: Int32(stride), outputs: Int32(first.count)))
                }
            }
        }
    }
}

extension Interpolation {
    /// How far from its centre the curve is not 0, in pixels.
    fileprivate var support: Double { self == .bilinear ? 1 : 2 }

    /// The height of the curve at a distance from its centre.
    fileprivate func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .bilinear:
            return x < 1 ? 1 - x : 0
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        }
    }
}
