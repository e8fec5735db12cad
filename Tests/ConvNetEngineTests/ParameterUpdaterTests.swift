import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph

/// What happens between a backward pass and the next step, on arrays of two parameters.
@Suite struct ParameterUpdaterTests {
    /// Two parameters and their arrays, and an updater for them.
    private final class Bench {
        let training: TrainingConfiguration
        let weights, gradients: [AlignedBuffer<Float>]
        let states: [[AlignedBuffer<Float>]]
        let threads: Int
        let updater: ParameterUpdater

        init(_ training: TrainingConfiguration, counts: [Int], threads: Int = 1) {
            self.training = training
            self.threads = threads
            let (weights, gradients) = (counts.map(AlignedBuffer<Float>.init), counts.map(AlignedBuffer<Float>.init))
            let states = training.stateNames.map { _ in counts.map(AlignedBuffer<Float>.init) }
            updater = ParameterUpdater(
                training,
                parameters: counts.indices.map { index in
                    ParameterUpdater.Arrays(
                        weights: weights[index].pointer, gradients: gradients[index].pointer,
                        states: states.map { $0[index].pointer }, count: counts[index])
                }, threads: threads)
            (self.weights, self.gradients, self.states) = (weights, gradients, states)
        }

        func step(
            _ values: [[Float]], weight: Double = 1, update: Int = 1, learningRate: Float = 1, part: BatchPart = .whole
        ) {
            for (gradient, values) in zip(gradients, values) { _ = gradient.elements.update(fromContentsOf: values) }
            updater.begin(
                TrainingStep(learningRate: learningRate, epoch: 0, update: update, part: part), weight: weight)
            while let phase = updater.nextPhase() {
                for part in 0..<threads { updater.run(phase, part: part, of: threads) }
            }
        }
    }

    private func training(
        _ optimizer: any Optimizer = SGD(momentum: 0), _ change: (inout TrainingConfiguration) -> Void = { _ in }
    ) -> TrainingConfiguration {
        var training = TrainingConfiguration(loss: SoftmaxCrossEntropy(), optimizer: optimizer, seed: 0)
        change(&training)
        return training
    }

    @Test(arguments: try TrainingCases.all.clipping, [1, 3])
    func clippingIsPyTorchs(_ test: ClippingCase, threads: Int) throws {
        let file = try Fixtures.tensors("training")
        let bench = Bench(training { $0.gradientClipping = test.clipping }, counts: test.counts, threads: threads)
        let gradients = try test.counts.indices.map { try file.floats(named: "\(test).\($0).gradient") }
        bench.step(gradients)
        for index in test.counts.indices {
            let expected = try file.floats(named: "\(test).\(index).clipped")
            #expect(relativeError(bench.gradients[index].elements, expected) < 1e-6)
            // SGD at rate 1 from zero: the update came after the clipping.
            #expect(relativeError(bench.weights[index].elements, expected.map { -$0 }) < 1e-6)
        }
    }

    @Test func clippingLeavesWhatIsNoNumber() {
        let bench = Bench(training { $0.gradientClipping = .value(1) }, counts: [3])
        bench.step([[.nan, 5, -.infinity]])
        #expect(bench.gradients[0].elements[0].isNaN)
        #expect(Array(bench.gradients[0].elements[1...]) == [1, -1])
    }

    /// Parts weigh as much as they have samples, and the mean is there before it is clipped.
    @Test func accumulatedGradientIsTheWeightedMean() {
        let bench = Bench(
            training {
                $0.accumulatesGradients = true
                $0.gradientClipping = .norm(1000)
            }, counts: [2, 1], threads: 2)
        for round in 1...2 {
            let before = bench.weights.map { Array($0.elements) }
            bench.step([[1, 2], [3]], weight: 4, part: BatchPart(isFirst: true, isLast: false, weightBefore: 0))
            bench.step([[5, -2], [0]], weight: 4, part: BatchPart(isFirst: false, isLast: false, weightBefore: 4))
            #expect(bench.weights.map { Array($0.elements) } == before, "round \(round)")
            bench.step([[10, 0], [9]], weight: 2, part: BatchPart(isFirst: false, isLast: true, weightBefore: 8))
            // (4·1 + 4·5 + 2·10) / 10 and so on.
            #expect(relativeError(bench.gradients[0].elements, [4.4, 0]) < 1e-6)
            #expect(relativeError(bench.gradients[1].elements, [3]) < 1e-6)
        }
        #expect(relativeError(bench.weights[1].elements, [-6]) < 1e-6)
    }

    /// A frozen parameter does not move, does not remember and does not count in the norm.
    @Test func groupsHaveRatesAndDecaysOfTheirOwn() {
        let settings = [
            ParameterSettings(learningRateFactor: 0, weightDecay: 0.5),
            ParameterSettings(learningRateFactor: 0.5, weightDecay: 0.25),
        ]
        let bench = Bench(
            training(SGD(momentum: 0.9)) {
                $0.parameterSettings = settings
                $0.gradientClipping = .norm(4)
            }, counts: [1, 1])
        for buffer in bench.weights { buffer.elements[0] = 8 }
        bench.step([[100], [2]])
        #expect(bench.weights[0].elements[0] == 8)
        #expect(bench.states[0][0].elements[0] == 0)
        #expect(bench.gradients[0].elements[0] == 100)
        // 2 + 0.25 · 8 = 4 at half the rate.
        #expect(bench.weights[1].elements[0] == 6)
    }

    @Test func averageFollowsTheWeights() {
        let bench = Bench(training { $0.averaging = WeightAveraging(decay: 0.25) }, counts: [1])
        bench.step([[-8]], update: 1)
        // (1 + 1) / (10 + 1) of what was there, 0, and the rest of the new weight.
        #expect(relativeError(bench.states[0][0].elements, [8 * 9 / 11]) < 1e-6)
        bench.step([[0]], update: 100)
        #expect(relativeError(bench.states[0][0].elements, [0.25 * 8 * 9 / 11 + 0.75 * 8]) < 1e-6)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 31])
    func sumOfSquaresOfAnyRange(start: Int) {
        let values = (0..<40).map { Float($0) / 4 }
        let expected = values[start...].reduce(0) { $0 + Double($1) * Double($1) }
        #expect(sumOfSquares(values, start..<40) == expected)
    }
}
