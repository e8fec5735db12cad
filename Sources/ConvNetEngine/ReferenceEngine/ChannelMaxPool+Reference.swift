import ConvNetGraph

extension ChannelMaxPool: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output) = (node.inputs[0], node.output)
        forEachWindow(of: input, to: output) { n, c, y, x, largest in
            output[n, c, y, x] = input[n, largest, y, x]
        }
    }

    /// The gradient goes to the element that was the largest: the first, where several were.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        let gradient = node.outputGradient
        forEachWindow(of: node.inputs[0], to: gradient) { n, c, y, x, largest in
            inputGradient[n, largest, y, x] += gradient[n, c, y, x]
        }
    }

    /// Calls `body` with each output element (n, c, y, x) and the input channel that is the largest in its window: the first that
    /// is not a number, where there is one.
    @inline(__always)
    private func forEachWindow<Scalar: ReferenceScalar>(
        of input: Tensor<Scalar>, to output: Tensor<Scalar>,
        _ body: (_ n: Int, _ c: Int, _ y: Int, _ x: Int, _ largest: Int) -> Void
    ) {
        for n in 0..<output.samples {
            for c in 0..<output.channels {
                for y in 0..<output.height {
                    for x in 0..<output.width {
                        var largest = c * stride
                        for i in c * stride..<c * stride + kernel
                        where input[n, i, y, x].takesPlace(of: input[n, largest, y, x]) { largest = i }
                        body(n, c, y, x, largest)
                    }
                }
            }
        }
    }
}
