import ConvNetEngine
import ConvNetGraph
import TestSupport
import Testing

/// Every operation's gradients, in double precision, are the derivatives of its output; dropout's with its mask.
@Suite struct OperationGradientTests {
    /// Central differences are wrong by about step² and by rounding / step; this balances the two.
    private static let step = 1e-5
    private static let elementsPerArray = 50

    @Test(arguments: try OperationCase.all)
    func gradientsAreNumericDerivatives(_ operation: OperationCase) throws {
        let run: ReferenceRun<Double> = try operation.makeRun(try Fixtures.tensors("operations"))
        let interpreter = run.interpreter
        // Dropout has a mask in training only; batch norm has a derivative of its own outside it.
        interpreter.pass.isTraining = operation.isTraining || !operation.graph.hasBatchNorm
        interpreter.pass.seed = 3
        interpreter.pass.epoch = 2
        for sample in interpreter.pass.samples.indices { interpreter.pass.samples[sample] = Int32(40 - sample) }

        try interpreter.forward(auxiliary: true)
        try interpreter.backward()
        let trainable = operation.graph.parameters.indices.filter { operation.graph.parameters[$0].isTrainable }
        let names = ["input"] + trainable.map { operation.graph.parameters[$0].name }
        let arrays = [run.images] + trainable.map { interpreter.parameters[$0] }
        let gradients = [run.imageGradient] + trainable.map { interpreter.parameterGradients[$0] }
        var random = SplitMix64(seed: 1)
        for (index, array) in arrays.enumerated() {
            let chosen = (0..<array.count).shuffled(using: &random).prefix(Self.elementsPerArray)
            let numeric = try chosen.map { try derivative(of: run, by: array, at: $0) }
            let analytic = chosen.map { gradients[index][$0] }
            #expect(relativeError(analytic, numeric, floor: 1e-2) < 1e-7, "\(names[index])")
        }
    }

    /// The derivative of Σ output · output gradient, over auxiliary outputs too, by one element.
    private func derivative(of run: ReferenceRun<Double>, by array: Tensor<Double>, at index: Int) throws -> Double {
        let value = array[index]
        defer { array[index] = value }
        let ends = try [value + Self.step, value - Self.step].map { moved in
            array[index] = moved
            try run.interpreter.forward(auxiliary: true)
            return run.heads.reduce(0) { sum, head in
                zip(head.output.elements, head.gradient.elements).reduce(sum) { $0 + $1.0 * $1.1 }
            }
        }
        return (ends[0] - ends[1]) / (2 * Self.step)
    }
}

extension Graph {
    fileprivate var hasBatchNorm: Bool { nodes.contains { $0.operation is BatchNorm } }
}
