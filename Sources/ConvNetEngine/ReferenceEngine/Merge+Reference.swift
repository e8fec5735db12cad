import ConvNetGraph

extension Add: ReferenceOperation {
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        node.output.copy(node.inputs[0])
        for input in node.inputs.dropFirst() { node.output.add(input) }
    }

    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for gradient in node.inputGradients { gradient?.add(node.outputGradient) }
    }
}

extension Multiply: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (a, b) = (node.inputs[0], node.inputs[1])
        forEachElement(of: node) { i, j, k in node.output[i] = a[j] * b[k] }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (a, b) = (node.inputs[0], node.inputs[1])
        forEachElement(of: node) { i, j, k in
            if let gradient = node.inputGradients[0] { gradient[j] += node.outputGradient[i] * b[k] }
            if let gradient = node.inputGradients[1] { gradient[k] += node.outputGradient[i] * a[j] }
        }
    }

    /// Calls `body` with each element of the output and those of the two inputs whose product it is.
    @inline(__always)
    private func forEachElement<Scalar>(
        of node: ReferenceNode<Scalar>, _ body: (_ output: Int, _ first: Int, _ second: Int) -> Void
    ) {
        let count = node.output.count
        let (first, second) = (count / node.inputs[0].count, count / node.inputs[1].count)
        for i in 0..<count { body(i, i / first, i / second) }
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
