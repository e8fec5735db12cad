import ConvNetGraph

extension Flatten: ReferenceOperation {
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) { node.output.copy(node.inputs[0]) }
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        node.inputGradients[0]?.add(node.outputGradient)
    }
}

extension Reshape: ReferenceOperation {
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) { node.output.copy(node.inputs[0]) }
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        node.inputGradients[0]?.add(node.outputGradient)
    }
}

extension ZeroPadding2D: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output) = (node.inputs[0], node.output)
        output.fill(0)
        for n in 0..<input.samples {
            for c in 0..<input.channels {
                for y in 0..<input.height {
                    for x in 0..<input.width { output[n, c, y + edges.top, x + edges.left] = input[n, c, y, x] }
                }
            }
        }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for n in 0..<inputGradient.samples {
            for c in 0..<inputGradient.channels {
                for y in 0..<inputGradient.height {
                    for x in 0..<inputGradient.width {
                        inputGradient[n, c, y, x] += node.outputGradient[n, c, y + edges.top, x + edges.left]
                    }
                }
            }
        }
    }
}
