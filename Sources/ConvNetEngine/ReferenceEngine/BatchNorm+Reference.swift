import ConvNetGraph

extension BatchNorm: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output) = (node.inputs[0], node.output)
        for c in 0..<input.channels {
            let (mean, variance) = statistics(of: c, node)
            let deviation = (variance + Scalar(epsilon)).squareRoot()
            let weight = affine ? node.parameters[0][c] : 1
            let bias = affine ? node.parameters[1][c] : 0
            forEachPixel(of: input) { n, y, x in
                output[n, c, y, x] = (input[n, c, y, x] - mean) / deviation * weight + bias
            }
            if usesBatch(node) {
                let count = Scalar(input.count / input.channels)
                update(node.parameters[runningMeanIndex], c, with: mean)
                update(node.parameters[runningVarianceIndex], c, with: variance * count / (count - 1))
            }
        }
    }

    /// Mean and variance of a batch depend on each of its elements. With x̂ = (x − mean) / deviation,
    ///
    ///     gradient of x = weight / deviation · (g − mean of g − x̂ · mean of (g · x̂))
    ///
    /// and the two means fall away where the running statistics are used. Source: the paper, section 3.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, gradient, inputGradient) = (node.inputs[0], node.outputGradient, node.inputGradients[0])
        for c in 0..<input.channels {
            let (mean, variance) = statistics(of: c, node)
            let deviation = (variance + Scalar(epsilon)).squareRoot()
            let weight = affine ? node.parameters[0][c] : 1
            let gradientSum = gradient.sum(ofChannel: c) { n, y, x in gradient[n, c, y, x] }
            let productSum = gradient.sum(ofChannel: c) { n, y, x in
                gradient[n, c, y, x] * (input[n, c, y, x] - mean) / deviation
            }
            if affine {
                node.parameterGradients[0][c] += productSum
                node.parameterGradients[1][c] += gradientSum
            }
            guard let inputGradient else { continue }
            let count = Scalar(input.count / input.channels)
            let gradientMean = usesBatch(node) ? gradientSum / count : 0
            let productMean = usesBatch(node) ? productSum / count : 0
            forEachPixel(of: input) { n, y, x in
                let normalized = (input[n, c, y, x] - mean) / deviation
                inputGradient[n, c, y, x] +=
                    weight / deviation * (gradient[n, c, y, x] - gradientMean - normalized * productMean)
            }
        }
    }

    private func usesBatch<Scalar>(_ node: ReferenceNode<Scalar>) -> Bool { node.pass.isTraining && !node.isFrozen }

    /// Mean and biased variance of one channel: of the batch or, outside training, the running ones.
    @inline(__always)
    private func statistics<Scalar: ReferenceScalar>(
        of c: Int, _ node: ReferenceNode<Scalar>
    ) -> (mean: Scalar, variance: Scalar) {
        guard usesBatch(node) else {
            return (node.parameters[runningMeanIndex][c], node.parameters[runningVarianceIndex][c])
        }
        let input = node.inputs[0]
        let count = Scalar(input.count / input.channels)
        let mean = input.sum(ofChannel: c) { n, y, x in input[n, c, y, x] } / count
        let squares = input.sum(ofChannel: c) { n, y, x in (input[n, c, y, x] - mean) * (input[n, c, y, x] - mean) }
        return (mean, squares / count)
    }

    private func update<Scalar: ReferenceScalar>(_ running: Tensor<Scalar>, _ c: Int, with batch: Scalar) {
        running[c] = Scalar(1 - momentum) * running[c] + Scalar(momentum) * batch
    }

    @inline(__always)
    private func forEachPixel<Scalar>(of tensor: Tensor<Scalar>, _ body: (_ n: Int, _ y: Int, _ x: Int) -> Void) {
        for n in 0..<tensor.samples {
            for y in 0..<tensor.height {
                for x in 0..<tensor.width { body(n, y, x) }
            }
        }
    }
}
