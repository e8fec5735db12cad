extension PoolingOperation {
    /// Calls `body` with each output element (n, c, y, x) and the input rows and columns that its window covers.
    @inline(__always)
    fileprivate func forEachWindow<Scalar>(
        from input: Tensor<Scalar>, to output: Tensor<Scalar>,
        _ body: (_ n: Int, _ c: Int, _ y: Int, _ x: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
    ) {
        let edges = poolingWindow(for: [input.channels, input.height, input.width]).edges
        for n in 0..<output.samples {
            for c in 0..<output.channels {
                for y in 0..<output.height {
                    let top = y * stride.height - edges.top
                    let rows = max(top, 0)..<min(top + kernel.height, input.height)
                    for x in 0..<output.width {
                        let left = x * stride.width - edges.left
                        body(n, c, y, x, rows, max(left, 0)..<min(left + kernel.width, input.width))
                    }
                }
            }
        }
    }
}

extension MaxPool2D: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let input = node.inputs[0]
        forEachWindow(from: input, to: node.output) { n, c, y, x, rows, columns in
            let (row, column) = Self.largest(of: input, n, c, rows, columns)
            node.output[n, c, y, x] = input[n, c, row, column]
        }
    }

    /// The gradient goes to the element that was the largest: the first, where several were.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        let input = node.inputs[0]
        forEachWindow(from: input, to: node.outputGradient) { n, c, y, x, rows, columns in
            let (row, column) = Self.largest(of: input, n, c, rows, columns)
            inputGradient[n, c, row, column] += node.outputGradient[n, c, y, x]
        }
    }

    @inline(__always)
    private static func largest<Scalar>(
        of input: Tensor<Scalar>, _ n: Int, _ c: Int, _ rows: Range<Int>, _ columns: Range<Int>
    ) -> (row: Int, column: Int) {
        var largest = (row: rows.lowerBound, column: columns.lowerBound)
        for row in rows {
            for column in columns where input[n, c, row, column] > input[n, c, largest.row, largest.column] {
                largest = (row, column)
            }
        }
        return largest
    }
}

extension AveragePool2D: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let input = node.inputs[0]
        forEachWindow(from: input, to: node.output) { n, c, y, x, rows, columns in
            var sum: Scalar = 0
            for row in rows {
                for column in columns { sum += input[n, c, row, column] }
            }
            node.output[n, c, y, x] = sum / divisor(rows, columns)
        }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        forEachWindow(from: inputGradient, to: node.outputGradient) { n, c, y, x, rows, columns in
            let share = node.outputGradient[n, c, y, x] / divisor(rows, columns)
            for row in rows {
                for column in columns { inputGradient[n, c, row, column] += share }
            }
        }
    }

    @inline(__always)
    private func divisor<Scalar: ReferenceScalar>(_ rows: Range<Int>, _ columns: Range<Int>) -> Scalar {
        Scalar(countsPadding ? kernel.height * kernel.width : rows.count * columns.count)
    }
}
