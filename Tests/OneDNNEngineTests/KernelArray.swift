/// An array at an address of its own, as kernels take it.
final class KernelArray<Element> {
    private let elements: UnsafeMutableBufferPointer<Element>

    init(_ values: [Element]) {
        elements = .allocate(capacity: values.count)
        _ = elements.initialize(fromContentsOf: values)
    }

    deinit { elements.deallocate() }

    var start: UnsafeMutablePointer<Element> { elements.baseAddress! }
    var count: Int { elements.count }
    var values: [Element] { Array(elements) }
}

extension KernelArray<Float> {
    /// Full of what is not a number, to be written.
    convenience init(count: Int) { self.init([Float](repeating: .nan, count: count)) }
}

/// Numbers in -1 ..< 1 that look random.
func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Float(Int64(bitPattern: state) >> 40) / 0x1p23
    }
}
