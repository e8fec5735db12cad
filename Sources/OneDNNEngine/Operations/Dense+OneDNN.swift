#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

extension Dense: WeightedOneDNNOperation {
    /// A dense layer behind ``Flatten`` reads the feature map as it lies: its weight is then (O, C, H, W), which row by
    /// row is the same as (O, C·H·W).
    func weightSizes(graph: Graph, node: Int) -> [Int] {
        [units] + graph.arraySizes(of: graph.nodes[node].inputs[0])
    }

    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let fused = compiler.fusableActivation(after: node)
        let source = compiler.output(compiler.source(node))
        let sizes = source.sizes.map(Int64.init)
        let primitive = try Primitive.preferring(source, as: compiler.precision) { layouts in
            try Primitive(compiler.purpose(node, "dense forward")) {
                cdnn_dense_forward(
                    compiler.context, CInt(sizes.count), sizes, Int64(units), layouts[0].pointer,
                    compiler.outputType(of: node), bias, compiler.isTraining, fused?.activation ?? .none, $0)
            }
        }
        let output = try compiler.appendWeighted(primitive, node: node, source: source, bias: bias)
        compiler.setOutput(node, fusedWith: fused?.node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let forward = compiler.forwardPrimitive(node)
        let input = compiler.input(node)
        let sizes = input.sizes.map(Int64.init)
        let weights = try Primitive.preferring(input, as: compiler.precision) { layouts in
            try Primitive(compiler.purpose(node, "dense backward, weights")) {
                cdnn_dense_backward_weights(
                    compiler.context, CInt(sizes.count), sizes, Int64(units), layouts[0].pointer, bias,
                    forward.pointer, $0)
            }
        }
        try compiler.appendWeightGradient(weights, node: node, bias: bias)

        guard compiler.needsInputGradient(node) else { return }
        let data = try Primitive.preferring(input, as: compiler.precision) { layouts in
            try Primitive(compiler.purpose(node, "dense backward, data")) {
                cdnn_dense_backward_data(
                    compiler.context, CInt(sizes.count), sizes, Int64(units), layouts[0].pointer, forward.pointer, $0)
            }
        }
        try compiler.appendInputGradient(data, node: node)
    }
}

extension Graph {
    /// The sizes, for one sample, of the array that a node's output lies in: those of its shape, but a flat vector that
    /// was a feature map lies as that does.
    fileprivate func arraySizes(of node: Int) -> [Int] {
        let node = nodes[node]
        switch node.operation {
        case is any ActivationOperation, is Dropout, is Flatten: return arraySizes(of: node.inputs[0])
        case is GlobalAveragePool2D, is GlobalMaxPool2D: return node.shape.dimensions + [1, 1]
        default: return node.shape.dimensions
        }
    }
}
#endif
