#if CONVNET_ONEDNN
import COneDNN
import ConvNetCore

/// What convolutions and dense layers do alike once their primitives are made: bind input, weight, bias and output.
extension PlanCompiler {
    /// Adds the forward primitive of a node with a weight and perhaps a bias; returns the output.
    func appendWeighted(
        _ primitive: Primitive, node: Int, source: PlanArray, bias: Bool
    ) throws -> PlanArray {
        let weights = try primitive.requiredLayout(cdnn_weights)
        try prefer(weights, for: node, 0)
        let input = try array(source, as: try primitive.requiredLayout(cdnn_source), purpose(node, "input"))
        primitive.bind(cdnn_source, to: input.memory)
        primitive.bind(cdnn_weights, to: try parameter(node, 0, as: weights))
        if bias {
            let layout = try primitive.requiredLayout(cdnn_bias)
            primitive.bind(cdnn_bias, to: try parameter(node, 1, as: layout))
        }
        let output = try allocate(sizes(node), try primitive.requiredLayout(cdnn_output))
        primitive.bind(cdnn_output, to: output.memory)
        try append(primitive)
        setForwardPrimitive(node, primitive)
        setInput(node, input)
        return output
    }

    /// Adds the primitive that computes the gradients of weight and bias.
    func appendWeightGradient(_ primitive: Primitive, node: Int, bias: Bool) throws {
        let input = try array(input(node), as: try primitive.requiredLayout(cdnn_source), purpose(node, "input"))
        let gradient = try outputGradient(of: node, for: primitive)
        primitive.bind(cdnn_source, to: input.memory)
        primitive.bind(cdnn_output_gradient, to: gradient.memory)
        try append(primitive)
        try bindParameterGradient(node, 0, cdnn_weights_gradient, of: primitive)
        if bias { try bindParameterGradient(node, 1, cdnn_bias_gradient, of: primitive) }
    }

    /// Adds the primitive that computes the gradient of the input, from that of the output and the weight.
    func appendInputGradient(_ primitive: Primitive, node: Int) throws {
        let gradient = try outputGradient(of: node, for: primitive)
        let weights = try primitive.requiredLayout(cdnn_weights)
        let result = try allocate(input(node).sizes, try primitive.requiredLayout(cdnn_source_gradient))
        primitive.bind(cdnn_output_gradient, to: gradient.memory)
        primitive.bind(cdnn_weights, to: try parameter(node, 0, as: weights))
        primitive.bind(cdnn_source_gradient, to: result.memory)
        try append(primitive)
        try addGradient(result, to: source(node))
    }

    private func outputGradient(of node: Int, for primitive: Primitive) throws -> PlanArray {
        try array(
            gradient(node), as: try primitive.requiredLayout(cdnn_output_gradient), purpose(node, "gradient"))
    }
}
#endif
