import ConvNetGraph

extension PReLU: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, weight) = (node.inputs[0], node.parameters[0])
        forEachElement(of: input) { i, c in
            let x = input[i]
            node.output[i] = x > 0 ? x : weight[c] * x
        }
    }

    /// The derivative at 0 is taken to be the weight.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, weight) = (node.inputs[0], node.parameters[0])
        forEachElement(of: input) { i, c in
            let (x, gradient) = (input[i], node.outputGradient[i])
            if !(x > 0) { node.parameterGradients[0][c] += gradient * x }
            if let inputGradient = node.inputGradients[0] {
                inputGradient[i] += x > 0 ? gradient : gradient * weight[c]
            }
        }
    }

    /// Calls `body` with each element and the index of its weight.
    @inline(__always)
    private func forEachElement<Scalar>(of input: Tensor<Scalar>, _ body: (_ i: Int, _ c: Int) -> Void) {
        let area = input.height * input.width
        for i in 0..<input.count { body(i, isShared ? 0 : i / area % input.channels) }
    }
}
