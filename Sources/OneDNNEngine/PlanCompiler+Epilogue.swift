#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

/// What a convolution does besides, so that its output passes through memory once: in training an activation, in inference
/// also a batch norm, which becomes part of weight and bias, and the addition that ends a residual.
struct ConvolutionEpilogue {
    struct Addition {
        var node: Int
        /// Whose output is added.
        var addend: Int
        /// Whether nobody else is going to read that.
        var mayOverwrite: Bool
    }

    var batchNorm: Int?
    var addition: Addition?
    var activation: (node: Int, activation: cdnn_activation)?

    /// What is behind the addition is left to others, too.
    var withoutAddition: ConvolutionEpilogue { ConvolutionEpilogue(batchNorm: batchNorm) }

    var withoutActivation: ConvolutionEpilogue { ConvolutionEpilogue(batchNorm: batchNorm, addition: addition) }

    /// Whether the activation is there, and is a plain ReLU.
    var isRectified: Bool { activation.map { $0.activation.kind == cdnn_relu && $0.activation.alpha == 0 } ?? false }
}

extension PlanCompiler {
    /// What can become part of a convolution.
    func epilogue(of node: Int) -> ConvolutionEpilogue {
        var epilogue = ConvolutionEpilogue()
        var end = node
        if !hasBackward {
            if let next = onlyConsumer(of: end), graph.nodes[next].operation is BatchNorm, hasGivenStatistics(next) {
                epilogue.batchNorm = next
                end = next
            }
            if let (next, addend) = fusableAddition(after: end) {
                epilogue.addition = ConvolutionEpilogue.Addition(
                    node: next, addend: addend, mayOverwrite: isReadOnce(addend, behind: node, by: next))
                end = next
            }
        }
        epilogue.activation = fusableActivation(after: end)
        return epilogue
    }

    /// Says that the convolution `node` has computed its epilogue too.
    func finish(_ node: Int, _ epilogue: ConvolutionEpilogue, _ output: PlanArray) {
        for node in [node, epilogue.batchNorm, epilogue.addition?.node, epilogue.activation?.node].compactMap({ $0 }) {
            setOutput(node, output)
        }
        skip([epilogue.batchNorm, epilogue.addition?.node, epilogue.activation?.node].compactMap { $0 })
    }

    /// Whether the memory of a node's output is read by `reader`, and by nothing else that comes behind `node`.
    private func isReadOnce(_ output: Int, behind node: Int, by reader: Int) -> Bool {
        let memory = self.output(output).memory
        guard memory.lifetime == .used else { return false }
        return graph.nodes.indices.allSatisfy { other in
            guard hasOutput(other), self.output(other).memory === memory else { return true }
            return consumers(of: other).allSatisfy { $0 < node || $0 == reader }
        }
    }

    // MARK: Parameters

    /// Weight and bias of a convolution as its forward pass takes them, a batch norm worked in.
    func parameters(of node: Int, _ epilogue: ConvolutionEpilogue, hasBias: Bool) throws -> WeightedParameters {
        guard let batchNorm = epilogue.batchNorm, let layer = graph.nodes[batchNorm].operation as? BatchNorm else {
            return WeightedParameters(
                bias: hasBias ? master(node, 1) : nil, weight: { try self.parameter(node, 0, as: $0) })
        }
        let master = session.masters[parameterIndex(node, 0)]
        let sizes = session.sizes[parameterIndex(node, 0)]
        let name = graph.parameters[parameterIndex(node, 0)].name
        let from = PlanArray(sizes: sizes, layout: master.layout, memory: master.memory)
        let plain = try allocate(sizes)
        let filters = graph.nodes[node].shape.channels
        let bias = try allocate([filters], lifetime: .always)
        appendRefresh(try conversion(from, to: plain, "\(name): conversion"))
        let fold = BatchNormFolding(
            layer, weight: plain.memory, count: sizes.reduce(1, *), bias: bias.memory,
            given: hasBias ? self.master(node, 1) : nil, filters: filters,
            vectors: parameterIndices(of: batchNorm).map { session.masters[$0].memory })
        appendRefresh([
            PlannedCall(
                purpose: "\(name): batch norm worked in", memory: { [plain.memory, bias.memory] }, make: { fold })
        ])
        return WeightedParameters(bias: bias.memory) { layout in
            let copy = try self.allocate(sizes, layout, lifetime: .always)
            self.appendRefresh(try self.conversion(plain, to: copy, "\(name): conversion"))
            return copy.memory
        }
    }
}

/// Weight and bias as a layer's forward pass takes them.
struct WeightedParameters {
    var bias: PlanMemory?
    /// The weight in a layout.
    var weight: (Layout) throws -> PlanMemory
}

/// Multiplies a convolution's weight by what a batch norm behind it multiplies its output by, and makes the bias that leads
/// to the same sum:
///
///     f = scale / √(variance + ε)        weight = f · weight        bias = shift + f · (bias − mean)
final class BatchNormFolding: PlanCall {
    private let layer: BatchNorm
    private let weight, bias: PlanMemory
    private let given: PlanMemory?
    private let count, filters: Int
    private let vectors: [PlanMemory]

    /// - Parameters:
    ///   - weight: row-major, `count` elements.
    ///   - given: the convolution's own bias.
    ///   - vectors: the batch norm's parameters.
    init(
        _ layer: BatchNorm, weight: PlanMemory, count: Int, bias: PlanMemory, given: PlanMemory?, filters: Int,
        vectors: [PlanMemory]
    ) {
        self.layer = layer
        self.weight = weight
        self.bias = bias
        self.given = given
        self.count = count
        self.filters = filters
        self.vectors = vectors
    }

    func run() {
        let (weight, bias) = (weight.floats, bias.floats)
        let mean = vectors[layer.runningMeanIndex].floats
        let variance = vectors[layer.runningVarianceIndex].floats
        let each = count / filters
        for filter in 0..<filters {
            let scale = layer.affine ? vectors[0].floats[filter] : 1
            let factor = Float(Double(scale) / (Double(variance[filter]) + layer.epsilon).squareRoot())
            for i in filter * each..<(filter + 1) * each { weight[i] *= factor }
            let shift = layer.affine ? vectors[1].floats[filter] : 0
            bias[filter] = shift + factor * ((given?.floats[filter] ?? 0) - mean[filter])
        }
    }
}
#endif
