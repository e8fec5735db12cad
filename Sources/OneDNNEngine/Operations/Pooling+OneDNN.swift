#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

/// What the two poolings share: oneDNN has one primitive for both.
protocol OneDNNPooling: PoolingOperation, OneDNNOperation {
    var algorithm: cdnn_pooling { get }
}

extension MaxPool2D: OneDNNPooling {
    var algorithm: cdnn_pooling { cdnn_max }
}

extension AveragePool2D: OneDNNPooling {
    var algorithm: cdnn_pooling { countsPadding ? cdnn_average_with_padding : cdnn_average_without_padding }
}

extension OneDNNPooling {
    func compileForward(_ compiler: inout PlanCompiler, node: Int) throws {
        let input = compiler.input(node)
        var shape = windowShape(compiler, node)
        let primitive = try Primitive(compiler.purpose(node, "pooling forward")) {
            cdnn_pooling_forward(
                compiler.context, algorithm, &shape, input.layout.pointer, compiler.isTraining, $0)
        }
        let output = try compiler.allocate(compiler.sizes(node), try primitive.requiredLayout(cdnn_output))
        try primitive.bind(cdnn_source, to: input.pointer)
        try primitive.bind(cdnn_output, to: output.pointer)
        if let workspace = try primitive.layout(cdnn_workspace) {
            let memory = compiler.allocate(bytes: workspace.bytes)
            try primitive.bind(cdnn_workspace, to: memory)
            compiler.setWorkspace(node, memory)
        }
        compiler.append(primitive)
        compiler.setForwardPrimitive(node, primitive)
        compiler.setOutput(node, output)
    }

    /// The layouts are those of the forward pass: its workspace remembers places in them.
    func compileBackward(_ compiler: inout PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let (input, output) = (compiler.input(node), compiler.output(node))
        let forward = compiler.forwardPrimitive(node)
        var shape = windowShape(compiler, node)
        let primitive = try Primitive(compiler.purpose(node, "pooling backward")) {
            cdnn_pooling_backward(
                compiler.context, algorithm, &shape, input.layout.pointer, output.layout.pointer, forward.pointer, $0)
        }
        let gradient = try compiler.array(
            compiler.gradient(node), as: output.layout, compiler.purpose(node, "gradient"))
        let result = try compiler.allocate(input.sizes, try primitive.requiredLayout(cdnn_source_gradient))
        try primitive.bind(cdnn_output_gradient, to: gradient.pointer)
        try primitive.bind(cdnn_source_gradient, to: result.pointer)
        if let workspace = compiler.workspace(node) { try primitive.bind(cdnn_workspace, to: workspace) }
        compiler.append(primitive)
        compiler.setGradient(compiler.source(node), result)
    }

    private func windowShape(_ compiler: PlanCompiler, _ node: Int) -> cdnn_window_shape {
        let input = compiler.graph.inputShapes(of: compiler.graph.nodes[node])[0]
        return cdnn_window_shape(
            poolingWindow(for: input), samples: compiler.batchSize, input: input,
            output: compiler.graph.nodes[node].shape)
    }
}
#endif
