#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

extension BatchNorm: OneDNNOperation {
    /// A ReLU behind it is part of the same pass over memory, forwards and backwards.
    ///
    /// oneDNN only normalises by given statistics: what it takes from a batch in training it sums in single precision, one
    /// pixel after the other, which large maps of nearly constant channels do not survive.
    func compileForward(_ compiler: PlanCompiler, node: Int) throws {
        let input = try compiler.map(compiler.input(node), of: compiler.source(node), "input")
        if compiler.hasBackward || compiler.passesAsInTraining {
            if compiler.graph.nodes[node].shape.isFeatureMap, input.isMap {
                return try BatchNormKernel(layer: self, compiler: compiler, node: node).compileForward(input)
            }
            return try ChannelNorm(layer: self, compiler: compiler, node: node).compileForward(input)
        }
        let relu = compiler.fusableReLU(after: node)
        let output = try compiler.allocate(input.sizes, input.layout)
        let primitive = try Primitive(compiler.purpose(node, "batch norm forward")) {
            cdnn_batch_norm(compiler.context, input.layout.pointer, Float(epsilon), affine, relu != nil, $0)
        }
        primitive.bind(cdnn_source, to: input.memory)
        primitive.bind(cdnn_output, to: output.memory)
        let statistics = runningStatistics(of: node, compiler)
        primitive.bind(cdnn_mean, to: statistics.mean)
        primitive.bind(cdnn_variance, to: statistics.variance)
        if affine {
            primitive.bind(cdnn_scale, to: compiler.master(node, 0))
            primitive.bind(cdnn_shift, to: compiler.master(node, 1))
        }
        try compiler.append(primitive)
        compiler.setInput(node, input)
        compiler.setOutput(node, fusedWith: relu, try compiler.shaped(output, as: node))
    }

    func compileBackward(_ compiler: PlanCompiler, node: Int) throws {
        if let record = compiler.batchNormRecord(node) {
            return try BatchNormKernel(layer: self, compiler: compiler, node: node).compileBackward(record)
        }
        try ChannelNorm(layer: self, compiler: compiler, node: node).compileBackward()
    }

    func runningStatistics(of node: Int, _ compiler: PlanCompiler) -> BatchStatistics {
        BatchStatistics(
            mean: compiler.master(node, runningMeanIndex), variance: compiler.master(node, runningVarianceIndex))
    }

    /// What a training pass normalises by.
    func trainingStatistics(of node: Int, channels: Int, _ compiler: PlanCompiler) -> BatchStatistics {
        compiler.hasGivenStatistics(node)
            ? runningStatistics(of: node, compiler) : compiler.batchStatistics(node, channels: channels)
    }

    func scaleAndShift(of node: Int, _ compiler: PlanCompiler) -> (scale: PlanMemory?, shift: PlanMemory?) {
        affine ? (compiler.master(node, 0), compiler.master(node, 1)) : (nil, nil)
    }

    /// Where the gradients of scale and shift go; nil where these are not trained.
    func allocateGradients(of node: Int, _ compiler: PlanCompiler) -> (scale: PlanMemory?, shift: PlanMemory?) {
        guard affine, compiler.trainsParameters(of: node) else { return (nil, nil) }
        return (compiler.allocateParameterGradient(node, 0), compiler.allocateParameterGradient(node, 1))
    }
}

/// Where mean and variance of each channel lie.
struct BatchStatistics {
    var mean, variance: PlanMemory
}
#endif
