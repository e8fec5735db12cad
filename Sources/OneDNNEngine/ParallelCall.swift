#if CONVNET_ONEDNN
import COneDNN

/// Work that is divided among oneDNN's own team of threads.
protocol ParallelCall: PlanCall {
    var threads: Int { get }

    /// Does part `part` of `parts`.
    func run(part: Int, of parts: Int)
}

extension ParallelCall {
    /// Runs all parts and waits for them. The object itself is what the threads share, so that nothing is allocated.
    func runInParallel() {
        let call: any ParallelCall = self
        withUnsafePointer(to: call) { pointer in
            cdnn_parallel(
                CInt(threads),
                { argument, part, parts in
                    argument?.assumingMemoryBound(to: (any ParallelCall).self).pointee
                        .run(part: Int(part), of: Int(parts))
                },
                UnsafeMutableRawPointer(mutating: UnsafeRawPointer(pointer)))
        }
    }
}

extension Range<Int> {
    /// Part `part` of `parts` nearly equal ones.
    func part(_ part: Int, of parts: Int) -> Range<Int> {
        lowerBound + count * part / parts..<lowerBound + count * (part + 1) / parts
    }
}
#endif
