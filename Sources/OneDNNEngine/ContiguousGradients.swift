#if CONVNET_ONEDNN
import ConvNetEngine
import ConvNetGraph

/// One stretch of memory for the gradients of all parameters that are trained, each beginning at a cache line.
final class ContiguousGradients {
    /// The parameters', as the graph counts them.
    let indices: [Int]
    let slices: [GradientSlice]
    private let buffer: AlignedBuffer<Float>
    private let memories: [PlanMemory]

    init(_ indices: [Int], slices: [(parameter: String, count: Int, isRowMajor: Bool)]) {
        self.indices = indices
        var end = 0
        self.slices = slices.map { slice in
            let offset = GradientSlice.aligned(end)
            end = offset + slice.count
            return GradientSlice(
                parameter: slice.parameter, offset: offset, count: slice.count, isRowMajor: slice.isRowMajor)
        }
        let buffer = AlignedBuffer<Float>(count: end)
        self.buffer = buffer
        memories = self.slices.map { slice in
            PlanMemory(
                borrowing: UnsafeMutableRawBufferPointer(
                    start: buffer.pointer + slice.offset, count: slice.count * MemoryLayout<Float>.stride))
        }
    }

    var elements: UnsafeMutableBufferPointer<Float> { buffer.elements }

    func memory(_ index: Int) -> PlanMemory? { indices.firstIndex(of: index).map { memories[$0] } }
}
#endif
