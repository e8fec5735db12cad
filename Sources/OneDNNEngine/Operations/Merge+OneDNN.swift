#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

extension Add: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let sources = compiler.graph.nodes[node].inputs
        var first = compiler.output(sources[0])
        if !compiler.graph.nodes[node].shape.isFeatureMap {
            first = try compiler.plainArray(first, of: node, "body")
        }
        let second = try compiler.array(
            compiler.output(sources[1]), like: first, compiler.purpose(node, "shortcut"))
        let output = try compiler.allocate(first.sizes, first.layout)
        // oneDNN 2.6 adds right, but applies the ReLU wrongly, where the last block of channels is not full.
        let isFull = first.layout.channelBlock.map { first.sizes[1].isMultiple(of: $0) } ?? false
        let relu = isFull ? compiler.fusableReLU(after: node) : nil
        try compiler.appendSum(
            first, second, into: output, relu: relu != nil, compiler.purpose(node, "residual forward"))
        compiler.setOutput(node, fusedWith: relu, output)
    }

    /// Both inputs have the output's gradient, and share the array.
    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        for source in compiler.graph.nodes[node].inputs {
            try compiler.addGradient(compiler.gradient(node), to: source, isShared: true)
        }
    }
}

extension Concatenate: OneDNNOperation {
    /// Each input is copied to its place. In blocks of channels where all places begin with a block, else row-major.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let sources = compiler.graph.nodes[node].inputs
        let sizes = compiler.sizes(node)
        let type = compiler.output(sources[0]).layout.type
        var layout = try Layout.plain(sizes, type)
        if sizes.count == 4, let block = compiler.output(sources[0]).layout.channelBlock, [8, 16].contains(block),
            sources.dropLast().allSatisfy({ compiler.graph.nodes[$0].shape.channels.isMultiple(of: block) })
        {
            layout = try .blocked(sizes, by: block, type)
        }
        let output = try compiler.allocate(sizes, layout)
        for (source, place) in zip(sources, places(in: output, of: node, compiler)) {
            var input = compiler.output(source)
            if sizes.count == 2 { input = try compiler.plainArray(input, of: source, "branch") }
            try compiler.appendCopy(
                input, to: try output.part(place), compiler.purpose(node, "concatenation forward"))
        }
        compiler.setOutput(node, output)
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let sources = compiler.graph.nodes[node].inputs
        let (gradient, _) = try compiler.gradient(node, like: compiler.output(node))
        for (source, place) in zip(sources, places(in: gradient, of: node, compiler)) where source != 0 {
            let isFlat = place.sizes.count == 2
            let layout = isFlat ? try Layout.plain(place.sizes) : compiler.output(source).layout
            let result = try compiler.allocate(place.sizes, layout)
            try compiler.appendCopy(
                try gradient.part(place), to: result, compiler.purpose(node, "concatenation backward"))
            try compiler.addGradient(result, to: source)
        }
    }

    /// Where each input lies in the output.
    private func places(in output: PlanArray, of node: Int, _ compiler: PlanCompiler) -> [PlanArray.Place] {
        var first = 0
        return compiler.graph.nodes[node].inputs.map { source in
            let sizes = compiler.sizes(source)
            defer { first += sizes[1] }
            return PlanArray.Place(sizes: sizes, offsets: [0, first] + sizes.dropFirst(2).map { _ in 0 })
        }
    }
}
#endif
