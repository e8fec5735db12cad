import ConvNetGraph

extension AuxiliaryOutput: ReferenceOperation {
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) { node.output.copy(node.inputs[0]) }
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        node.inputGradients[0]?.add(node.outputGradient)
    }
}
