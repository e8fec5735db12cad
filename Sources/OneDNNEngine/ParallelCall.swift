#if CONVNET_ONEDNN
import COneDNN

/// Work that is divided among the team of threads that oneDNN uses, too.
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

/// The pixels of a batch of row-major feature maps, for calls that work on each by itself.
struct PixelGrid {
    let samples, area: Int

    /// - Parameter array: N×C×H×W.
    init(of array: PlanArray) {
        samples = array.sizes[0]
        area = array.sizes[2] * array.sizes[3]
    }

    /// Calls `body` with each sample that has pixels in part `part` of `parts`, and which.
    @inline(__always)
    func forEach(part: Int, of parts: Int, _ body: (_ sample: Int, _ pixels: Range<Int>) -> Void) {
        var rest = (0..<samples * area).part(part, of: parts)
        while !rest.isEmpty {
            let sample = rest.lowerBound / area
            let start = sample * area
            let end = min(rest.upperBound, start + area)
            body(sample, rest.lowerBound - start..<end - start)
            rest = end..<rest.upperBound
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
