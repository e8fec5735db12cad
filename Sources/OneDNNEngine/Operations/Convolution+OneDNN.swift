#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension Conv2D: OneDNNOperation {
    /// The sizes of the weight as oneDNN takes it: (groups, O, I, kH, kW) for a grouped convolution's
    /// (groups·O, I, kH, kW).
    func weightSizes(graph: Graph, node: Int) -> [Int] {
        let channels = graph.inputShapes(of: graph.nodes[node])[0].channels
        let own = [filters / groups, channels / groups, kernel.height, kernel.width]
        return groups > 1 ? [groups] + own : own
    }

    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        try PlannedConvolution(self, compiler, node).compileForward()
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        try PlannedConvolution(self, compiler, node).compileBackward()
    }
}

/// A convolution in a plan: chooses the algorithm of each pass, and adds its calls.
struct PlannedConvolution {
    enum Pass: String {
        case forward
        case backwardData = "backward data"
        case backwardWeights = "backward weights"
    }

    let layer: Conv2D
    let compiler: PlanCompiler
    let node: Int
    let shape: cdnn_window_shape

    init(_ layer: Conv2D, _ compiler: PlanCompiler, _ node: Int) {
        self.layer = layer
        self.compiler = compiler
        self.node = node
        let input = compiler.graph.inputShapes(of: compiler.graph.nodes[node])[0]
        let window = Window(
            kernel: layer.kernel, stride: layer.stride, dilation: layer.dilation, padding: layer.padding,
            input: input.size)
        shape = cdnn_window_shape(
            window, samples: compiler.batchSize, groups: layer.groups, input: input,
            output: compiler.graph.nodes[node].shape)
    }

    // MARK: Forward

    func compileForward() throws {
        let source = compiler.output(compiler.source(node))
        let epilogue = compiler.epilogue(of: node)
        switch try algorithm(.forward, for: [source], epilogue) {
        case .direct: try compileDirectForward(source, epilogue)
        case .winograd: try compileWinogradForward(source, epilogue)
        case .narrow: try compileNarrowForward(source, epilogue)
        }
    }

    private func compileWinogradForward(_ source: PlanArray, _ epilogue: ConvolutionEpilogue) throws {
        let input = try converted(source, "input")
        let layout = try Layout.weights(outputs: layer.filters, inputs: source.sizes[1], kernel: layer.kernel)
        try compiler.prefer(layout, for: node, 0)
        let parameters = try compiler.parameters(of: node, epilogue, hasBias: layer.bias)
        let weight = try parameters.weight(layout)
        let output = try compiler.allocate(
            compiler.sizes(node), .blocked(compiler.sizes(node), by: 16, compiler.precision))
        let call = WinogradConvolution(shape, compiler.session.threads).forward(
            compiler.purpose(node, "convolution forward"), input, weight, bias: parameters.bias,
            add: epilogue.addition.map { compiler.output($0.addend) }, relu: epilogue.activation != nil, to: output)
        compiler.append(call)
        compiler.setInput(node, input)
        compiler.finish(node, epilogue, output)
    }

    private func compileNarrowForward(_ source: PlanArray, _ epilogue: ConvolutionEpilogue) throws {
        // Other activations are left to a call of their own.
        let epilogue = epilogue.isRectified ? epilogue : epilogue.withoutActivation
        let input = try plain(source, "input")
        let layout = try Layout.plain(weightSizes)
        try compiler.prefer(layout, for: node, 0)
        let parameters = try compiler.parameters(of: node, epilogue, hasBias: layer.bias)
        let weight = try parameters.weight(layout)
        let output = try compiler.allocate(compiler.sizes(node))
        let call = NarrowConvolution(shape, compiler.session.threads).forward(
            compiler.purpose(node, "convolution forward"), input, weight, bias: parameters.bias,
            relu: epilogue.activation != nil, to: output)
        compiler.append(call)
        compiler.setInput(node, input)
        compiler.finish(node, epilogue, output)
    }

    private func compileDirectForward(_ source: PlanArray, _ epilogue: ConvolutionEpilogue) throws {
        var epilogue = epilogue
        var primitive = try directForward(shape, source, epilogue)
        if let addition = epilogue.addition {
            let addend = compiler.output(addition.addend)
            if try !addition.mayOverwrite || primitive.requiredLayout(cdnn_output) != addend.layout {
                epilogue = epilogue.withoutAddition
                primitive = try directForward(shape, source, epilogue)
            }
        }
        try compiler.chooseWeightLayout(of: node, primitive) {
            let output = PlanArray(
                sizes: compiler.sizes(node), layout: try primitive.requiredLayout(cdnn_output),
                memory: PlanMemory(bytes: 0))
            return try directBackwardWeights(shape, source, output, forward: primitive)
        }
        primitive.operations = shape.operations
        let parameters = try compiler.parameters(of: node, epilogue, hasBias: layer.bias)
        let output = try compiler.appendWeighted(
            primitive, node: node, source: source, parameters,
            into: epilogue.addition.map { compiler.output($0.addend) })
        compiler.finish(node, epilogue, output)
    }

    /// Feature maps are kept in the blocks of channels that training likes, in inference too: Winograd's algorithm and passes
    /// over memory know no other. Left to itself oneDNN 2.6 now and then takes channels last and "brgconv", whose results
    /// for 20 channels in float32 differ from run to run while other threads compute, too.
    func directForward(
        _ shape: cdnn_window_shape, _ source: PlanArray, _ epilogue: ConvolutionEpilogue
    ) throws -> Primitive {
        let sizes = [Int(shape.samples)] + compiler.sizes(node).dropFirst()
        if compiler.session.prefersBlocks {
            let blocked = try Layout.blocked(sizes, by: 16, compiler.precision)
            if let primitive = try? directForward(shape, source, epilogue, to: blocked), !primitive.isSlow {
                return primitive
            }
        }
        return try directForward(shape, source, epilogue, to: .any(sizes, compiler.precision))
    }

    /// Images come row-major, which few implementations are good at; converting them costs little.
    private func directForward(
        _ shape: cdnn_window_shape, _ source: PlanArray, _ epilogue: ConvolutionEpilogue, to output: Layout
    ) throws -> Primitive {
        var shape = shape
        func make(_ layout: Layout) throws -> Primitive {
            try Primitive(compiler.purpose(node, "convolution forward")) {
                cdnn_convolution_forward(
                    compiler.context, &shape, layout.pointer, output.pointer, layer.bias || epilogue.batchNorm != nil,
                    compiler.hasBackward, epilogue.addition != nil, epilogue.activation?.activation ?? .none, $0)
            }
        }
        return compiler.source(node) == 0
            ? try make(.any(source.sizes, compiler.precision))
            : try Primitive.preferring(source, as: compiler.precision) { try make($0[0]) }
    }

    // MARK: Backward

    func compileBackward() throws {
        if compiler.trainsParameters(of: node) { try compileWeightGradient() }
        if compiler.needsInputGradient(node) { try compileInputGradient() }
    }

    private func compileWeightGradient() throws {
        let (input, gradient) = (compiler.input(node), try compiler.gradient(node))
        switch try algorithm(.backwardWeights, for: [input, gradient]) {
        case .direct:
            let weightGradient = try directBackwardWeights(shape, input, gradient, forward: forwardHint())
            try compiler.appendWeightGradient(weightGradient, node: node, bias: layer.bias)
        case .winograd: try appendWinogradWeightGradient(input, gradient)
        case .narrow: try appendNarrowWeightGradient(input, gradient)
        }
    }

    private func compileInputGradient() throws {
        let (input, gradient) = (compiler.input(node), try compiler.gradient(node))
        switch try algorithm(.backwardData, for: [input, gradient]) {
        case .direct:
            let primitive = try directBackwardData(shape, input, gradient, forward: forwardHint())
            primitive.operations = shape.operations
            try compiler.appendInputGradient(primitive, node: node)
        case .winograd: try appendWinogradInputGradient(sizes: input.sizes, gradient)
        case .narrow: try appendNarrowInputGradient(sizes: input.sizes, gradient)
        }
    }

    private func appendWinogradWeightGradient(_ input: PlanArray, _ gradient: PlanArray) throws {
        let (input, gradient) = (try converted(input, "input"), try converted(gradient, "gradient"))
        let layout = try Layout.weights(outputs: layer.filters, inputs: input.sizes[1], kernel: layer.kernel)
        let biasGradient = layer.bias ? compiler.allocateParameterGradient(node, 1) : nil
        try compiler.withParameterGradient(node, 0, layout) { weightGradient in
            compiler.append(
                WinogradConvolution(shape, compiler.session.threads).backwardWeights(
                    compiler.purpose(node, "convolution backward, weights"), input, gradient, to: weightGradient,
                    bias: biasGradient))
        }
    }

    private func appendWinogradInputGradient(sizes: [Int], _ gradient: PlanArray) throws {
        let layout = try Layout.weights(outputs: layer.filters, inputs: sizes[1], kernel: layer.kernel)
        let weight = try compiler.parameter(node, 0, as: layout)
        let result = try compiler.allocate(sizes, .blocked(sizes, by: 16, compiler.precision))
        compiler.append(
            WinogradConvolution(shape, compiler.session.threads).backwardData(
                compiler.purpose(node, "convolution backward, data"), try converted(gradient, "gradient"), weight,
                to: result))
        try compiler.addGradient(result, to: compiler.source(node))
    }

    private func appendNarrowWeightGradient(_ input: PlanArray, _ gradient: PlanArray) throws {
        let convolution = NarrowConvolution(shape, compiler.session.threads)
        let isBlocked = convolution.prefersBlocks
        let input = try plain(input, "input")
        let gradient = try isBlocked ? blocked(gradient, "gradient") : plain(gradient, "gradient")
        let purpose = compiler.purpose(node, "convolution backward, weights")
        let bias = layer.bias ? compiler.allocateParameterGradient(node, 1) : nil
        let layout = try isBlocked ? Layout.outputBlocks(weightSizes) : .plain(weightSizes)
        try compiler.withParameterGradient(node, 0, layout) { result in
            compiler.append(
                isBlocked
                    ? convolution.backwardWeights(purpose, input, blocks: gradient, to: result, bias: bias)
                    : convolution.backwardWeights(purpose, input, gradient, to: result, bias: bias))
        }
    }

    private func appendNarrowInputGradient(sizes: [Int], _ gradient: PlanArray) throws {
        let weight = try compiler.parameter(node, 0, as: .plain(weightSizes))
        let result = try compiler.allocate(sizes)
        compiler.append(
            NarrowConvolution(shape, compiler.session.threads).backwardData(
                compiler.purpose(node, "convolution backward, data"), try plain(gradient, "gradient"), weight,
                to: result))
        try compiler.addGradient(result, to: compiler.source(node))
    }

    func directBackwardWeights(
        _ shape: cdnn_window_shape, _ input: PlanArray, _ gradient: PlanArray, forward: Primitive
    ) throws -> WeightGradient {
        let purpose = compiler.purpose(node, "convolution backward, weights")
        return try WeightGradient(
            purpose, weightCount: weightSizes.reduce(1, *), operations: shape.operations, input: input,
            outputGradient: gradient, threads: compiler.session.threads
        ) { input, gradient in
            var shape = shape
            shape.samples = Int64(input.sizes[0])
            return try Primitive.preferring(input, gradient, as: compiler.precision) { layouts in
                try Primitive(purpose) {
                    cdnn_convolution_backward_weights(
                        compiler.context, &shape, layouts[0].pointer, layouts[1].pointer, forward.pointer, $0)
                }
            }
        }
    }

    func directBackwardData(
        _ shape: cdnn_window_shape, _ input: PlanArray, _ gradient: PlanArray, forward: Primitive
    ) throws -> Primitive {
        var shape = shape
        return try Primitive.preferring(input, gradient, as: compiler.precision) { layouts in
            try Primitive(compiler.purpose(node, "convolution backward, data")) {
                cdnn_convolution_backward_data(
                    compiler.context, &shape, layouts[0].pointer, layouts[1].pointer, forward.pointer, $0)
            }
        }
    }

    /// The forward primitive that backward ones are made from, also where another algorithm went forwards.
    private func forwardHint() throws -> Primitive {
        if compiler.hasForwardPrimitive(node) { return compiler.forwardPrimitive(node) }
        let primitive = try directForward(shape, compiler.input(node), ConvolutionEpilogue())
        compiler.setForwardPrimitive(node, primitive)
        return primitive
    }
}

extension cdnn_window_shape {
    /// Additions and multiplications of a convolution.
    var operations: Double {
        let taps = input_channels / groups * kernel.0 * kernel.1
        return 2 * Double(samples * output_channels * output_size.0 * output_size.1) * Double(taps)
    }

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
