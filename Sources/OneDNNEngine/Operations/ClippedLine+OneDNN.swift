#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

extension Clip: OneDNNClippedLine {
    var line: ClippedLine { ClippedLine(low: Float(low), high: Float(high)) }
}

extension HardSigmoid: OneDNNClippedLine {
    var line: ClippedLine { ClippedLine(slope: 1 / 6, constant: 0.5, low: 0, high: 1) }
}

/// slope · x + constant, but not below one limit nor above another.
struct ClippedLine {
    var slope: Float = 1
    var constant: Float = 0
    var low, high: Float
}

/// Activations of three straight lines, by a kernel in plain C: oneDNN 2 has none for all of them, and makes 0 of what is not a
/// number.
protocol OneDNNClippedLine: ActivationOperation, OneDNNOperation {
    var line: ClippedLine { get }
}

extension OneDNNClippedLine {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = try compiler.columns(compiler.input(node), of: compiler.source(node), "input")
        let output = try compiler.allocate(input.sizes, input.layout)
        let (line, threads) = (line, compiler.session.threads)
        compiler.append(compiler.purpose(node, "activation forward"), using: [input, output]) {
            let arguments = cker_clipped_line_arguments(
                shape: input.channelShape, source: input.memory.pointer, output: output.memory.pointer,
                slope: line.slope, constant: line.constant, low: line.low, high: line.high)
            return KernelCall(threads: threads, phases: 1) { _, part, parts in
                withUnsafePointer(to: arguments) { cker_clipped_line($0, CInt(part), CInt(parts)) }
            }
        }
        compiler.setOutput(node, try compiler.shaped(output, as: node))
    }

    /// Works in place where nobody else reads the gradient.
    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let output = try compiler.columns(compiler.output(node), of: node, "output")
        let (gradient, target) = try compiler.gradient(node, like: output)
        let (line, threads) = (line, compiler.session.threads)
        compiler.append(compiler.purpose(node, "activation backward"), using: [output, gradient, target]) {
            let arguments = cker_clipped_line_gradient_arguments(
                shape: output.channelShape, output: output.memory.pointer, gradient: gradient.memory.pointer,
                source_gradient: target.memory.pointer, slope: line.slope, low: line.low, high: line.high)
            return KernelCall(threads: threads, phases: 1) { _, part, parts in
                withUnsafePointer(to: arguments) { cker_clipped_line_gradient($0, CInt(part), CInt(parts)) }
            }
        }
        try compiler.addGradient(target, to: compiler.source(node))
    }
}
#endif
