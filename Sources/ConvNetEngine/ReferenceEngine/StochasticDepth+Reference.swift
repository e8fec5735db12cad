import ConvNetGraph

extension StochasticDepth: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        forEachElement(node) { i, factor in node.output[i] = node.inputs[0][i] * factor }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        forEachElement(node) { i, factor in inputGradient[i] += node.outputGradient[i] * factor }
    }

    /// Calls `body` with each element and what its sample is multiplied by: always 1 outside training.
    @inline(__always)
    private func forEachElement<Scalar: ReferenceScalar>(
        _ node: ReferenceNode<Scalar>, _ body: (_ i: Int, _ factor: Scalar) -> Void
    ) {
        let (pass, size) = (node.pass, node.output.count / node.output.samples)
        for n in 0..<node.output.samples {
            let factor =
                pass.isTraining
                ? factor(layer: node.index, seed: pass.seed, epoch: pass.epoch, sample: Int(pass.samples[n])) : 1
            for i in n * size..<(n + 1) * size { body(i, Scalar(factor)) }
        }
    }
}
