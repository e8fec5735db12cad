#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension Flatten: OneDNNOperation {
    /// Nothing moves: whoever reads a flattened feature map knows how to read it as it lies.
    func compileForward(_ compiler: PlanCompiler, node: Int) {
        compiler.setOutput(node, compiler.output(compiler.source(node)))
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        try compiler.passGradientOn(node)
    }
}

extension Reshape: OneDNNOperation {
    /// Row-major, so that the elements keep their order.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        compiler.setOutput(node, try compiler.plainArray(compiler.input(node), of: node, "input"))
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let source = compiler.source(node)
        let gradient = try compiler.plainArray(compiler.gradient(node), of: source, "gradient")
        try compiler.addGradient(gradient, to: source, isShared: compiler.isGradientShared(node))
    }
}

extension ZeroPadding2D: OneDNNOperation {
    /// The input is copied into the middle of an array whose border stays zero.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = try compiler.readableArray(compiler.input(node), of: node, "input")
        let output = try compiler.allocate(
            compiler.sizes(node), try .blocked(compiler.sizes(node), by: input.layout.channelBlock ?? 1),
            lifetime: .always)
        let middle = try output.part(place(of: input))
        try compiler.appendCopy(input, to: middle, compiler.purpose(node, "padding forward"))
        compiler.setInput(node, input)
        compiler.setOutput(node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        guard compiler.needsInputGradient(node) else { return }
        let input = compiler.input(node)
        let (gradient, _) = try compiler.gradient(node, like: compiler.output(node))
        let middle = try gradient.part(place(of: input))
        let result = try compiler.allocate(input.sizes, input.layout)
        try compiler.appendCopy(middle, to: result, compiler.purpose(node, "padding backward"))
        try compiler.addGradient(result, to: compiler.source(node))
    }

    private func place(of input: PlanArray) -> PlanArray.Place {
        PlanArray.Place(sizes: input.sizes, offsets: [0, 0, edges.top, edges.left])
    }
}
#endif
