import ConvNetEngine
import ConvNetGraph
import ConvNetTesting
import Testing

/// The reference engine's convolution loops along channels where rows are short, and gives the same bits as along rows.
@Suite struct ShortRowTests {
    /// A column of pixels, whose rows have one, and the same as a row.
    @Test(arguments: [(1, 3, 1), (2, 2, 1), (1, 4, 2)])
    func aColumnHasTheBitsOfARow(groups: Int, kernel: Int, stride: Int) throws {
        func run(isColumn: Bool) throws -> [[Float]] {
            func size(_ length: Int) -> Size { isColumn ? Size(length, 1) : Size(1, length) }
            let input: Shape = isColumn ? [12, 9, 1] : [12, 1, 9]
            let network = try Network(input: input) {
                Conv2D(
                    16, kernel: size(kernel), stride: size(stride),
                    padding: .symmetric(isColumn ? Size(1, 0) : Size(0, 1)), groups: groups)
            }
            let run = try ReferenceRun<Float>(network.graph, batchSize: 3)
            for (tensor, seed) in zip([run.images] + run.interpreter.parameters, [1, 2, 3] as [UInt64]) {
                var random = SplitMix64(seed: seed)
                tensor.fill(from: (0..<tensor.count).map { _ in Float.random(in: -1...1, using: &random) })
            }
            try run.interpreter.forward(auxiliary: true)
            let gradient = run.output.elements.map { $0 * 3 - 1 }
            try run.interpreter.backward(from: [1: gradient])
            return [run.output, run.imageGradient].map { Array($0.elements) }
                + run.interpreter.parameterGradients.map { Array($0.elements) }
        }
        let (column, row) = (try run(isColumn: true), try run(isColumn: false))
        #expect(column[0].contains { $0 != 0 } && column[2].contains { $0 != 0 })
        #expect(column == row)
    }
}
