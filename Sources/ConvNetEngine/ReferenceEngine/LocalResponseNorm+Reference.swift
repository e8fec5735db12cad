import ConvNetGraph

extension LocalResponseNorm: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output) = (node.inputs[0], node.output)
        forEachElement(of: input) { n, c, y, x in
            output[n, c, y, x] = input[n, c, y, x] * Scalar.pow(base(input, n, c, y, x), Scalar(-beta))
        }
    }

    /// With s(c) for what is raised to the power, y(c) = x(c) · s(c)^−beta depends on x(c) as the factor that it is, and on
    /// the x(j) of its window through s(c), whose derivative is 2 · alpha / size · x(j).
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        let (input, gradient) = (node.inputs[0], node.outputGradient)
        forEachElement(of: input) { n, c, y, x in
            let base = base(input, n, c, y, x)
            let scaled = gradient[n, c, y, x] * Scalar.pow(base, Scalar(-beta))
            inputGradient[n, c, y, x] += scaled
            let share = scaled * input[n, c, y, x] / base * Scalar(-beta) * 2 * Scalar(alpha) / Scalar(size)
            for j in neighbours(of: c, channels: input.channels) {
                inputGradient[n, j, y, x] += share * input[n, j, y, x]
            }
        }
    }

    /// k + alpha / size · Σ x(j)²
    @inline(__always)
    private func base<Scalar: ReferenceScalar>(
        _ input: Tensor<Scalar>, _ n: Int, _ c: Int, _ y: Int, _ x: Int
    ) -> Scalar {
        var sum: Scalar = 0
        for j in neighbours(of: c, channels: input.channels) { sum += input[n, j, y, x] * input[n, j, y, x] }
        return Scalar(k) + Scalar(alpha) / Scalar(size) * sum
    }

    @inline(__always)
    private func forEachElement<Scalar>(
        of tensor: Tensor<Scalar>, _ body: (_ n: Int, _ c: Int, _ y: Int, _ x: Int) -> Void
    ) {
        for n in 0..<tensor.samples {
            for c in 0..<tensor.channels {
                for y in 0..<tensor.height {
                    for x in 0..<tensor.width { body(n, c, y, x) }
                }
            }
        }
    }
}
