#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

extension PReLU: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = try compiler.columns(compiler.input(node), of: compiler.source(node), "input")
        let output = try compiler.allocate(input.sizes, input.layout)
        let (weight, threads) = (compiler.master(node, 0), compiler.session.threads)
        let scratch = input.channelScratch(threads: threads)
        compiler.append(compiler.purpose(node, "activation forward"), using: [input, output], [scratch]) {
            let arguments = arguments(input, weight, scratch, output: output)
            return KernelCall(threads: threads, phases: 1) { _, part, parts in
                withUnsafePointer(to: arguments) { cker_prelu_forward($0, CInt(part), CInt(parts)) }
            }
        }
        compiler.setInput(node, input)
        compiler.setOutput(node, try compiler.shaped(output, as: node))
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let input = compiler.input(node)
        let (gradient, target) = try compiler.gradient(node, like: input)
        let (weight, threads) = (compiler.master(node, 0), compiler.session.threads)
        let scratch = input.channelScratch(threads: threads)
        let weightGradient =
            compiler.trainsParameters(of: node) ? compiler.allocateParameterGradient(node, 0) : nil
        let result = compiler.needsInputGradient(node) ? target : nil
        let others = [weightGradient, scratch]
        compiler.append(compiler.purpose(node, "activation backward"), using: [input, gradient, result], others) {
            var arguments = arguments(input, weight, scratch, output: nil)
            arguments.gradient = UnsafeRawPointer(gradient.memory.pointer)
            arguments.source_gradient = result?.memory.pointer
            arguments.slope_gradients = weightGradient?.floats
            let complete = arguments
            return KernelCall(threads: threads, phases: 2) { phase, part, parts in
                withUnsafePointer(to: complete) { cker_prelu_backward($0, CInt(phase), CInt(part), CInt(parts)) }
            }
        }
        if let result { try compiler.addGradient(result, to: compiler.source(node)) }
    }

    private func arguments(
        _ input: PlanArray, _ weight: PlanMemory, _ scratch: PlanMemory, output: PlanArray?
    ) -> cker_prelu_arguments {
        cker_prelu_arguments(
            shape: input.channelShape, source: input.memory.pointer, slopes: weight.floats, is_shared: isShared,
            output: output?.memory.pointer, gradient: nil, source_gradient: nil, slope_gradients: nil,
            scratch: scratch.pointer)
    }
}
#endif
