import ConvNetGraph

extension Dropout: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output) = (node.inputs[0], node.output)
        forEachFactor(node) { i, factor in output[i] = input[i] * factor }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        forEachFactor(node) { i, factor in inputGradient[i] += node.outputGradient[i] * factor }
    }

    /// Calls `body` with each element and what dropout multiplies it by: always 1 outside training.
    @inline(__always)
    private func forEachFactor<Scalar: ReferenceScalar>(
        _ node: ReferenceNode<Scalar>, _ body: (_ i: Int, _ factor: Scalar) -> Void
    ) {
        let size = node.output.count / node.output.samples
        for n in 0..<node.output.samples {
            let mask = Mask(
                rate: rate, layer: node.index, seed: node.pass.seed, epoch: node.pass.epoch,
                sample: Int(node.pass.samples[n]))
            for i in 0..<size {
                body(n * size + i, node.pass.isTraining ? Scalar(mask.factors(block: i / 4)[i % 4]) : 1)
            }
        }
    }
}
