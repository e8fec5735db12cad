#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension Dense: OneDNNOperation {
    /// Reads a flattened feature map row-major, whatever layout it has: only so do the products of all three passes take
    /// the weight in one layout, and converting the map costs far less than converting the weight.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let fused = compiler.fusableActivation(after: node)
        let source = try flat(compiler.output(compiler.source(node)), compiler, node)
        let primitive = try Primitive.preferring(source, as: compiler.precision) { layouts in
            try Primitive(compiler.purpose(node, "dense forward")) {
                cdnn_dense_forward(
                    compiler.context, layouts[0].pointer, Int64(units), compiler.outputType(of: node), bias,
                    compiler.hasBackward, fused?.activation ?? .none, $0)
            }
        }
        try compiler.chooseWeightLayout(of: node, primitive) {
            try backwardWeights(source, forward: primitive, compiler, node)
        }
        primitive.operations = operations(source)
        let parameters = WeightedParameters(bias: bias ? compiler.master(node, 1) : nil) {
            try compiler.parameter(node, 0, as: $0)
        }
        let output = try compiler.appendWeighted(primitive, node: node, source: source, parameters)
        compiler.setOutput(node, fusedWith: fused?.node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let forward = compiler.forwardPrimitive(node)
        let input = compiler.input(node)
        if compiler.trainsParameters(of: node) {
            let weightGradient = try backwardWeights(input, forward: forward, compiler, node)
            try compiler.appendWeightGradient(weightGradient, node: node, bias: bias)
        }
        guard compiler.needsInputGradient(node) else { return }
        let data = try Primitive.preferring(input, as: compiler.precision) { layouts in
            try Primitive(compiler.purpose(node, "dense backward, data")) {
                cdnn_dense_backward_data(compiler.context, layouts[0].pointer, Int64(units), forward.pointer, $0)
            }
        }
        data.operations = operations(input)
        try compiler.appendInputGradient(data, node: node)
    }

    private func operations(_ input: PlanArray) -> Double { 2 * Double(input.sizes[0] * input.sizes[1] * units) }

    private func backwardWeights(
        _ input: PlanArray, forward: Primitive, _ compiler: PlanCompiler, _ node: Int
    ) throws -> WeightGradient {
        let purpose = compiler.purpose(node, "dense backward, weights")
        let sizes = [input.sizes[0], units]
        let outputGradient = PlanArray(
            sizes: sizes, layout: try .plain(sizes, compiler.precision), memory: PlanMemory(bytes: 0))
        return try WeightGradient(
            purpose, weightCount: input.sizes[1] * units, operations: operations(input), input: input,
            outputGradient: outputGradient, threads: compiler.session.threads
        ) { input, _ in
            try Primitive.preferring(input, as: compiler.precision) { layouts in
                try Primitive(purpose) {
                    cdnn_dense_backward_weights(
                        compiler.context, layouts[0].pointer, Int64(units), forward.pointer, $0)
                }
            }
        }
    }

    /// N×C, row-major where it is a feature map still.
    private func flat(_ array: PlanArray, _ compiler: PlanCompiler, _ node: Int) throws -> PlanArray {
        if array.sizes.count == 2 { return array }
        let plain = try compiler.array(
            array, as: .plain(array.sizes, compiler.precision), compiler.purpose(node, "input"))
        return try plain.described(as: [array.sizes[0], array.sizes.dropFirst().reduce(1, *)])
    }
}
#endif
