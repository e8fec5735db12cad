import ConvNetGraph

/// A four-dimensional array, row-major: samples × channels × height × width for feature maps, filters × channels × height
/// × width for a convolution's weights. Flat vectors have height and width 1.
///
/// It points into memory that its maker owns.
package struct Tensor<Scalar: ReferenceScalar> {
    package let pointer: UnsafeMutablePointer<Scalar>
    package let samples, channels, height, width: Int

    package init(_ pointer: UnsafeMutablePointer<Scalar>, samples: Int, shape: Shape) {
        self.pointer = pointer
        self.samples = samples
        channels = shape.channels
        height = shape.height
        width = shape.width
    }

    /// A parameter: (O, I, kH, kW), (out, in) or (n). Custom layers have others: sizes beyond the fourth count as columns.
    package init(_ pointer: UnsafeMutablePointer<Scalar>, parameter shape: [Int]) {
        self.pointer = pointer
        samples = shape.first ?? 1
        channels = shape.count > 1 ? shape[1] : 1
        height = shape.count > 2 ? shape[2] : 1
        width = shape.dropFirst(3).reduce(1, *)
    }

    package var count: Int { samples * channels * height * width }

    /// Element (n, c, y, x).
    @inline(__always)
    package subscript(n: Int, c: Int, y: Int, x: Int) -> Scalar {
        get { pointer[((n * channels + c) * height + y) * width + x] }
        nonmutating set { pointer[((n * channels + c) * height + y) * width + x] = newValue }
    }

    /// Element i in memory.
    @inline(__always)
    package subscript(i: Int) -> Scalar {
        get { pointer[i] }
        nonmutating set { pointer[i] = newValue }
    }

    /// The elements (n, c, y, …).
    @inline(__always)
    func row(_ n: Int, _ c: Int, _ y: Int) -> UnsafeMutablePointer<Scalar> {
        pointer + ((n * channels + c) * height + y) * width
    }

    func fillMap(_ n: Int, _ c: Int, with value: Scalar) {
        row(n, c, 0).update(repeating: value, count: height * width)
    }

    /// Σ over the channel's pixels in all samples.
    ///
    /// - Parameter term: what is summed for a pixel.
    @inline(__always)
    func sum(ofChannel c: Int, _ term: (_ n: Int, _ y: Int, _ x: Int) -> Scalar) -> Scalar {
        pairwiseSum(samples) { n in
            pairwiseSum(height) { y in
                pairwiseSum(width) { x in term(n, y, x) }
            }
        }
    }

    /// The elements in the order in which they lie in memory.
    var values: [Scalar] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    package func fill(_ value: Scalar) {
        pointer.update(repeating: value, count: count)
    }

    /// Takes over another tensor's elements, in the order in which they lie in memory.
    func copy(_ other: Tensor) { pointer.update(from: other.pointer, count: count) }

    /// Adds another tensor's elements, in the order in which they lie in memory.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func add(_ other: Tensor) {
        for i in 0..<count { self[i] += other[i] }
    }

    package var size: Size { Size(height, width) }
}
