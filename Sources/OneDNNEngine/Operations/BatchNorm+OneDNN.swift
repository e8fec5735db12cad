#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

extension BatchNorm: OneDNNOperation {
    /// A ReLU behind it is part of the same pass over memory, forwards and backwards.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = try normalizable(compiler.input(node), compiler, node)
        if compiler.isTraining, compiler.graph.nodes[node].shape.isFeatureMap, input.isMap {
            return try BatchNormKernel(layer: self, compiler: compiler, node: node).compileForward(input)
        }
        let relu = compiler.fusableReLU(after: node)
        let output = try compiler.allocate(input.sizes, input.layout)
        let evaluation = try forward(compiler, node, input, output, relu: relu != nil, isTraining: false)
        if compiler.isTraining {
            let training = try forward(compiler, node, input, output, relu: relu != nil, isTraining: true)
            compiler.setForwardPrimitive(node, training)
            let batch = isFrozen ? nil : compiler.batchStatistics(node, channels: input.sizes[1])
            let (running, pass) = (runningStatistics(of: node, compiler), compiler.pass)
            try training.bindScratchpad()
            try evaluation.bindScratchpad()
            compiler.append(training.purpose, using: training.memory + evaluation.memory) {
                try training.prepare()
                try evaluation.prepare()
                return BatchNormCall(
                    self, training: training, evaluation: evaluation, batch: batch, running: running,
                    sizes: input.sizes, pass)
            }
            if let relu { compiler.fuseBackward(of: relu, into: node) }
        } else {
            try compiler.append(evaluation)
        }
        compiler.setInput(node, input)
        compiler.setOutput(node, fusedWith: relu, try denormalized(output, compiler, node))
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        if let record = compiler.batchNormRecord(node) {
            return try BatchNormKernel(layer: self, compiler: compiler, node: node).compileBackward(record)
        }
        let input = compiler.input(node)
        let forward = compiler.forwardPrimitive(node)
        let start = compiler.gradientNode(of: node)
        let (gradient, target) = try compiler.gradient(start, like: input)
        let primitive = try Primitive(compiler.purpose(node, "batch norm backward")) {
            cdnn_batch_norm_backward(
                compiler.context, input.layout.pointer, gradient.layout.pointer, Float(epsilon), isFrozen, affine,
                start != node, forward.pointer, $0)
        }
        primitive.bind(cdnn_source, to: input.memory)
        primitive.bind(cdnn_output_gradient, to: gradient.memory)
        primitive.bind(cdnn_source_gradient, to: target.memory)
        try bindVectors(primitive, compiler, node, channels: input.sizes[1], isTraining: true)
        if affine {
            primitive.bind(cdnn_scale_gradient, to: compiler.allocateParameterGradient(node, 0))
            primitive.bind(cdnn_shift_gradient, to: compiler.allocateParameterGradient(node, 1))
        }
        if let workspace = compiler.workspace(node) { primitive.bind(cdnn_workspace, to: workspace) }
        try compiler.append(primitive)
        try compiler.addGradient(try denormalized(target, compiler, node), to: compiler.source(node))
    }

    private func forward(
        _ compiler: PlanCompiler, _ node: Int, _ input: PlanArray, _ output: PlanArray, relu: Bool,
        isTraining: Bool
    ) throws -> Primitive {
        let primitive = try Primitive(compiler.purpose(node, "batch norm forward")) {
            cdnn_batch_norm_forward(
                compiler.context, input.layout.pointer, Float(epsilon), isTraining, isFrozen || !isTraining, affine,
                relu, $0)
        }
        primitive.bind(cdnn_source, to: input.memory)
        primitive.bind(cdnn_output, to: output.memory)
        if isTraining, let workspace = try primitive.layout(cdnn_workspace) {
            let memory = PlanMemory(bytes: workspace.bytes)
            primitive.bind(cdnn_workspace, to: memory)
            compiler.setWorkspace(node, memory)
        }
        try bindVectors(primitive, compiler, node, channels: input.sizes[1], isTraining: isTraining)
        return primitive
    }

    private func bindVectors(
        _ primitive: Primitive, _ compiler: PlanCompiler, _ node: Int, channels: Int, isTraining: Bool
    ) throws {
        let usesBatch = isTraining && !isFrozen
        let statistics =
            usesBatch
            ? compiler.batchStatistics(node, channels: channels) : runningStatistics(of: node, compiler)
        primitive.bind(cdnn_mean, to: statistics.mean)
        primitive.bind(cdnn_variance, to: statistics.variance)
        if affine {
            primitive.bind(cdnn_scale, to: compiler.master(node, 0))
            primitive.bind(cdnn_shift, to: compiler.master(node, 1))
        }
    }

    private func runningStatistics(of node: Int, _ compiler: PlanCompiler) -> BatchStatistics {
        BatchStatistics(
            mean: compiler.master(node, runningMeanIndex), variance: compiler.master(node, runningVarianceIndex))
    }

    /// The input as oneDNN takes it: N×C×H×W, a flat vector being so many channels of one pixel.
    private func normalizable(_ array: PlanArray, _ compiler: PlanCompiler, _ node: Int) throws -> PlanArray {
        if compiler.graph.nodes[node].shape.isFeatureMap { return array }
        let flat = try compiler.plainArray(array, of: node, "input")
        return try flat.described(as: flat.sizes + [1, 1])
    }

    /// What oneDNN made of it, as the node's own shape has it.
    private func denormalized(_ array: PlanArray, _ compiler: PlanCompiler, _ node: Int) throws -> PlanArray {
        compiler.graph.nodes[node].shape.isFeatureMap ? array : try array.described(as: compiler.sizes(node))
    }
}

/// Where mean and variance of each channel lie.
struct BatchStatistics {
    var mean, variance: PlanMemory
}

/// Normalises by the batch in training, after which the running statistics follow, and by these in evaluation.
final class BatchNormCall: PlanCall {
    private let training, evaluation: Primitive
    private let pass: Pass
    private let batch: BatchStatistics?
    private let running: BatchStatistics
    private let channels: Int
    private let momentum, unbiased: Float

    /// - Parameter batch: what training leaves for the running statistics to follow; nil where the layer is frozen.
    init(
        _ layer: BatchNorm, training: Primitive, evaluation: Primitive, batch: BatchStatistics?,
        running: BatchStatistics, sizes: [Int], _ pass: Pass
    ) {
        self.training = training
        self.evaluation = evaluation
        self.pass = pass
        self.batch = batch
        self.running = running
        channels = sizes[1]
        momentum = Float(layer.momentum)
        // One value a channel is refused unless the layer is frozen, and then nothing follows.
        let count = Float(sizes.reduce(1, *) / sizes[1])
        unbiased = count / max(count - 1, 1)
    }

    func run() throws {
        guard pass.isTraining else { return try evaluation.run() }
        try training.run()
        guard let batch else { return }
        follow(running.mean, batch.mean, factor: 1)
        follow(running.variance, batch.variance, factor: unbiased)
    }

    /// running = (1 − momentum) · running + momentum · factor · batch
    private func follow(_ running: PlanMemory, _ batch: PlanMemory, factor: Float) {
        let (running, batch) = (running.floats, batch.floats)
        for channel in 0..<channels {
            running[channel] = (1 - momentum) * running[channel] + momentum * (factor * batch[channel])
        }
    }
}
#endif
