import ConvNetGraph

/// A custom layer, which computes in `Float` whatever the engine computes in.
struct ReferenceCustomLayer: ReferenceOperation {
    let layer: CustomLayerNode

    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) throws {
        let output = try layer.forward(pass(node))
        for (i, value) in output.enumerated() { node.output[i] = Scalar(value) }
    }

    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) throws {
        let gradients = try layer.backward(
            pass(node), output: node.output.floats, outputGradient: node.outputGradient.floats)
        for (inputGradient, values) in zip(node.inputGradients, gradients.inputs) {
            guard let inputGradient else { continue }
            for (i, value) in values.enumerated() { inputGradient[i] += Scalar(value) }
        }
        for (gradient, values) in zip(node.parameterGradients, gradients.parameters) {
            for (i, value) in values.enumerated() { gradient[i] += Scalar(value) }
        }
    }

    private func pass<Scalar>(_ node: ReferenceNode<Scalar>) -> LayerPass {
        layer.pass(
            inputs: node.inputs.map(\.floats), parameters: node.parameters.map(\.floats),
            isTraining: node.pass.isTraining)
    }
}

extension Tensor {
    fileprivate var floats: [Float] { UnsafeBufferPointer(start: pointer, count: count).map { Float($0) } }
}
