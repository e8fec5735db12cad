import ConvNetGraph

extension MaxPool2D: ReferenceOperation {}
extension GlobalMaxPool2D: ReferenceOperation {}

extension MaxPooling {
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        poolingWindow(for: node.inputs[0].size).takeLargest(node)
    }

    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        poolingWindow(for: node.inputs[0].size).sendToLargest(node)
    }
}

extension Window {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    fileprivate func takeLargest<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let input = node.inputs[0]
        forEachPlace(from: input, to: node.output) { n, c, y, x, rows, columns in
            let (row, column) = Self.largest(of: input, n, c, rows, columns)
            node.output[n, c, y, x] = input[n, c, row, column]
        }
    }

    /// The gradient goes to the element that was the largest: the first, where several were.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    fileprivate func sendToLargest<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        let input = node.inputs[0]
        forEachPlace(from: input, to: node.outputGradient) { n, c, y, x, rows, columns in
            let (row, column) = Self.largest(of: input, n, c, rows, columns)
            inputGradient[n, c, row, column] += node.outputGradient[n, c, y, x]
        }
    }

    /// Calls `body` with each output element (n, c, y, x) and the input rows and columns that its window covers.
    @inline(__always)
    private func forEachPlace<Scalar>(
        from input: Tensor<Scalar>, to output: Tensor<Scalar>,
        _ body: (_ n: Int, _ c: Int, _ y: Int, _ x: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
    ) {
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

    /// The first that is not a number, where there is one.
    @inline(__always)
    private static func largest<Scalar: ReferenceScalar>(
        of input: Tensor<Scalar>, _ n: Int, _ c: Int, _ rows: Range<Int>, _ columns: Range<Int>
    ) -> (row: Int, column: Int) {
        var largest = (row: rows.lowerBound, column: columns.lowerBound)
        for row in rows {
            for column in columns
            where input[n, c, row, column].takesPlace(of: input[n, c, largest.row, largest.column]) {
                largest = (row, column)
            }
        }
        return largest
    }
}

extension AveragePool2D: ReferenceOperation {}
extension GlobalAveragePool2D: ReferenceOperation {}
extension AdaptiveAveragePool2D: ReferenceOperation {}

extension AveragePooling {
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        averagingWindows(for: node.inputs[0].size).takeMeans(node)
    }

    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        averagingWindows(for: node.inputs[0].size).shareOut(node)
    }
}

extension AveragingWindows {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    fileprivate func takeMeans<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let input = node.inputs[0]
        forEachMean(of: node.output) { n, c, y, x, rows, columns, divisor in
            let sum: Scalar = pairwiseSum(rows.count) { row in
                pairwiseSum(columns.count) { column in
                    input[n, c, rows.lowerBound + row, columns.lowerBound + column]
                }
            }
            node.output[n, c, y, x] = sum / Scalar(divisor)
        }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    fileprivate func shareOut<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        forEachMean(of: node.outputGradient) { n, c, y, x, rows, columns, divisor in
            let share = node.outputGradient[n, c, y, x] / Scalar(divisor)
            for row in rows {
                for column in columns { inputGradient[n, c, row, column] += share }
            }
        }
    }

    /// Calls `body` with each output element, the input rows and columns that it is the mean of, and the divisor.
    @inline(__always)
    private func forEachMean<Scalar>(
        of output: Tensor<Scalar>,
        _ body: (
            _ n: Int, _ c: Int, _ y: Int, _ x: Int, _ rows: Range<Int>, _ columns: Range<Int>, _ divisor: Int
        ) -> Void
    ) {
        for n in 0..<output.samples {
            for c in 0..<output.channels {
                for y in 0..<output.height {
                    for x in 0..<output.width {
                        let divisor = rows.divisor(at: y) * columns.divisor(at: x)
                        body(n, c, y, x, rows.range(at: y), columns.range(at: x), divisor)
                    }
                }
            }
        }
    }
}
