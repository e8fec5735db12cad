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

    init(_ indices: [Int], _ slices: [GradientSlice]) {
        self.indices = indices
        self.slices = slices
        let buffer = AlignedBuffer<Float>(count: slices.last.map { $0.offset + $0.count } ?? 0)
        self.buffer = buffer
        memories = slices.map { slice in
            PlanMemory(
                borrowing: UnsafeMutableRawBufferPointer(
                    start: buffer.pointer + slice.offset, count: slice.count * MemoryLayout<Float>.stride))
        }
    }

    /// One behind the other.
    static func slices(_ parts: [(parameter: String, count: Int, isRowMajor: Bool)]) -> [GradientSlice] {
        var end = 0
        return parts.map { part in
            let offset = GradientSlice.aligned(end)
            end = offset + part.count
            return GradientSlice(
                parameter: part.parameter, offset: offset, count: part.count, isRowMajor: part.isRowMajor)
        }
    }

    var bytes: Int { buffer.bytes }

    var elements: UnsafeMutableBufferPointer<Float> { buffer.elements }

    func memory(_ index: Int) -> PlanMemory? { indices.firstIndex(of: index).map { memories[$0] } }
}
#endif
