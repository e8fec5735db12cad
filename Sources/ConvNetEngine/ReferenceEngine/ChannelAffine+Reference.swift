import ConvNetGraph

extension ChannelAffine: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, weight, bias) = (node.inputs[0], node.parameters[0], node.parameters[1])
        let area = input.height * input.width
        for i in 0..<input.count {
            let c = i / area % input.channels
            node.output[i] = input[i] * weight[c] + bias[c]
        }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, gradient, weight) = (node.inputs[0], node.outputGradient, node.parameters[0])
        for c in 0..<input.channels {
            node.parameterGradients[0][c] += gradient.sum(ofChannel: c) { n, y, x in
                gradient[n, c, y, x] * input[n, c, y, x]
            }
            node.parameterGradients[1][c] += gradient.sum(ofChannel: c) { n, y, x in gradient[n, c, y, x] }
        }
        guard let inputGradient = node.inputGradients[0] else { return }
        let area = input.height * input.width
        for i in 0..<input.count { inputGradient[i] += gradient[i] * weight[i / area % input.channels] }
    }
}
