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
        guard !hasShortRows(input, output) else { return addAlongChannels(node) }
        forEachWeight(input, output) { n, o, i, c, tap in
            let w = weight[o, i, tap.ky, tap.kx]
            for y in tap.rows {
                let (from, to) = (input.row(n, c, tap.row(y)) + tap.column(0), output.row(n, o, y))
                for x in tap.columns { to[x] += w * from[x * stride.width] }
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
        guard !hasShortRows(input, gradient) else { return addGradientsAlongChannels(node) }
        forEachWeight(input, gradient) { n, o, i, c, tap in
            let w = weight[o, i, tap.ky, tap.kx]
            var sum = weightGradient[o, i, tap.ky, tap.kx]
            for y in tap.rows {
                let (row, first) = (tap.row(y), tap.column(0))
                let (from, g) = (input.row(n, c, row) + first, gradient.row(n, o, y))
                for x in tap.columns { sum += g[x] * from[x * stride.width] }
                guard let to = inputGradient.map({ $0.row(n, c, row) + first }) else { continue }
                for x in tap.columns { to[x * stride.width] += g[x] * w }
            }
            weightGradient[o, i, tap.ky, tap.kx] = sum
        }
    }

    /// Calls `body` for each weight and sample: input channel `i` of its group is `c` of all.
    @inline(__always)
    private func forEachWeight<Scalar>(
        _ input: Tensor<Scalar>, _ output: Tensor<Scalar>,
        _ body: (_ n: Int, _ o: Int, _ i: Int, _ c: Int, _ tap: Tap) -> Void
    ) {
        let (inputs, outputs) = (input.channels / groups, filters / groups)
        forEachTap(input, output) { tap in
            for n in 0..<output.samples {
                for o in 0..<filters {
                    let firstInput = o / outputs * inputs
                    for i in 0..<inputs { body(n, o, i, firstInput + i, tap) }
                }
            }
        }
    }

    @inline(__always)
    func forEachTap<Scalar>(_ input: Tensor<Scalar>, _ output: Tensor<Scalar>, _ body: (Tap) -> Void) {
        let window = Window(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding, input: input.size)
        let taps = WindowTaps(window, input: input.size)
        for ky in 0..<kernel.height {
            let rows = taps.rows(ky, of: output.height)
            for kx in 0..<kernel.width {
                body(Tap(ky: ky, kx: kx, rows: rows, columns: taps.columns(kx, of: output.width), taps: taps))
            }
        }
    }

    /// A kernel element, and the rows and columns of the output in which it meets a pixel.
    struct Tap {
        let ky, kx: Int
        let rows, columns: Range<Int>
        fileprivate let taps: WindowTaps

        /// The input's row that it meets for the output's row `y`.
        @inline(__always)
        func row(_ y: Int) -> Int { taps.row(y, ky) }

        /// The input's column that it meets for the output's column `x`.
        @inline(__always)
        func column(_ x: Int) -> Int { taps.column(x, kx) }
    }
}
