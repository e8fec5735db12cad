import ConvNetCore
import TestSupport
import Testing

@Suite struct SGDTests {
    @Test(arguments: try TrainingCases.all.optimizers)
    func tenStepsArePyTorchs(_ test: OptimizerCase) throws {
        let file = try Fixtures.tensors("training")
        let gradients = try file.floats(named: "\(test).gradients")
        let expected = try file.floats(named: "\(test).weights")
        let count = expected.count - gradients.count
        var weights = Array(expected[..<count])
        var momentum = [Float](repeating: 0, count: count)
        for start in stride(from: 0, to: gradients.count, by: count) {
            // In two parts, as two threads would.
            for range in [0..<5, 5..<count] {
                step(test, &weights, Array(gradients[start..<start + count]), &momentum, range: range)
            }
            let after = start + count..<start + 2 * count
            #expect(relativeError(weights, expected[after]) < 1e-6, "step \(start / count + 1)")
        }
        if test.optimizer.stateNames == ["momentum"] {
            #expect(relativeError(momentum, try file.floats(named: "\(test).momentum")) < 1e-6)
        } else {
            #expect(test.optimizer.stateNames.isEmpty)
        }
    }

    @Test(arguments: try TrainingCases.all.optimizers)
    func onlyTheRangeChangesAndPaddingStaysZero(_ test: OptimizerCase) {
        var weights: [Float] = [1, 0, 2, 3]
        var momentum: [Float] = [0, 0, 0, 7]
        step(test, &weights, [1, 0, 1, 1], &momentum, range: 0..<2)
        #expect(weights[0] != 1)
        #expect(weights[1...] == [0, 2, 3])
        #expect(momentum[1...] == [0, 0, 7])
    }

    private func step(
        _ test: OptimizerCase, _ weights: inout [Float], _ gradients: [Float], _ momentum: inout [Float],
        range: Range<Int>
    ) {
        weights.withUnsafeMutableBufferPointer { weights in
            momentum.withUnsafeMutableBufferPointer { momentum in
                guard let weights = weights.baseAddress, var momentum = momentum.baseAddress else { return }
                test.optimizer.update(
                    weights: weights, gradients: gradients, state: &momentum, range: range,
                    learningRate: test.learningRate)
            }
        }
    }
}
