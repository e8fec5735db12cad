#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph
import ConvNetEngine

extension MachineLimits {
    /// Measures with that many threads, for a second or so.
    static func measured(threads: Int, _ precision: cdnn_type) -> MachineLimits {
        MachineLimits(
            gflops: best(of: 20) { multiplyAdds(threads, precision) } / 1e9,
            gigabytesPerSecond: best(of: 5, copying(threads)) / 1e9)
    }

    private static func best(of runs: Int, _ rate: () -> Double) -> Double {
        (0..<runs).map { _ in rate() }.max() ?? 0
    }

    /// Operations a second on registers.
    private static func multiplyAdds(_ threads: Int, _ precision: cdnn_type) -> Double {
        let rounds: Int64 = 1_000_000
        let counts = AlignedBuffer<Double>(count: threads)
        let call = KernelCall(threads: threads, phases: 1) { _, part, _ in
            counts.elements[Int(part)] = cker_multiply_add(
                rounds, precision == cdnn_bfloat16 ? cker_bfloat16 : cker_float32)
        }
        let time = ContinuousClock().measure { call.run() }
        return counts.elements.reduce(0, +) / (time / .seconds(1))
    }

    /// Bytes read and written a second, a copy of 256 MB being made.
    private static func copying(_ threads: Int) -> () -> Double {
        let bytes = 1 << 28
        let from = PlanMemory(allocating: bytes)
        let to = PlanMemory(allocating: bytes)
        let call = KernelCall(threads: threads, phases: 1) { _, part, parts in
            let share = (0..<bytes).part(Int(part), of: Int(parts))
            (to.pointer + share.lowerBound).copyMemory(from: from.pointer + share.lowerBound, byteCount: share.count)
        }
        return {
            let time = ContinuousClock().measure { call.run() }
            return 2 * Double(bytes) / (time / .seconds(1))
        }
    }
}
#endif
