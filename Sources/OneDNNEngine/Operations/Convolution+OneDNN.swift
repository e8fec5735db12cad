#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

extension Conv2D: OneDNNOperation {
    /// The sizes of the weight as oneDNN takes it: (groups, O, I, kH, kW) for a grouped convolution's
    /// (groups·O, I, kH, kW).
    func weightSizes(graph: Graph, node: Int) -> [Int] {
        let channels = graph.inputShapes(of: graph.nodes[node])[0].channels
        let own = [filters / groups, channels / groups, kernel.height, kernel.width]
        return groups > 1 ? [groups] + own : own
    }

    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let fused = compiler.fusableActivation(after: node)
        let source = compiler.output(compiler.source(node))
        var shape = windowShape(compiler, node)
        func make(_ layout: Layout) throws -> Primitive {
            try Primitive(compiler.purpose(node, "convolution forward")) {
                cdnn_convolution_forward(
                    compiler.context, &shape, layout.pointer, bias, compiler.isTraining,
                    fused?.activation ?? .none, $0)
            }
        }
        // Images come row-major, which few implementations are good at; converting them costs little.
        let primitive =
            compiler.source(node) == 0
            ? try make(.any(source.sizes, compiler.precision))
            : try Primitive.preferring(source, as: compiler.precision) { try make($0[0]) }
        let output = try compiler.appendWeighted(primitive, node: node, source: source, bias: bias)
        compiler.setOutput(node, fusedWith: fused?.node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        var shape = windowShape(compiler, node)
        let forward = compiler.forwardPrimitive(node)
        let (input, gradient) = (compiler.input(node), compiler.gradient(node))
        let weights = try Primitive.preferring(input, gradient, as: compiler.precision) { layouts in
            try Primitive(compiler.purpose(node, "convolution backward, weights")) {
                cdnn_convolution_backward_weights(
                    compiler.context, &shape, layouts[0].pointer, layouts[1].pointer, bias, forward.pointer, $0)
            }
        }
        try compiler.appendWeightGradient(weights, node: node, bias: bias)

        guard compiler.needsInputGradient(node) else { return }
        let data = try Primitive.preferring(input, gradient, as: compiler.precision) { layouts in
            try Primitive(compiler.purpose(node, "convolution backward, data")) {
                cdnn_convolution_backward_data(
                    compiler.context, &shape, layouts[0].pointer, layouts[1].pointer, forward.pointer, $0)
            }
        }
        try compiler.appendInputGradient(data, node: node)
    }

    private func windowShape(_ compiler: PlanCompiler, _ node: Int) -> cdnn_window_shape {
        let input = compiler.graph.inputShapes(of: compiler.graph.nodes[node])[0]
        let window = Window(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding, input: input.size)
        return cdnn_window_shape(
            window, samples: compiler.batchSize, groups: groups, input: input,
            output: compiler.graph.nodes[node].shape)
    }
}

extension cdnn_window_shape {
    init(_ window: Window, samples: Int, groups: Int = 1, input: Shape, output: Shape) {
        func pair(_ size: Size) -> (Int64, Int64) { (Int64(size.height), Int64(size.width)) }
        self.init(
            samples: Int64(samples), groups: Int64(groups), input_channels: Int64(input.channels),
            output_channels: Int64(output.channels), input_size: pair(input.size), output_size: pair(output.size),
            kernel: pair(window.kernel), stride: pair(window.stride), dilation: pair(window.dilation),
            padding_before: pair(Size(window.edges.top, window.edges.left)),
            padding_after: pair(Size(window.edges.bottom, window.edges.right)))
    }
}
#endif
