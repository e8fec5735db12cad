#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

extension Softmax: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        var input = compiler.input(node)
        if !compiler.graph.nodes[node].shape.isFeatureMap {
            input = try compiler.plainArray(input, of: node, "input")
        }
        let output = try compiler.allocate(input.sizes, input.layout)
        let primitive = try Primitive(compiler.purpose(node, "softmax forward")) {
            cdnn_softmax_forward(compiler.context, 1, input.layout.pointer, $0)
        }
        primitive.bind(cdnn_source, to: input.memory)
        primitive.bind(cdnn_output, to: output.memory)
        try compiler.append(primitive)
        compiler.setOutput(node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let output = compiler.output(node)
        let (gradient, _) = try compiler.gradient(node, like: output)
        let result = try compiler.allocate(output.sizes, output.layout)
        let primitive = try Primitive(compiler.purpose(node, "softmax backward")) {
            cdnn_softmax_backward(compiler.context, 1, output.layout.pointer, $0)
        }
        primitive.bind(cdnn_output, to: output.memory)
        primitive.bind(cdnn_output_gradient, to: gradient.memory)
        primitive.bind(cdnn_source_gradient, to: result.memory)
        try compiler.append(primitive)
        try compiler.addGradient(result, to: compiler.source(node))
    }
}
#endif
