/// Memory for numbers, zero at first, on a cache line's boundary, freed with its owner.
///
/// It may pass from thread to thread; whoever writes to it must be alone with it.
package final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    package let elements: UnsafeMutableBufferPointer<Element>

    package init(count: Int) {
        let bytes = max(count, 1) * MemoryLayout<Element>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        elements = UnsafeMutableBufferPointer(
            start: memory.bindMemory(to: Element.self, capacity: max(count, 1)), count: count)
    }

    deinit { UnsafeMutableRawPointer(elements.baseAddress)?.deallocate() }

    package var pointer: UnsafeMutablePointer<Element> { elements.baseAddress.unsafelyUnwrapped }
    package var bytes: Int { elements.count * MemoryLayout<Element>.stride }
}
