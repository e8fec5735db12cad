#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// A call of one of the engine's own kernels: phases that run one after the other, each divided among the threads.
final class KernelCall: ParallelCall {
    let threads: Int
    let implementation: String
    private let phases: Int64
    private let body: (_ phase: Int64, _ part: Int64, _ parts: Int64) -> Void
    private var phase: Int64 = 0

    init(
        threads: Int, phases: Int64, implementation: String = "convnet",
        _ body: @escaping (_ phase: Int64, _ part: Int64, _ parts: Int64) -> Void
    ) {
        self.threads = threads
        self.implementation = implementation
        self.phases = phases
        self.body = body
    }

    func run() {
        for phase in 0..<phases {
            self.phase = phase
            runInParallel()
        }
    }

    func run(part: Int, of parts: Int) { body(phase, Int64(part), Int64(parts)) }
}

extension PlanArray {
    /// The array as kernels take it, once its memory has its place: a feature map in blocks of 16 channels.
    var map: cker_map {
        guard let map = layout.map else { preconditionFailure("not a feature map in blocks of 16 channels") }
        let bytes = layout.type == cdnn_bfloat16 ? 2 : 4
        return cker_map(
            elements: memory.pointer + Int(map.offset) * bytes, sample_stride: map.sampleStride,
            block_stride: map.blockStride)
    }
}

extension PlanArray? {
    /// The array as kernels take it, or what stands for none.
    var map: cker_map { self?.map ?? cker_map(elements: nil, sample_stride: 0, block_stride: 0) }
}

extension Layout {
    /// Where the rows of a feature map in blocks of 16 channels lie; nil for any other layout.
    var map: (offset: Int64, sampleStride: Int64, blockStride: Int64)? {
        var (offset, sampleStride, blockStride): (Int64, Int64, Int64) = (0, 0, 0)
        guard cdnn_layout_map(pointer, &offset, &sampleStride, &blockStride) else { return nil }
        return (offset, sampleStride, blockStride)
    }

    /// Of a convolution's weight, as kernels take it.
    static func weights(outputs: Int, inputs: Int, kernel: Size) throws -> Layout {
        try make("describing a weight's layout") {
            cdnn_layout_weights(Int64(outputs), Int64(inputs), [Int64(kernel.height), Int64(kernel.width)], $0)
        }
    }

    /// Of the weight of a convolution of few inputs, O×I×H×W, whose gradient kernels write in blocks of outputs.
    static func outputBlocks(_ sizes: [Int]) throws -> Layout {
        try make("describing a weight's layout") { cdnn_layout_output_blocks(sizes.map(Int64.init), $0) }
    }

    /// The kernels' word for the numbers in it.
    var kernelType: cker_type { type == cdnn_bfloat16 ? cker_bfloat16 : cker_float32 }
}

extension cker_type {
    /// Of one number.
    var bytes: Int { self == cker_bfloat16 ? 2 : 4 }
}

extension PlanArray {
    /// Whether the array is all that lies between its first number and its last, but for what fills up blocks of channels.
    var isDense: Bool {
        switch sizes.count {
        case 4: layout.channelBlock != nil
        case 2: (try? Layout.plain(sizes, layout.type)) == layout
        default: false
        }
    }
}
#endif
