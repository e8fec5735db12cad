#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

extension ChannelSlice: OneDNNChannelSelection {}
extension ChannelPadding: OneDNNChannelSelection {}
extension ChannelShuffle: OneDNNChannelSelection {}

/// What operations that only move channels share: a copy, in whatever layout the input has.
protocol OneDNNChannelSelection: ChannelSelection, OneDNNOperation {}

extension OneDNNChannelSelection {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = try compiler.columns(compiler.input(node), of: compiler.source(node), "input")
        let channels = compiler.graph.nodes[node].shape.channels
        let sizes = [input.sizes[0], channels] + input.sizes.dropFirst(2)
        let layout = try Layout.blocked(sizes, by: input.block(ofChannels: channels), input.layout.type)
        let output = try compiler.allocate(sizes, layout)
        append("channels forward", sources(input, output), from: input, to: output, compiler, node)
        compiler.setInput(node, input)
        compiler.setOutput(node, try compiler.shaped(output, as: node))
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let input = compiler.input(node)
        let output = try compiler.columns(compiler.output(node), of: node, "output")
        let (gradient, _) = try compiler.gradient(node, like: output)
        let result = try compiler.allocate(input.sizes, input.layout)
        var targets = [Int?](repeating: nil, count: input.sizes[1])
        for (target, source) in sources(input, output).enumerated() {
            if let source { targets[source] = target }
        }
        append("channels backward", targets, from: gradient, to: result, compiler, node)
        try compiler.addGradient(result, to: compiler.source(node))
    }

    private func sources(_ input: PlanArray, _ output: PlanArray) -> [Int?] {
        (0..<output.sizes[1]).map { source(of: $0, among: input.sizes[1]) }
    }

    private func append(
        _ what: String, _ sources: [Int?], from input: PlanArray, to output: PlanArray, _ compiler: PlanCompiler,
        _ node: Int
    ) {
        let threads = compiler.session.threads
        let indices = sources.map { Int32($0 ?? -1) }
        compiler.append(compiler.purpose(node, what), using: [input, output]) {
            var arguments = cker_channel_copy_arguments()
            arguments.type = input.layout.kernelType
            arguments.samples = Int64(input.sizes[0])
            arguments.area = Int64(input.sizes[2] * input.sizes[3])
            arguments.input_channels = Int64(input.sizes[1])
            arguments.output_channels = Int64(output.sizes[1])
            arguments.input_block = Int64(input.layout.channelBlock ?? 1)
            arguments.output_block = Int64(output.layout.channelBlock ?? 1)
            arguments.input = UnsafeRawPointer(input.memory.pointer)
            arguments.output = output.memory.pointer
            return KernelCall(threads: threads, phases: 1) { [arguments] _, part, parts in
                indices.withUnsafeBufferPointer { indices in
                    var arguments = arguments
                    arguments.sources = indices.baseAddress
                    cker_channel_copy(&arguments, CInt(part), CInt(parts))
                }
            }
        }
    }
}

extension PlanArray {
    /// The blocks of an array with other channels that lies as this one does.
    fileprivate func block(ofChannels channels: Int) -> Int {
        let block = layout.channelBlock ?? 1
        return [1, 4, 8, 16].contains(block) ? block : channels
    }
}
#endif
