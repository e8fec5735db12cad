extension Conv2D: ReferenceOperation {
    /// output(n, o, y, x) = bias(o) + Σ input(n, i, y·stride + ky·dilation − top, …) · weight(o, i, ky, kx)
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output, weight) = (node.inputs[0], node.output, node.parameters[0])
        let taps = Taps(self, input: input, output: output)
        for n in 0..<output.samples {
            for o in 0..<output.channels {
                let firstInput = taps.firstInput(of: o)
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
        let taps = Taps(self, input: input, output: gradient)
        for n in 0..<gradient.samples {
            for o in 0..<gradient.channels {
                let firstInput = taps.firstInput(of: o)
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

    /// Which input element an output element and a kernel element meet at.
    private struct Taps {
        private let stride, dilation: Size
        private let edges: Edges
        private let height, width: Int
        private let inputsPerGroup, outputsPerGroup: Int

        init<Scalar>(_ layer: Conv2D, input: Tensor<Scalar>, output: Tensor<Scalar>) {
            (stride, dilation) = (layer.stride, layer.dilation)
            (height, width) = (input.height, input.width)
            edges =
                Window(
                    kernel: layer.kernel, stride: layer.stride, dilation: layer.dilation, padding: layer.padding,
                    input: Size(input.height, input.width)
                ).edges
            inputsPerGroup = input.channels / layer.groups
            outputsPerGroup = output.channels / layer.groups
        }

        func firstInput(of output: Int) -> Int { output / outputsPerGroup * inputsPerGroup }

        @inline(__always)
        func row(_ y: Int, _ ky: Int) -> Int? {
            let row = y * stride.height + ky * dilation.height - edges.top
            return row >= 0 && row < height ? row : nil
        }

        @inline(__always)
        func column(_ x: Int, _ kx: Int) -> Int? {
            let column = x * stride.width + kx * dilation.width - edges.left
            return column >= 0 && column < width ? column : nil
        }
    }
}
