#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// A batch norm in training on arrays in any layout, on any processor: by loops in plain C, which sum in double precision.
struct ChannelNorm {
    let layer: BatchNorm
    let compiler: PlanCompiler
    let node: Int

    private var threads: Int { compiler.session.threads }

    /// - Parameter input: N×C×H×W.
    func compileForward(_ input: PlanArray) throws {
        let input = try compiler.channelArray(input, compiler.purpose(node, "input"))
        let relu = compiler.fusableReLU(after: node)
        let output = try compiler.allocate(input.sizes, input.layout)
        let mask = relu.map { _ in PlanMemory(bytes: input.channelShape.elements) }
        if let mask { compiler.setWorkspace(node, mask) }
        appendForward(input, mask, to: output)
        if let relu { compiler.fuseBackward(of: relu, into: node) }
        compiler.setInput(node, input)
        compiler.setOutput(node, fusedWith: relu, try compiler.shaped(output, as: node))
    }

    private func appendForward(_ input: PlanArray, _ mask: PlanMemory?, to output: PlanArray) {
        let (layer, pass, threads) = (layer, compiler.pass, threads)
        let batch = compiler.hasGivenStatistics(node) ? nil : compiler.batchStatistics(node, channels: input.sizes[1])
        let running = layer.runningStatistics(of: node, compiler)
        let (scale, shift) = layer.scaleAndShift(of: node, compiler)
        let scratch = input.channelScratch(threads: threads)
        let others = [mask, batch?.mean, batch?.variance, scratch]
        compiler.append(compiler.purpose(node, "batch norm forward"), using: [input, output], others) {
            let evaluation = cker_channel_norm_arguments(
                shape: input.channelShape, source: input.memory.pointer, output: output.memory.pointer,
                scale: scale?.floats, shift: shift?.floats, epsilon: Float(layer.epsilon), mean: running.mean.floats,
                variance: running.variance.floats, running_mean: nil, running_variance: nil,
                momentum: Float(layer.momentum), relu: mask != nil, mask: mask?.channelMask, scratch: scratch.pointer)
            var training = evaluation
            if let batch {
                training.mean = batch.mean.floats
                training.variance = batch.variance.floats
                training.running_mean = running.mean.floats
                training.running_variance = running.variance.floats
            }
            let followsBatch = batch != nil
            return KernelCall(threads: threads, phases: followsBatch ? 2 : 1) { [training] phase, part, parts in
                if followsBatch, pass.isTraining {
                    withUnsafePointer(to: training) {
                        cker_channel_norm_forward($0, CInt(phase), CInt(part), CInt(parts))
                    }
                } else if phase == 0 {
                    withUnsafePointer(to: evaluation) { cker_channel_norm_by_given($0, CInt(part), CInt(parts)) }
                }
            }
        }
    }

    func compileBackward() throws {
        let input = compiler.input(node)
        let (gradient, target) = try compiler.gradient(compiler.gradientNode(of: node), like: input)
        let (layer, threads, mask) = (layer, threads, compiler.workspace(node))
        let isGiven = compiler.hasGivenStatistics(node)
        let statistics = layer.trainingStatistics(of: node, channels: input.sizes[1], compiler)
        let scale = layer.scaleAndShift(of: node, compiler).scale
        let (scaleGradient, shiftGradient) = layer.allocateGradients(of: node, compiler)
        let scratch = input.channelScratch(threads: threads)
        let others = [mask, scaleGradient, shiftGradient, statistics.mean, statistics.variance, scratch]
        compiler.append(compiler.purpose(node, "batch norm backward"), using: [input, gradient, target], others) {
            let arguments = cker_channel_norm_gradient_arguments(
                shape: input.channelShape, source: input.memory.pointer, gradient: gradient.memory.pointer,
                source_gradient: target.memory.pointer, mask: mask?.channelMask, scale: scale?.floats,
                mean: statistics.mean.floats, variance: statistics.variance.floats,
                statistics_are_given: isGiven, epsilon: Float(layer.epsilon),
                scale_gradient: scaleGradient?.floats, shift_gradient: shiftGradient?.floats, scratch: scratch.pointer)
            return KernelCall(threads: threads, phases: 2) { phase, part, parts in
                withUnsafePointer(to: arguments) {
                    cker_channel_norm_backward($0, CInt(phase), CInt(part), CInt(parts))
                }
            }
        }
        try compiler.addGradient(try compiler.shaped(target, as: node), to: compiler.source(node))
    }
}

extension PlanMemory {
    fileprivate var channelMask: UnsafeMutablePointer<UInt8> { pointer.assumingMemoryBound(to: UInt8.self) }
}
#endif
