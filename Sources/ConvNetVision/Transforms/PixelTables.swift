import ConvNetTraining

/// What the transforms of colours are made of: tables that say what becomes of a byte, and blends.
extension Image {
    /// Every byte looked up in a table.
    ///
    /// - Parameter table: 256 entries, the same for all channels; or 256 for each channel, one channel after the other.
    func mapped(by table: [UInt8]) -> Image {
        precondition(table.count == 256 || table.count == 256 * channels)
        let step = table.count == 256 ? 0 : 256
        return replacingPixels { input, output in
            table.withUnsafeBufferPointer { table in
                if channels == 3 {
                    for i in stride(from: 0, to: input.count, by: 3) {
                        output[i] = table[Int(input[i])]
                        output[i &+ 1] = table[Int(input[i &+ 1]) &+ step]
                        output[i &+ 2] = table[Int(input[i &+ 2]) &+ 2 &* step]
                    }
                } else {
                    for i in 0..<input.count { output[i] = table[Int(input[i])] }
                }
            }
        }
    }

    /// Between `origin` (factor 0) and this image (factor 1), or beyond it: Pillow's `Image.blend`.
    ///
    /// - Parameter origin: as many bytes as the image has.
    func blended(from origin: [UInt8], by factor: Double) -> Image {
        precondition(origin.count == pixels.count)
        let factor = Float(factor)
        return replacingPixels { input, output in
            origin.withUnsafeBufferPointer { origin in
                for i in 0..<input.count { output[i] = blend(from: origin[i], to: input[i], factor) }
            }
        }
    }

    /// An image of the same shape, of which `fill` writes every byte.
    func replacingPixels(
        _ fill: (_ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>) -> Void
    ) -> Image {
        let result = [UInt8](unsafeUninitializedCapacity: pixels.count) { output, count in
            count = pixels.count
            pixels.withUnsafeBufferPointer { fill($0, UnsafeMutableBufferPointer(rebasing: output[..<count])) }
        }
        return Image(channels: channels, height: height, width: width, pixels: result)
    }
}

/// A byte's part in `Image.blended`: in single precision and rounded down, as Pillow does it.
@inline(__always)
func blend(from origin: UInt8, to byte: UInt8, _ factor: Float) -> UInt8 {
    let value = Float(origin) + factor * Float(Int32(byte) &- Int32(origin))
    let held = min(max(value, 0), 255)
    let rounded = roundedByte(held)
    return Float(rounded) > held ? rounded &- 1 : rounded
}

/// The nearest byte to a number of 0 ... 255, halves to even. Unlike `UInt8(value)` it traps for nothing, so that loops
/// with it become vector instructions.
@inline(__always)
func roundedByte(_ value: Float) -> UInt8 {
    // Beyond 2²³ there is nothing behind the point: the addition rounds, and the integer is in the last binary digits.
    UInt8(truncatingIfNeeded: (value + 0x1p23).bitPattern)
}
