import ConvNetGraph

extension Dense: ReferenceOperation {
    /// output(n, o) = bias(o) + Σ input(n, i) · weight(o, i)
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, weight) = (node.inputs[0], node.parameters[0])
        for n in 0..<input.samples {
            for o in 0..<units {
                var sum = bias ? node.parameters[1][o] : 0
                for i in 0..<input.channels { sum += input[n, i, 0, 0] * weight[o, i, 0, 0] }
                node.output[n, o, 0, 0] = sum
            }
        }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, weight) = (node.inputs[0], node.parameters[0])
        let (inputGradient, weightGradient) = (node.inputGradients[0], node.parameterGradients[0])
        for n in 0..<input.samples {
            for o in 0..<units {
                let g = node.outputGradient[n, o, 0, 0]
                if bias { node.parameterGradients[1][o] += g }
                for i in 0..<input.channels {
                    weightGradient[o, i, 0, 0] += g * input[n, i, 0, 0]
                    inputGradient?[n, i, 0, 0] += g * weight[o, i, 0, 0]
                }
            }
        }
    }
}
