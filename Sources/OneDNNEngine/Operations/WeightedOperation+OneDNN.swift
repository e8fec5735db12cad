#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

/// What convolutions and dense layers do alike once their primitives are made: bind input, weight, bias and output.
extension PlanCompiler {
    /// Lets the weight of a node move to where training wants it, if this plan is the one that chooses: as the forward
    /// primitive reads it or, where that reads a copy of less precision, as its gradient comes.
    func chooseWeightLayout(of node: Int, _ forward: Primitive, backwardWeights: () throws -> WeightGradient) throws {
        guard choosesLayouts else { return }
        let layout = try forward.requiredLayout(cdnn_weights)
        try prefer(layout.type == cdnn_float32 ? layout : backwardWeights().weight, for: node, 0)
    }

    /// Adds the forward primitive of a node with a weight and perhaps a bias; returns the output.
    ///
    /// - Parameter target: where the output goes, if it is there already.
    func appendWeighted(
        _ primitive: Primitive, node: Int, source: PlanArray, _ parameters: WeightedParameters,
        into target: PlanArray? = nil
    ) throws -> PlanArray {
        let input = try array(source, as: try primitive.requiredLayout(cdnn_source), purpose(node, "input"))
        primitive.bind(cdnn_source, to: input.memory)
        primitive.bind(cdnn_weights, to: try parameters.weight(try primitive.requiredLayout(cdnn_weights)))
        if let bias = parameters.bias { primitive.bind(cdnn_bias, to: bias) }
        let output = try target ?? allocate(sizes(node), try primitive.requiredLayout(cdnn_output))
        primitive.bind(cdnn_output, to: output.memory)
        try append(primitive)
        setForwardPrimitive(node, primitive)
        setInput(node, input)
        return output
    }

    /// Adds a call that computes the gradient of the weight, and one for that of the bias: oneDNN would sum it in single
    /// precision, one pixel after the other.
    func appendWeightGradient(_ weightGradient: WeightGradient, node: Int, bias: Bool) throws {
        let input = try array(input(node), as: weightGradient.input, purpose(node, "input"))
        let gradient = try outputGradient(of: node, as: weightGradient.outputGradient)
        if bias {
            try appendChannelSums(
                of: gradient, to: allocateParameterGradient(node, 1), purpose(node, "gradient of the bias"))
        }
        try withParameterGradient(node, 0, weightGradient.weight) {
            calls.append(try weightGradient.planned(input.memory, gradient.memory, to: $0))
        }
    }

    /// Adds the primitive that computes the gradient of the input, from that of the output and the weight.
    func appendInputGradient(_ primitive: Primitive, node: Int) throws {
        let gradient = try outputGradient(of: node, as: try primitive.requiredLayout(cdnn_output_gradient))
        let weights = try primitive.requiredLayout(cdnn_weights)
        let result = try allocate(input(node).sizes, try primitive.requiredLayout(cdnn_source_gradient))
        primitive.bind(cdnn_output_gradient, to: gradient.memory)
        primitive.bind(cdnn_weights, to: try parameter(node, 0, as: weights))
        primitive.bind(cdnn_source_gradient, to: result.memory)
        try append(primitive)
        try addGradient(result, to: source(node))
    }

    private func outputGradient(of node: Int, as layout: Layout) throws -> PlanArray {
        try array(try gradient(node), as: layout, purpose(node, "gradient"))
    }
}
#endif
