#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// By the kernels of batch norms with given statistics: a mean of 0, and a variance of 1 with nothing added to it.
extension ChannelAffine: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = try compiler.columns(compiler.input(node), of: compiler.source(node), "input")
        let output = try compiler.allocate(input.sizes, input.layout)
        let (scale, shift) = (compiler.master(node, 0), compiler.master(node, 1))
        let threads = compiler.session.threads
        let scratch = input.channelScratch(threads: threads)
        let statistics = UnitStatistics(channels: input.sizes[1])
        compiler.append(compiler.purpose(node, "affine forward"), using: [input, output], [scratch]) {
            let arguments = cker_channel_norm_arguments(
                shape: input.channelShape, source: input.memory.pointer, output: output.memory.pointer,
                scale: scale.floats, shift: shift.floats, epsilon: 0, mean: statistics.mean.pointer,
                variance: statistics.variance.pointer, running_mean: nil, running_variance: nil, momentum: 0,
                relu: false, mask: nil, scratch: scratch.pointer)
            return KernelCall(threads: threads, phases: 1) { [statistics] _, part, parts in
                withExtendedLifetime(statistics) {
                    withUnsafePointer(to: arguments) { cker_channel_norm_by_given($0, CInt(part), CInt(parts)) }
                }
            }
        }
        compiler.setInput(node, input)
        compiler.setOutput(node, try compiler.shaped(output, as: node))
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let input = compiler.input(node)
        let (gradient, target) = try compiler.gradient(node, like: input)
        let (scale, threads) = (compiler.master(node, 0), compiler.session.threads)
        let isTrained = compiler.trainsParameters(of: node)
        let scaleGradient = isTrained ? compiler.allocateParameterGradient(node, 0) : nil
        let shiftGradient = isTrained ? compiler.allocateParameterGradient(node, 1) : nil
        let scratch = input.channelScratch(threads: threads)
        let statistics = UnitStatistics(channels: input.sizes[1])
        let others = [scaleGradient, shiftGradient, scratch]
        compiler.append(compiler.purpose(node, "affine backward"), using: [input, gradient, target], others) {
            let arguments = cker_channel_norm_gradient_arguments(
                shape: input.channelShape, source: input.memory.pointer, gradient: gradient.memory.pointer,
                source_gradient: target.memory.pointer, mask: nil, scale: scale.floats, mean: statistics.mean.pointer,
                variance: statistics.variance.pointer, statistics_are_given: true, epsilon: 0,
                scale_gradient: scaleGradient?.floats, shift_gradient: shiftGradient?.floats, scratch: scratch.pointer)
            return KernelCall(threads: threads, phases: 2) { [statistics] phase, part, parts in
                withExtendedLifetime(statistics) {
                    withUnsafePointer(to: arguments) {
                        cker_channel_norm_backward($0, CInt(phase), CInt(part), CInt(parts))
                    }
                }
            }
        }
        try compiler.addGradient(target, to: compiler.source(node))
    }
}

/// A mean of 0 and a variance of 1 for each channel.
private final class UnitStatistics {
    let mean, variance: AlignedBuffer<Float>

    init(channels: Int) {
        mean = AlignedBuffer(count: channels)
        variance = AlignedBuffer(count: channels)
        variance.pointer.update(repeating: 1, count: channels)
    }
}
#endif
