#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

extension StochasticDepth: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.passesAsInTraining else {
            compiler.setOutput(node, compiler.input(node))
            return
        }
        let input = try compiler.columns(compiler.input(node), of: compiler.source(node), "input")
        let output = try compiler.allocate(input.sizes, input.layout)
        append("stochastic depth forward", node, from: input, to: output, compiler)
        compiler.setOutput(node, try compiler.shaped(output, as: node))
    }

    /// Works in place, with the same factors: they are a function of seed, epoch and sample.
    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        guard compiler.passesAsInTraining else { return try compiler.passGradientOn(node) }
        let output = try compiler.columns(compiler.output(node), of: node, "output")
        let (gradient, target) = try compiler.gradient(node, like: output)
        append("stochastic depth backward", node, from: gradient, to: target, compiler)
        try compiler.addGradient(target, to: compiler.source(node))
    }

    private func append(_ what: String, _ node: Int, from: PlanArray, to: PlanArray, _ compiler: PlanCompiler) {
        let (pass, threads, samples) = (compiler.pass, compiler.session.threads, compiler.batchSize)
        compiler.append(compiler.purpose(node, what), using: [from, to]) {
            let bytes = from.layout.bytes / samples
            var line = cker_clipped_line_arguments()
            line.shape = from.sampleShape
            line.low = -.infinity
            line.high = .infinity
            return KernelCall(threads: threads, phases: 1) { [line] _, part, parts in
                var line = line
                for sample in 0..<samples {
                    line.slope =
                        pass.isTraining
                        ? factor(
                            layer: node, seed: pass.seed, epoch: pass.epoch,
                            sample: Int(pass.samples.elements[sample])) : 1
                    line.source = UnsafeRawPointer(from.memory.pointer + sample * bytes)
                    line.output = to.memory.pointer + sample * bytes
                    cker_clipped_line(&line, CInt(part), CInt(parts))
                }
            }
        }
    }
}

extension PlanArray {
    /// Of one sample, as kernels that go by columns take it.
    fileprivate var sampleShape: cker_channel_shape {
        let (channels, area) = (Int64(sizes[1]), Int64(sizes[2] * sizes[3]))
        // Channels of one pixel lie side by side.
        let block = area == 1 && layout.channelBlock == 1 ? channels : Int64(layout.channelBlock ?? 1)
        return cker_channel_shape(type: layout.kernelType, samples: 1, channels: channels, area: area, block: block)
    }
}
#endif
