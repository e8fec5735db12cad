import ConvNetGraph

extension LocallyConnected2D: ReferenceOperation {
    /// output(n, o, y, x) = bias(o, y, x) + Σ input(n, i, y·stride + ky − top, …) · weight(y, x, o, i, ky, kx)
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output, weight) = (node.inputs[0], node.output, node.parameters[0])
        for n in 0..<output.samples {
            for o in 0..<output.channels {
                for y in 0..<output.height {
                    for x in 0..<output.width {
                        var sum = bias ? node.parameters[1][o, y, x, 0] : 0
                        forEachTap(of: input, y, x) { i, row, column, element in
                            sum += input[n, i, row, column] * weight[y, x, o, element]
                        }
                        output[n, o, y, x] = sum
                    }
                }
            }
        }
    }

    /// Each product of the forward sum sends its output's gradient to its two factors.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, weight) = (node.inputs[0], node.parameters[0])
        let (inputGradient, weightGradient) = (node.inputGradients[0], node.parameterGradients[0])
        let gradient = node.outputGradient
        for n in 0..<gradient.samples {
            for o in 0..<gradient.channels {
                for y in 0..<gradient.height {
                    for x in 0..<gradient.width {
                        let g = gradient[n, o, y, x]
                        if bias { node.parameterGradients[1][o, y, x, 0] += g }
                        forEachTap(of: input, y, x) { i, row, column, element in
                            weightGradient[y, x, o, element] += g * input[n, i, row, column]
                            inputGradient?[n, i, row, column] += g * weight[y, x, o, element]
                        }
                    }
                }
            }
        }
    }

    /// Calls `body` with each input element that the output pixel (y, x) sees, and the number of the weight that it meets:
    /// a tensor counts what is behind the filters, (C, kH, kW), as columns.
    @inline(__always)
    private func forEachTap<Scalar>(
        of input: Tensor<Scalar>, _ y: Int, _ x: Int,
        _ body: (_ i: Int, _ row: Int, _ column: Int, _ element: Int) -> Void
    ) {
        let taps = WindowTaps(window(of: input.size), input: input.size)
        for i in 0..<input.channels {
            for ky in 0..<kernel.height {
                let row = taps.row(y, ky)
                guard (0..<input.height).contains(row) else { continue }
                for kx in 0..<kernel.width {
                    let column = taps.column(x, kx)
                    guard (0..<input.width).contains(column) else { continue }
                    body(i, row, column, (i * kernel.height + ky) * kernel.width + kx)
                }
            }
        }
    }
}
