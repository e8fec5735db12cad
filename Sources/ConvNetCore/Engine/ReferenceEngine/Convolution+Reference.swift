extension Conv2D: ReferenceOperation {
    /// output(n, o, y, x) = bias(o) + Σ input(n, i, y·stride + ky·dilation − top, …) · weight(o, i, ky, kx)
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output, weight) = (node.inputs[0], node.output, node.parameters[0])
        let taps = taps(input)
        for n in 0..<output.samples {
            for o in 0..<output.channels {
                let firstInput = firstInput(of: o, input)
                for y in 0..<output.height {
                    for x in 0..<output.width {
                        var sum = bias ? node.parameters[1][o] : 0
                        for i in 0..<weight.channels {
                            for ky in 0..<kernel.height {
                                guard let row = taps.row(y, ky) else { continue }
                                for kx in 0..<kernel.width {
                                    guard let column = taps.column(x, kx) else { continue }
                                    sum += input[n, firstInput + i, row, column] * weight[o, i, ky, kx]
                                }
                            }
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
        let taps = taps(input)
        for n in 0..<gradient.samples {
            for o in 0..<gradient.channels {
                let firstInput = firstInput(of: o, input)
                for y in 0..<gradient.height {
                    for x in 0..<gradient.width {
                        let g = gradient[n, o, y, x]
                        if bias { node.parameterGradients[1][o] += g }
                        for i in 0..<weight.channels {
                            for ky in 0..<kernel.height {
                                guard let row = taps.row(y, ky) else { continue }
                                for kx in 0..<kernel.width {
                                    guard let column = taps.column(x, kx) else { continue }
                                    weightGradient[o, i, ky, kx] += g * input[n, firstInput + i, row, column]
                                    inputGradient?[n, firstInput + i, row, column] += g * weight[o, i, ky, kx]
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private func taps<Scalar>(_ input: Tensor<Scalar>) -> WindowTaps {
        let window = Window(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding, input: input.size)
        return WindowTaps(window, input: input.size)
    }

    /// The first channel of the group that output channel `o` belongs to.
    @inline(__always)
    private func firstInput<Scalar>(of o: Int, _ input: Tensor<Scalar>) -> Int {
        o / (filters / groups) * (input.channels / groups)
    }
}
