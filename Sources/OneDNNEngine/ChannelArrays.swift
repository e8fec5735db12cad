#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

// Arrays as the loops over channels take them, which go through any layout in columns.

/// Numbers that one thread sums in a few microseconds.
private let fewNumbers = 1 << 15

extension PlanCompiler {
    /// The array itself where the loops over channels can go through it, else a copy: they know dense arrays in blocks of
    /// channels only.
    func channelArray(_ array: PlanArray, _ purpose: String) throws -> PlanArray {
        array.layout.channelBlock != nil
            ? array : try self.array(array, as: .plain(array.sizes, array.layout.type), purpose)
    }

    /// Adds a call that sums an array over everything but its channels: the gradient of a bias.
    ///
    /// - Parameter gradient: N×C×H×W or N×C.
    func appendChannelSums(of gradient: PlanArray, to sums: PlanMemory, _ purpose: String) throws {
        var array = gradient
        if array.sizes.count == 2 {
            array = try self.array(array, as: .plain(array.sizes, array.layout.type), purpose)
            array = try array.described(as: array.sizes + [1, 1])
        }
        let values = try channelArray(array, purpose)
        // Waking other threads takes longer than summing a little.
        let threads = values.channelShape.elements < fewNumbers ? 1 : session.threads
        let scratch = values.channelScratch(threads: threads)
        append(purpose, using: [values], [sums, scratch]) {
            let arguments = cker_channel_sum_arguments(
                shape: values.channelShape, values: values.memory.pointer, sums: sums.floats, scratch: scratch.pointer)
            return KernelCall(threads: threads, phases: 2) { phase, part, parts in
                withUnsafePointer(to: arguments) { cker_channel_sums($0, CInt(phase), CInt(part), CInt(parts)) }
            }
        }
    }
}

extension PlanArray {
    /// N×C×H×W as the loops over channels take it.
    var channelShape: cker_channel_shape {
        guard let block = layout.channelBlock else { preconditionFailure("not a dense array in blocks of channels") }
        let area = sizes[2] * sizes[3]
        // A batch of vectors is as good as one image whose pixels they are.
        let isFlat = area == 1 && block == 1
        return cker_channel_shape(
            type: layout.kernelType, samples: Int64(isFlat ? 1 : sizes[0]), channels: Int64(sizes[1]),
            area: Int64(isFlat ? sizes[0] : area), block: Int64(isFlat ? sizes[1] : block))
    }

    func channelScratch(threads: Int) -> PlanMemory {
        var shape = channelShape
        return PlanMemory(bytes: cker_channel_scratch(&shape, CInt(threads)))
    }
}

extension cker_channel_shape {
    /// Of a map, with the channels that fill up its last block.
    var elements: Int { Int(samples * area * ((channels + block - 1) / block * block)) }
}
#endif
