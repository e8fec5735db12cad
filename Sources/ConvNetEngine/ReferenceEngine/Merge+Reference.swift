import ConvNetGraph

extension Add: ReferenceOperation {
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        node.output.copy(node.inputs[0])
        node.output.add(node.inputs[1])
    }

    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for gradient in node.inputGradients { gradient?.add(node.outputGradient) }
    }
}

extension Concatenate: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        var first = 0
        for input in node.inputs {
            for n in 0..<input.samples {
                for c in 0..<input.channels {
                    for y in 0..<input.height {
                        for x in 0..<input.width { node.output[n, first + c, y, x] = input[n, c, y, x] }
                    }
                }
            }
            first += input.channels
        }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        var first = 0
        for index in node.inputs.indices {
            let channels = node.inputs[index].channels
            defer { first += channels }
            guard let gradient = node.inputGradients[index] else { continue }
            for n in 0..<gradient.samples {
                for c in 0..<channels {
                    for y in 0..<gradient.height {
                        for x in 0..<gradient.width {
                            gradient[n, c, y, x] += node.outputGradient[n, first + c, y, x]
                        }
                    }
                }
            }
        }
    }
}
