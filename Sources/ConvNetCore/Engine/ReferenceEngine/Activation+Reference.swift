extension ReLU: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count { node.output[i] = max(0, node.inputs[0][i]) }
    }

    /// The derivative at 0 is taken to be 0.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count where node.output[i] > 0 { inputGradient[i] += node.outputGradient[i] }
    }
}

extension Tanh: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count { node.output[i] = Scalar.tanh(node.inputs[0][i]) }
    }

    /// tanh′ = 1 − tanh²
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count {
            inputGradient[i] += node.outputGradient[i] * (1 - node.output[i] * node.output[i])
        }
    }
}

extension Sigmoid: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count { node.output[i] = 1 / (1 + Scalar.exp(-node.inputs[0][i])) }
    }

    /// σ′ = σ · (1 − σ)
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count {
            inputGradient[i] += node.outputGradient[i] * node.output[i] * (1 - node.output[i])
        }
    }
}
