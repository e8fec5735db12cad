import ConvNetGraph

extension Conv2D: ReferenceOperation {
    /// output(n, o, y, x) = bias(o) + Σ input(n, i, y·stride + ky·dilation − top, …) · weight(o, i, ky, kx)
    ///
    /// Each weight adds a shifted copy of an input map to an output map: so the innermost loop goes along a row, and the
    /// pixels that meet padding are left out of it beforehand.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output, weight) = (node.inputs[0], node.output, node.parameters[0])
        for n in 0..<output.samples {
            for o in 0..<filters { output.fillMap(n, o, with: bias ? node.parameters[1][o] : 0) }
        }
        forEachTap(input, output) { n, o, i, c, ky, kx, rows, columns, taps in
            let w = weight[o, i, ky, kx]
            for y in rows {
                let (from, to) = (input.row(n, c, taps.row(y, ky)) + taps.column(0, kx), output.row(n, o, y))
                for x in columns { to[x] += w * from[x * stride.width] }
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
        if bias {
            for o in 0..<filters {
                node.parameterGradients[1][o] += gradient.sum(ofChannel: o) { n, y, x in gradient[n, o, y, x] }
            }
        }
        forEachTap(input, gradient) { n, o, i, c, ky, kx, rows, columns, taps in
            let w = weight[o, i, ky, kx]
            var sum = weightGradient[o, i, ky, kx]
            for y in rows {
                let (row, first) = (taps.row(y, ky), taps.column(0, kx))
                let (from, g) = (input.row(n, c, row) + first, gradient.row(n, o, y))
                for x in columns { sum += g[x] * from[x * stride.width] }
                guard let to = inputGradient.map({ $0.row(n, c, row) + first }) else { continue }
                for x in columns { to[x * stride.width] += g[x] * w }
            }
            weightGradient[o, i, ky, kx] = sum
        }
    }

    /// Calls `body` for each weight and sample: input channel `i` of its group is `c` of all, and in `rows` and `columns` of
    /// the output the weight meets a pixel.
    @inline(__always)
    private func forEachTap<Scalar>(
        _ input: Tensor<Scalar>, _ output: Tensor<Scalar>,
        _ body: (
            _ n: Int, _ o: Int, _ i: Int, _ c: Int, _ ky: Int, _ kx: Int, _ rows: Range<Int>, _ columns: Range<Int>,
            _ taps: WindowTaps
        ) -> Void
    ) {
        let window = Window(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding, input: input.size)
        let taps = WindowTaps(window, input: input.size)
        let (inputs, outputs) = (input.channels / groups, filters / groups)
        for ky in 0..<kernel.height {
            let rows = taps.rows(ky, of: output.height)
            for kx in 0..<kernel.width {
                let columns = taps.columns(kx, of: output.width)
                for n in 0..<output.samples {
                    for o in 0..<filters {
                        let firstInput = o / outputs * inputs
                        for i in 0..<inputs { body(n, o, i, firstInput + i, ky, kx, rows, columns, taps) }
                    }
                }
            }
        }
    }
}
