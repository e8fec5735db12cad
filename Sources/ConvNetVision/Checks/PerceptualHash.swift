import ConvNetGraph
import ConvNetTraining

/// 64 bits that stay nearly the same where a picture is compressed again, resized or gets a little noise: which way brightness
/// goes between neighbours when all of the picture is reduced to 8 rows of 9 pixels.
///
/// Source: Krawetz, "Kind of Like That" (the difference hash), The Hacker Factor Blog, 2013. There a bit says that a pixel is
/// brighter than the one to its right; here it must be brighter by ``leastStep``, or noise would decide on the bits of a
/// background of one colour.
struct PerceptualHash: Hashable, Sendable {
    let bits: UInt64

    /// In levels of 255.
    static let leastStep = 2

    /// At most so many bits differ between pictures that are nearly the same: the number for 64 bits of Manku, Jain and
    /// Sarma, "Detecting Near-Duplicates for Web Crawling", 2007, and stricter than Krawetz, who calls up to 10 similar. In a
    /// folder of 100,000 pictures there are 5·10⁹ pairs.
    static let mostDifferentBits = 3

    init(bits: UInt64) {
        self.bits = bits
    }

    init(_ image: Image) {
        let (rows, columns) = (8, 9)
        let small = image.resized(to: Size(rows, columns)).luma
        var bits: UInt64 = 0
        for row in 0..<rows {
            for column in 0..<columns - 1 {
                let left = Int(small[row * columns + column])
                let right = Int(small[row * columns + column + 1])
                bits = bits << 1 | (left >= right + Self.leastStep ? 1 : 0)
            }
        }
        self.bits = bits
    }

    /// The number of bits that differ.
    func distance(to other: PerceptualHash) -> Int { (bits ^ other.bits).nonzeroBitCount }

    /// A quarter of the bits. Of two hashes that differ in no more bits than there are other quarters, one is the same.
    func band(_ number: Int) -> UInt16 { UInt16(truncatingIfNeeded: bits >> (16 * UInt64(number))) }

    static let bands = mostDifferentBits + 1
}

/// A picture at 16×16 pixels: what decides on those whose hashes are alike. The hash of a picture with little in it, such as
/// one piece of clothing on black, is that of many others.
///
/// Brightness has all pixels and colours have one for each 4×4, as in JPEG files.
enum Thumbnail {
    private static let side = 16
    private static let block = 4
    static let lumaBytes = side * side
    static let bytes = lumaBytes + 2 * (side / block) * (side / block)

    /// The bytes: brightness, then the differences of blue and of red from it, around 128.
    static func make(_ image: Image) -> [UInt8] {
        let small = image.resized(to: Size(side))
        var result = small.luma
        result.reserveCapacity(bytes)
        for channel in [2, 0] {
            for top in stride(from: 0, to: side, by: block) {
                for left in stride(from: 0, to: side, by: block) {
                    guard small.channels == 3 else {
                        result.append(128)
                        continue
                    }
                    var sum = 0
                    for y in top..<top + block {
                        for x in left..<left + block {
                            let pixel = y * side + x
                            sum += Int(small.pixels[3 * pixel + channel]) - Int(result[pixel])
                        }
                    }
                    // Half of the difference fits into a byte.
                    result.append(UInt8(clamping: 128 + sum / (2 * block * block)))
                }
            }
        }
        return result
    }

    /// Mean and standard deviation of the brightness.
    static func moments(_ thumbnail: [UInt8]) -> (mean: Float, deviation: Float) {
        var (sum, squares) = (0, 0)
        for byte in thumbnail[..<lumaBytes] {
            sum += Int(byte)
            squares += Int(byte) * Int(byte)
        }
        let mean = Double(sum) / Double(lumaBytes)
        return (Float(mean), Float(max(0, Double(squares) / Double(lumaBytes) - mean * mean).squareRoot()))
    }

    /// Whether brightness and colours are the same everywhere, but for rounding.
    static func isBlank(_ thumbnail: [UInt8]) -> Bool {
        let planes = (bytes - lumaBytes) / 2
        let ranges: [Range<Int>] = [0..<lumaBytes, lumaBytes..<lumaBytes + planes, lumaBytes + planes..<bytes]
        return ranges.allSatisfy { plane in
            (thumbnail[plane].max() ?? 0) - (thumbnail[plane].min() ?? 0) <= 2
        }
    }

    /// Whether the root of the mean squared difference is at most `limit`, both of brightness and of colours.
    static func areAlike(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, limit: Float) -> Bool {
        let most = limit * limit
        var sum: Int32 = 0
        // Most pairs that are not alike differ in their first rows already.
        for start in stride(from: 0, to: lumaBytes, by: 64) {
            sum += squares(one + start, other + start, count: 64)
            if Float(sum) > most * Float(lumaBytes) { return false }
        }
        let colours = bytes - lumaBytes
        return Float(squares(one + lumaBytes, other + lumaBytes, count: colours)) <= most * Float(colours)
    }

    private static func squares(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, count: Int) -> Int32 {
        var sum: Int32 = 0
        for i in 0..<count {
            let difference = Int32(one[i]) - Int32(other[i])
            sum &+= difference &* difference
        }
        return sum
    }
}

extension Image {
    /// The brightness of each pixel.
    fileprivate var luma: [UInt8] {
        guard channels == 3 else { return pixels }
        return (0..<height * width).map {
            Self.luma(
                red: UInt32(pixels[3 * $0]), green: UInt32(pixels[3 * $0 + 1]), blue: UInt32(pixels[3 * $0 + 2]))
        }
    }
}
