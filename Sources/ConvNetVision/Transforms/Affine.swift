import ConvNetGraph
import ConvNetTraining
import Foundation

/// How a geometric transform finds the pixel at a place between pixels.
public enum AffineInterpolation: String, CaseIterable, Codable, Sendable {
    /// The pixel that the place lies in.
    case nearest
    /// Straight lines between the four pixels around the place.
    case bilinear
}

/// Rotates, shifts, scales and shears by random amounts, about the centre of the image, which keeps its size.
///
/// Amounts mean what torchvision's do.
public struct RandomAffine: ImageTransform {
    /// The angle is uniform in −degrees ... degrees.
    public var degrees: Double
    /// Shifts are uniform in −translate ... translate of width and height, and whole pixels.
    public var translate: Double
    /// The factor is uniform in it.
    public var scale: ClosedRange<Double>
    /// Columns lean by an angle uniform in −shear ... shear, in degrees.
    public var shear: Double
    /// The byte of every channel where the image does not reach.
    public var fill: UInt8
    /// How pixels between pixels are found.
    public var interpolation: AffineInterpolation

    /// - Parameters:
    ///   - degrees: the largest angle either way.
    ///   - translate: the largest shift, as a share of width and height.
    ///   - scale: within factors above 0; below 1 the image shrinks.
    ///   - shear: the largest angle either way, in degrees, below 90.
    ///   - fill: the byte of every channel where the image does not reach.
    public init(
        degrees: Double, translate: Double = 0, scale: ClosedRange<Double> = 1...1, shear: Double = 0, fill: UInt8 = 0,
        interpolation: AffineInterpolation = .nearest
    ) {
        self.degrees = degrees
        self.translate = translate
        self.scale = scale
        self.shear = shear
        self.fill = fill
        self.interpolation = interpolation
    }

    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        let angle = random.uniform(-degrees, degrees)
        let (width, height) = (Double(image.width), Double(image.height))
        let x = (translate * width * random.uniform(-1, 1)).rounded(.toNearestOrEven)
        let y = (translate * height * random.uniform(-1, 1)).rounded(.toNearestOrEven)
        let factor = random.uniform(scale.lowerBound, scale.upperBound)
        let lean = random.uniform(-shear, shear)
        let matrix = AffineMatrix(
            center: (width / 2, height / 2), angle: angle, translation: (x, y), scale: factor, shear: (lean, 0))
        return image.transformed(by: matrix, interpolation: interpolation, fill: fill)
    }
}

/// Rotates by a random angle about the centre of the image, which keeps its size.
public struct RandomRotation: ImageTransform {
    /// The angle is uniform in −degrees ... degrees.
    public var degrees: Double
    /// The byte of every channel where the image does not reach.
    public var fill: UInt8
    /// How pixels between pixels are found.
    public var interpolation: AffineInterpolation

    /// - Parameters:
    ///   - degrees: the largest angle either way.
    ///   - fill: the byte of every channel where the image does not reach.
    public init(_ degrees: Double, fill: UInt8 = 0, interpolation: AffineInterpolation = .nearest) {
        self.degrees = degrees
        self.fill = fill
        self.interpolation = interpolation
    }

    public func apply(to image: Image, random: inout SampleRandom) -> Image {
        image.rotated(by: random.uniform(-degrees, degrees), interpolation: interpolation, fill: fill)
    }
}

/// Where the points of a result lie in the input: x' = a·x + b·y + c, y' = d·x + e·y + f, in pixels from the top left
/// corner.
struct AffineMatrix: Hashable, Sendable {
    var a, b, c, d, e, f: Double

    /// The input's points for a result that is sheared, rotated and scaled about the centre, and then shifted.
    ///
    /// - Parameters:
    ///   - angle: in degrees, clockwise.
    ///   - translation: in pixels, to the right and down.
    ///   - shear: in degrees, along x and along y.
    init(
        center: (x: Double, y: Double), angle: Double, translation: (x: Double, y: Double) = (0, 0), scale: Double = 1,
        shear: (x: Double, y: Double) = (0, 0)
    ) {
        // torchvision's _get_inverse_affine_matrix, operation by operation, so that roundings are the same.
        let (rotation, shearX, shearY) = (angle * (.pi / 180), shear.x * (.pi / 180), shear.y * (.pi / 180))
        let slope = tan(shearX)
        a = (-sin(rotation - shearY) * slope / cos(shearY) + cos(rotation)) / scale
        b = -(-cos(rotation - shearY) * slope / cos(shearY) - sin(rotation)) / scale
        d = -(sin(rotation - shearY) / cos(shearY)) / scale
        e = cos(rotation - shearY) / cos(shearY) / scale
        let (x, y) = (-center.x - translation.x, -center.y - translation.y)
        c = a * x + b * y + center.x
        f = d * x + e * y + center.y
    }

    init(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double) {
        (self.a, self.b, self.c, self.d, self.e, self.f) = (a, b, c, d, e, f)
    }
}

extension Image {
    /// Pillow's `rotate`, about the centre.
    ///
    /// - Parameter degrees: counterclockwise.
    func rotated(by degrees: Double, interpolation: AffineInterpolation, fill: UInt8) -> Image {
        let angle = -degrees * (.pi / 180)
        // Right angles are exact that way.
        let (sine, cosine) = ((sin(angle) * 1e15).rounded() / 1e15, (cos(angle) * 1e15).rounded() / 1e15)
        let (x, y) = (Double(width) / 2, Double(height) / 2)
        let matrix = AffineMatrix(
            cosine, sine, cosine * -x + sine * -y + x, -sine, cosine, -sine * -x + cosine * -y + y)
        return transformed(by: matrix, interpolation: interpolation, fill: fill)
    }

    /// Pillow's `transform` with `AFFINE`. Nearest pixels are Pillow's to the byte, where coordinates are below 32,768;
    /// straight lines are but for a byte in 100,000 or so, which is 1 more or less.
    ///
    /// - Parameters:
    ///   - matrix: where the result's pixels come from: the place of a pixel is its centre.
    ///   - fill: the byte of every channel where that is outside of the image.
    func transformed(by matrix: AffineMatrix, interpolation: AffineInterpolation, fill: UInt8) -> Image {
        switch interpolation {
        case .bilinear: bilinear(matrix, fill: fill)
        case .nearest where matrix.b == 0 && matrix.d == 0: stretched(matrix, fill: fill)
        case .nearest: nearest(matrix, fill: fill)
        }
    }

    /// Rows stay rows: tables say where rows and columns come from.
    private func stretched(_ matrix: AffineMatrix, fill: UInt8) -> Image {
        // Sums, whose roundings are Pillow's.
        func sources(_ count: Int, first: Double, step: Double) -> [Int] {
            sequence(first: first) { $0 + step }.prefix(count)
                .map { (0..<Double(count)).contains($0) ? Int($0) : -1 }
        }
        let columns = sources(width, first: matrix.c + matrix.a * 0.5, step: matrix.a)
        let rows = sources(height, first: matrix.f + matrix.e * 0.5, step: matrix.e)
        return columns.withUnsafeBufferPointer { columns in
            gathered(fill: fill) { y, copy in
                guard rows[y] >= 0 else { return }
                for x in 0..<columns.count where columns[x] >= 0 { copy(x, columns[x], rows[y]) }
            }
        }
    }

    /// Coordinates of 16 binary digits behind the point, which is where Pillow's roundings come from.
    private func nearest(_ matrix: AffineMatrix, fill: UInt8) -> Image {
        let numbers = [
            matrix.a, matrix.b, matrix.c + matrix.a * 0.5 + matrix.b * 0.5,
            matrix.d, matrix.e, matrix.f + matrix.d * 0.5 + matrix.e * 0.5,
        ]
        // So far away there is no image, and products stay within 64 bits.
        guard numbers.allSatisfy({ abs($0) < 0x1p30 }) else { return gathered(fill: fill) { _, _ in } }
        let fixed = numbers.map { Int(($0 * 65536 + 0.5).rounded(.down)) }
        let (stepX, stepY) = (fixed[0], fixed[3])
        let (width, height) = (UInt(width), UInt(height))
        return gathered(fill: fill) { y, copy in
            var (sourceX, sourceY) = (fixed[2] &+ y &* fixed[1], fixed[5] &+ y &* fixed[4])
            for x in 0..<Int(width) {
                // Negative numbers are large ones without a sign.
                let (column, row) = (sourceX >> 16, sourceY >> 16)
                if UInt(bitPattern: column) < width, UInt(bitPattern: row) < height { copy(x, column, row) }
                sourceX &+= stepX
                sourceY &+= stepY
            }
        }
    }

    /// An image of pixels of this one. `fillRow` is called for each row; its `copy` takes the pixel at `row` and
    /// `column` to `x` of that row.
    @inline(__always)
    private func gathered(
        fill: UInt8, _ fillRow: (_ y: Int, _ copy: (_ x: Int, _ column: Int, _ row: Int) -> Void) -> Void
    ) -> Image {
        replacingPixels { input, output in
            output.update(repeating: fill)
            for y in 0..<height {
                if channels == 3 {
                    fillRow(y) { x, column, row in
                        let (from, to) = (3 &* (row &* width &+ column), 3 &* (y &* width &+ x))
                        output[to] = input[from]
                        output[to &+ 1] = input[from &+ 1]
                        output[to &+ 2] = input[from &+ 2]
                    }
                } else {
                    fillRow(y) { x, column, row in output[y &* width &+ x] = input[row &* width &+ column] }
                }
            }
        }
    }

    private func bilinear(_ matrix: AffineMatrix, fill: UInt8) -> Image {
        replacingPixels { input, output in
            output.update(repeating: fill)
            // A constant number of channels makes straight code of the loop over them.
            if channels == 3 {
                bilinear(matrix, channels: 3, input, output)
            } else {
                bilinear(matrix, channels: 1, input, output)
            }
        }
    }

    @inline(__always)
    private func bilinear(
        _ matrix: AffineMatrix, channels: Int, _ input: UnsafeBufferPointer<UInt8>,
        _ output: UnsafeMutableBufferPointer<UInt8>
    ) {
        let (right, bottom) = (Double(width), Double(height))
        for row in 0..<height {
            for column in 0..<width {
                let (centerX, centerY) = (Double(column) + 0.5, Double(row) + 0.5)
                let sourceX = matrix.a * centerX + matrix.b * centerY + matrix.c
                let sourceY = matrix.d * centerX + matrix.e * centerY + matrix.f
                guard sourceX >= 0, sourceX < right, sourceY >= 0, sourceY < bottom else { continue }
                // Integers of 27 binary digits behind the point, which are faster than bytes made doubles and back.
                // They count from the pixels before the first, where the pixel up and to the left may be.
                let (x, y) = (Int((sourceX + 0.5) * 0x1p27 + 0.5), Int((sourceY + 0.5) * 0x1p27 + 0.5))
                let (left, top) = (x >> 27 &- 1, y >> 27 &- 1)
                let (shareX, shareY) = (x & 0x7FF_FFFF, y & 0x7FF_FFFF)
                let (rowAbove, rowBelow) = (max(top, 0) &* width, min(top &+ 1, height &- 1) &* width)
                let (before, after) = (max(left, 0), min(left &+ 1, width &- 1))
                for channel in 0..<channels {
                    func byte(_ pixel: Int) -> Int { Int(input[pixel &* channels &+ channel]) }
                    func between(_ low: Int, _ high: Int, _ share: Int) -> Int { low << 27 &+ (high &- low) &* share }
                    let above = between(byte(rowAbove &+ before), byte(rowAbove &+ after), shareX)
                    let below = between(byte(rowBelow &+ before), byte(rowBelow &+ after), shareX)
                    // What should be an integer may be a little less, as shares are rounded; it stays the integer.
                    let sum = between(above, below, shareY) &+ 1 << 35
                    output[(row &* width &+ column) &* channels &+ channel] = UInt8(truncatingIfNeeded: sum >> 54)
                }
            }
        }
    }
}
