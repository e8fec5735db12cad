import CPixels
import ConvNetGraph

extension Image {
    /// The image, or a part of it, at another size: the bytes that Pillow 13's `resize` gives.
    ///
    /// Width and height are changed one after the other, and bytes are rounded between. As in Pillow, the height is first
    /// where it loses more than twice as many pixels as the width does, and the width is first otherwise.
    ///
    /// - Parameters:
    ///   - size: 1×1 or more.
    ///   - box: what is to fill the new image, in pixels of this one; all of it where nil. What lies beside it counts at its
    ///     edges.
    ///   - region: the part of the new image that is computed and returned, with the bytes that it has in all of it; all of
    ///     it where nil.
    public func resized(
        to size: Size, from box: ResizeBox? = nil, keeping region: ImageRegion? = nil,
        interpolation: Interpolation = .bilinear
    ) -> Image {
        let box = box ?? ResizeBox(top: 0, left: 0, bottom: Double(height), right: Double(width))
        let region = region ?? ImageRegion(all: size)
        precondition(
            box.top < Double(height) && box.left < Double(width) && box.bottom > 0 && box.right > 0,
            "a box beside the image stands for none of its pixels")
        if size == self.size, box == ResizeBox(top: 0, left: 0, bottom: Double(height), right: Double(width)) {
            return cropped(to: region)
        }
        var columns = ResizeTaps(
            inputs: width, from: box.left, to: box.right, outputs: size.width,
            keeping: region.left..<region.left + region.width, interpolation: interpolation)
        var rows = ResizeTaps(
            inputs: height, from: box.top, to: box.bottom, outputs: size.height,
            keeping: region.top..<region.top + region.height, interpolation: interpolation)
        // Only what the second pass reads goes through the first. The order is Pillow's (`Resample.c`), or bytes differ: it
        // depends on the whole image, whatever the box is.
        if height - size.height > max(0, 2 * (width - size.width)) {
            let used = columns.countFromFirst()
            return changingHeight(ofColumns: used, by: rows).changingWidth(ofRows: 0..<region.height, by: columns)
        }
        let used = rows.countFromFirst()
        return changingWidth(ofRows: used, by: columns).changingHeight(ofColumns: 0..<region.width, by: rows)
    }

    private func changingWidth(ofRows rows: Range<Int>, by taps: ResizeTaps) -> Image {
        let result = [UInt8](unsafeUninitializedCapacity: rows.count * taps.outputs * channels) { output, count in
            count = output.count
            pixels.withUnsafeBufferPointer { input in
                guard let start = input.baseAddress else { return }
                taps.withTaps {
                    cpix_resize_width(
                        start + rows.lowerBound * width * channels, width, rows.count, channels, $0, output.baseAddress)
                }
            }
        }
        return Image(channels: channels, height: rows.count, width: taps.outputs, pixels: result)
    }

    private func changingHeight(ofColumns columns: Range<Int>, by taps: ResizeTaps) -> Image {
        let result = [UInt8](unsafeUninitializedCapacity: taps.outputs * columns.count * channels) { output, count in
            count = output.count
            pixels.withUnsafeBufferPointer { input in
                guard let start = input.baseAddress else { return }
                taps.withTaps {
                    cpix_resize_height(
                        start + columns.lowerBound * channels, width * channels, columns.count * channels, $0,
                        output.baseAddress)
                }
            }
        }
        return Image(channels: channels, height: taps.outputs, width: columns.count, pixels: result)
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
    ///   - kept: which of the output pixels the taps are for.
    init(
        inputs: Int, from start: Double, to end: Double, outputs: Int, keeping kept: Range<Int>,
        interpolation: Interpolation
    ) {
        precondition(kept.lowerBound >= 0 && kept.upperBound <= outputs, "\(kept) of \(outputs) pixels")
        // Pillow's boxes are of single precision, and so is the difference.
        let (start, end) = (Float(start), Float(end))
        let scale = Double(end - start) / Double(outputs)
        let stretch = max(scale, 1)
        let support = interpolation.support * stretch
        stride = Int(support.rounded(.up)) * 2 + 1
        weights = [Int32](repeating: 0, count: kept.count * stride)
        for (index, output) in kept.enumerated() {
            let center = Double(start) + (Double(output) + 0.5) * scale
            let low = max(Int(center - support + 0.5), 0)
            let high = min(Int(center + support + 0.5), inputs)
            var exact = (low..<max(low, high)).map { input in
                interpolation.weight((Double(input) - center + 0.5) * (1 / stretch))
            }
            let sum = exact.reduce(0, +)
            if sum != 0 { exact = exact.map { $0 / sum } }
            for (position, weight) in exact.enumerated() {
                let scaled = weight * Double(1 << 22)
                weights[index * stride + position] = Int32(scaled + (weight < 0 ? -0.5 : 0.5))
            }
            first.append(Int32(low))
            count.append(Int32(exact.count))
        }
    }

    /// The number of output pixels.
    var outputs: Int { first.count }

    /// Makes input pixels count from the first that is used.
    ///
    /// - Returns: the input pixels that are used, as they counted before.
    mutating func countFromFirst() -> Range<Int> {
        let start = first.min() ?? 0
        let end = zip(first, count).map { $0 + $1 }.max() ?? 0
        for index in first.indices { first[index] -= start }
        return Int(start)..<Int(end)
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
