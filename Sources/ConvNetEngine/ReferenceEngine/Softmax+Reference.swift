import ConvNetGraph

extension Softmax: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output) = (node.inputs[0], node.output)
        for n in 0..<input.samples {
            for y in 0..<input.height {
                for x in 0..<input.width {
                    // Less the largest, so that no exponential overflows.
                    var largest = input[n, 0, y, x]
                    for c in 1..<max(input.channels, 1) { largest = max(largest, input[n, c, y, x]) }
                    var sum: Scalar = 0
                    for c in 0..<input.channels {
                        output[n, c, y, x] = Scalar.exp(input[n, c, y, x] - largest)
                        sum += output[n, c, y, x]
                    }
                    for c in 0..<input.channels { output[n, c, y, x] /= sum }
                }
            }
        }
    }

    /// The derivative of outputᵢ by inputⱼ is outputᵢ · (δᵢⱼ − outputⱼ).
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        let (output, gradient) = (node.output, node.outputGradient)
        for n in 0..<output.samples {
            for y in 0..<output.height {
                for x in 0..<output.width {
                    var mean: Scalar = 0
                    for c in 0..<output.channels { mean += output[n, c, y, x] * gradient[n, c, y, x] }
                    for c in 0..<output.channels {
                        inputGradient[n, c, y, x] += output[n, c, y, x] * (gradient[n, c, y, x] - mean)
                    }
                }
            }
        }
    }
}
