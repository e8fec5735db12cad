import Foundation
import TestSupport
import Testing

@testable import ConvNetEngine

@Suite struct OptimizerTests {
    @Test(arguments: try TrainingCases.all.optimizers)
    func hundredStepsArePyTorchs(_ test: OptimizerCase) throws {
        let file = try Fixtures.tensors("training")
        let gradients = try file.floats(named: "\(test).gradients")
        let expected = try file.floats(named: "\(test).weights")
        let count = expected.count / OptimizerCase.recordedSteps.count
        var weights = Array(expected[..<count])
        var states = test.optimizer.stateNames.map { _ in [Float](repeating: 0, count: count) }
        for number in 1...100 {
            // In two parts, as two threads would.
            for range in [0..<5, 5..<count] {
                step(test, &weights, Array(gradients[(number - 1) * count..<number * count]), &states, range, number)
            }
            guard let row = OptimizerCase.recordedSteps.firstIndex(of: number) else { continue }
            #expect(relativeError(weights, expected[row * count..<(row + 1) * count]) < 1e-5, "step \(number)")
        }
        for (name, state) in zip(test.optimizer.stateNames, states) {
            #expect(relativeError(state, try file.floats(named: "\(test).\(name)")) < 1e-5, "\(name)")
        }
        #expect(file.names.count { $0.hasPrefix("\(test).") } == 2 + states.count)
    }

    @Test(arguments: try TrainingCases.all.optimizers)
    func onlyTheRangeChangesAndPaddingStaysZero(_ test: OptimizerCase) {
        var weights: [Float] = [1, 0, 2, 3]
        var states = test.optimizer.stateNames.map { _ in [0, 0, 0, 7] as [Float] }
        for number in 1...3 { step(test, &weights, [1, 0, 1, 1], &states, 0..<2, number) }
        #expect(weights[0] != 1)
        #expect(weights[1...] == [0, 2, 3])
        for state in states { #expect(state[1...] == [0, 0, 7]) }
    }

    /// A parameter group's decay takes the place of the optimizer's own.
    @Test(arguments: try TrainingCases.all.optimizers)
    func weightDecayIsTheSteps(_ test: OptimizerCase) throws {
        var runs: [[Float]] = []
        for decay in [0, 0.5] as [Float] {
            var weights: [Float] = [1, -2]
            var states = test.optimizer.stateNames.map { _ in [0, 0] as [Float] }
            for number in 1...2 { step(test, &weights, [0.25, 0.5], &states, 0..<2, number, decay: decay) }
            runs.append(weights)
        }
        #expect(runs[0] != runs[1])
    }

    /// The variance of equal gradients is nothing but rounding.
    @Test func centeredRMSPropTakesEqualGradients() {
        let optimizer = RMSProp(alpha: 0.5, centered: true)
        var weights: [Float] = [1]
        var squares: [Float] = [0]
        var means: [Float] = [0]
        for number in 1...200 {
            squares.withUnsafeMutableBufferPointer { squares in
                means.withUnsafeMutableBufferPointer { means in
                    guard let squares = squares.baseAddress, let means = means.baseAddress else { return }
                    optimizer.update(
                        weights: &weights, gradients: [0.1], state: [squares, means], range: 0..<1,
                        step: OptimizerStep(learningRate: 1e-9, weightDecay: 0, number: number))
                }
            }
        }
        #expect(weights[0].isFinite)
    }

    @Test func registryKnowsEveryKind() throws {
        #expect(OptimizerRegistry.kinds == ["sgd", "adam", "adamw", "rmsprop", "adagrad"])
        #expect(LossRegistry.kinds == ["cross-entropy", "binary-cross-entropy", "mean-squared-error"])
        struct Box: Decodable {
            init(from decoder: any Decoder) throws { _ = try OptimizerRegistry.decode(from: decoder) }
        }
        let error = try #require(throws: DecodingError.self) {
            try JSONDecoder().decode(Box.self, from: Data(#"{"kind": "adan"}"#.utf8))
        }
        guard case .dataCorrupted(let context) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(context.debugDescription == "unknown optimizer 'adan'; did you mean 'adam'?")
    }

    private func step(
        _ test: OptimizerCase, _ weights: inout [Float], _ gradients: [Float], _ states: inout [[Float]],
        _ range: Range<Int>, _ number: Int, decay: Float? = nil
    ) {
        let buffers = states.map { state in
            let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: state.count)
            _ = buffer.initialize(fromContentsOf: state)
            return buffer
        }
        defer { for buffer in buffers { buffer.deallocate() } }
        test.optimizer.update(
            weights: &weights, gradients: gradients, state: buffers.compactMap(\.baseAddress), range: range,
            step: OptimizerStep(
                learningRate: test.learningRate, weightDecay: decay ?? test.optimizer.weightDecay, number: number))
        states = buffers.map(Array.init)
    }
}
