import ConvNetTraining

/// Operations of Pillow's `ImageOps` and `ImageEnhance` that policies of augmentation choose from, with Pillow's
/// results to the byte.
extension Image {
    /// `ImageOps.posterize`: the upper bits of every byte.
    ///
    /// - Parameter bits: 0 ... 8; 8 changes nothing.
    func posterized(toBits bits: Int) -> Image {
        mapped(by: (0...255).map { $0 & UInt8(truncatingIfNeeded: 0xFF << (8 - bits)) })
    }

    /// `ImageOps.solarize`: bytes from the threshold on become negative.
    func solarized(from threshold: Double) -> Image {
        mapped(by: (0...255).map { Double($0) < threshold ? $0 : 255 - $0 })
    }

    /// `ImageOps.autocontrast`: each channel stretched, its darkest byte to 0 and its lightest to 255.
    var autocontrasted: Image {
        mapped(
            by: histograms.flatMap { histogram -> [UInt8] in
                guard let low = histogram.firstIndex(where: { $0 > 0 }),
                    let high = histogram.lastIndex(where: { $0 > 0 }), low < high
                else { return Array(0...255) }
                let scale = 255 / Double(high - low)
                let offset = -Double(low) * scale
                return (0...255).map { UInt8(min(max(Double($0) * scale + offset, 0), 255)) }
            })
    }

    /// `ImageOps.equalize`: each channel's bytes moved such that all values become about as frequent.
    var equalized: Image {
        mapped(
            by: histograms.flatMap { histogram -> [UInt8] in
                let step = (height * width - (histogram.last { $0 > 0 } ?? 0)) / 255
                guard step > 0 else { return Array(0...255) }
                var sum = step / 2
                return histogram.map { frequency in
                    defer { sum += frequency }
                    return UInt8(min(sum / step, 255))
                }
            })
    }

    /// `ImageEnhance.Sharpness`: blurred at 0, unchanged at 1, sharpened beyond.
    func sharpened(by factor: Double) -> Image {
        blended(from: smoothed.pixels, by: factor)
    }

    /// `ImageFilter.SMOOTH`: the mean of 3×3 pixels, of which the one in the middle counts five times. Pixels at the
    /// edges stay as they are.
    var smoothed: Image {
        guard height >= 3, width >= 3 else { return self }
        let row = width * channels
        return replacingPixels { input, output in
            _ = output.update(fromContentsOf: input)
            for y in 1..<height - 1 {
                for i in y * row + channels..<(y + 1) * row - channels {
                    var sum = 4 &* UInt16(input[i])
                    for line in [i &- row, i, i &+ row] {
                        sum &+= UInt16(input[line &- channels])
                        sum &+= UInt16(input[line])
                        sum &+= UInt16(input[line &+ channels])
                    }
                    output[i] = UInt8(truncatingIfNeeded: (2 &* sum &+ 13) / 26)
                }
            }
        }
    }

    /// How often each byte occurs, for each channel.
    private var histograms: [[Int]] {
        var counts = [Int](repeating: 0, count: 256 * channels)
        counts.withUnsafeMutableBufferPointer { counts in
            pixels.withUnsafeBufferPointer { pixels in
                for start in stride(from: 0, to: pixels.count, by: channels) {
                    for channel in 0..<channels { counts[256 &* channel &+ Int(pixels[start &+ channel])] &+= 1 }
                }
            }
        }
        return (0..<channels).map { Array(counts[256 * $0..<256 * ($0 + 1)]) }
    }
}
