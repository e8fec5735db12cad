#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension Add: OneDNNOperation {
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let sources = compiler.graph.nodes[node].inputs
        var first = compiler.output(sources[0])
        if !compiler.graph.nodes[node].shape.isFeatureMap {
            first = try compiler.plainArray(first, of: node, "body")
        }
        let others = try sources.dropFirst().map {
            try compiler.array(compiler.output($0), like: first, compiler.purpose(node, "shortcut"))
        }
        let output = try compiler.allocate(first.sizes, first.layout)
        // oneDNN 2.6 adds right, but applies the ReLU wrongly, where the last block of channels is not full.
        let isFull = first.layout.channelBlock.map { first.sizes[1].isMultiple(of: $0) } ?? false
        let relu = output.isMap || isFull ? compiler.fusableReLU(after: node) : nil
        var mask: PlanMemory?
        if let relu, compiler.hasBackward, output.isMap {
            let bits = PlanMemory(bytes: output.maskBytes)
            mask = bits
            compiler.setWorkspace(node, bits)
            compiler.fuseBackward(of: relu, into: node)
        }
        try compiler.appendSum(
            ofAll: [first] + others, into: output, relu: relu != nil, mask: mask,
            compiler.purpose(node, "residual forward"))
        compiler.setOutput(node, fusedWith: relu, output)
    }

    /// All inputs have the output's gradient, and share the array.
    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let start = compiler.gradientNode(of: node)
        var gradient = try compiler.gradient(start)
        if let mask = compiler.workspace(node) {
            let (unmasked, target) = try compiler.gradient(start, like: compiler.output(node))
            try compiler.appendSum(
                [unmasked], into: target, gradientMask: mask, compiler.purpose(node, "residual backward"))
            gradient = target
        }
        for source in compiler.graph.nodes[node].inputs {
            try compiler.addGradient(gradient, to: source, isShared: true)
        }
    }
}

extension Concatenate: OneDNNOperation {
    /// Each input that was not written to its place is copied there. In blocks of channels where all places begin with a
    /// block, else row-major.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let output = try compiler.concatenation(node)
        for (source, place) in zip(compiler.graph.nodes[node].inputs, compiler.places(in: node)) {
            var input = compiler.output(source)
            if input.memory === output.memory { continue }
            if output.sizes.count == 2 { input = try compiler.plainArray(input, of: source, "branch") }
            try compiler.appendCopy(
                input, to: try output.part(place), compiler.purpose(node, "concatenation forward"))
        }
        compiler.setOutput(node, output)
    }

    /// Each input's gradient is a part of the output's; copied out unless whoever asks for it can read it there.
    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        let (gradient, _) = try compiler.gradient(node, like: compiler.output(node))
        for (source, place) in zip(compiler.graph.nodes[node].inputs, compiler.places(in: node))
        where compiler.needsGradient(source) {
            let part = try gradient.part(place)
            if compiler.mayHaveSlicedGradient(source), part.isMap {
                try compiler.addGradient(part, to: source, isShared: true)
                continue
            }
            let isFlat = place.sizes.count == 2
            let layout = isFlat ? try Layout.plain(place.sizes) : compiler.output(source).layout
            let result = try compiler.allocate(place.sizes, layout)
            try compiler.appendCopy(part, to: result, compiler.purpose(node, "concatenation backward"))
            try compiler.addGradient(result, to: source)
        }
    }
}

extension PlanCompiler {
    /// The array that a node which concatenates puts its inputs into.
    fileprivate func concatenation(_ node: Int) throws -> PlanArray {
        if let array = concatenations[node] { return array }
        let sources = graph.nodes[node].inputs
        let first = output(sources[0])
        let sizes = sizes(node)
        var layout = try Layout.plain(sizes, first.layout.type)
        if sizes.count == 4, let block = first.layout.channelBlock, [8, 16].contains(block), canJoin(node, by: block) {
            layout = try .blocked(sizes, by: block, first.layout.type)
        }
        let array = try allocate(sizes, layout)
        concatenations[node] = array
        return array
    }

    /// Where a node's output, a feature map like `array`, can be written at once if nobody reads it but a concatenation.
    func concatenationSlot(for node: Int, like array: PlanArray) throws -> PlanArray? {
        guard let reader = onlyConsumer(of: node), graph.nodes[reader].operation is Concatenate,
            graph.nodes[node].shape.isFeatureMap, canJoin(reader, by: 16),
            let index = graph.nodes[reader].inputs.firstIndex(of: node), array.isMap
        else { return nil }
        let whole =
            try concatenations[reader] ?? allocate(sizes(reader), .blocked(sizes(reader), by: 16, array.layout.type))
        guard whole.isMap, whole.layout.type == array.layout.type else { return nil }
        concatenations[reader] = whole
        return try whole.part(places(in: reader)[index])
    }

    /// Whether all inputs of a concatenation begin with a block of channels.
    private func canJoin(_ node: Int, by block: Int) -> Bool {
        graph.nodes[node].inputs.dropLast().allSatisfy { graph.nodes[$0].shape.channels.isMultiple(of: block) }
    }

    /// Where each input of a concatenation lies in its output.
    fileprivate func places(in node: Int) -> [PlanArray.Place] {
        var first = 0
        return graph.nodes[node].inputs.map { source in
            let sizes = sizes(source)
            defer { first += sizes[1] }
            return PlanArray.Place(sizes: sizes, offsets: [0, first] + sizes.dropFirst(2).map { _ in 0 })
        }
    }
}
#endif
