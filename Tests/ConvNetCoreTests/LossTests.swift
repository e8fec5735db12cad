import ConvNetCore
import TestSupport
import Testing

@Suite struct LossTests {
    @Test(arguments: try TrainingCases.all.losses)
    func lossAndGradientArePyTorchs(_ test: LossCase) throws {
        let file = try Fixtures.tensors("training")
        let logits = try file.floats(named: "\(test).logits")
        let labels = try labels(of: test, in: file)
        var gradient = [Float](repeating: .nan, count: logits.count)
        let result = test.loss.evaluate(
            logits: logits, labels: labels, samples: test.samples, classes: test.classes, gradient: &gradient)
        let mean = Float(result.lossSum / Double(test.samples))
        #expect(relativeError([mean], try file.floats(named: "\(test).loss")) < 1e-6)
        #expect(relativeError(gradient, try file.floats(named: "\(test).logits_gradient")) < 1e-6)
        #expect(Int64(result.correct) == (try file.integers(named: "\(test).correct"))[0])
    }

    @Test(arguments: try TrainingCases.all.losses)
    func gradientIsTheNumericDerivativeOfTheMeanLoss(_ test: LossCase) throws {
        let file = try Fixtures.tensors("training")
        var logits = try file.floats(named: "\(test).logits").map(Double.init)
        let labels = try labels(of: test, in: file)
        func evaluate(_ gradient: UnsafeMutablePointer<Double>? = nil) -> Double {
            test.loss.evaluate(
                logits: logits, labels: labels, samples: test.samples, classes: test.classes, gradient: gradient
            ).lossSum / Double(test.samples)
        }
        var analytic = [Double](repeating: .nan, count: logits.count)
        _ = evaluate(&analytic)
        let step = 1e-5
        let numeric = logits.indices.map { index in
            let value = logits[index]
            defer { logits[index] = value }
            logits[index] = value + step
            let above = evaluate()
            logits[index] = value - step
            return (above - evaluate()) / (2 * step)
        }
        // Losses of a thousand leave a rounding error of 1e-13, which the division by the step enlarges.
        #expect(relativeError(analytic, numeric) < 1e-7)
    }

    @Test func sumsOfLossAndOfCorrectSamples() {
        // Two classes with equal logits: each sample's loss is log 2, and the first class wins the tie.
        let result = SoftmaxCrossEntropy().evaluate(
            logits: [0, 0, 5, 5, -1, -1] as [Double], labels: [0, 1, 0], samples: 3, classes: 2, gradient: nil)
        #expect(abs(result.lossSum - 3 * 0.693147180559945) < 1e-12)
        #expect(result.correct == 2)
    }

    private func labels(of test: LossCase, in file: SafetensorsFile) throws -> [Int32] {
        try file.integers(named: "\(test).labels").map { Int32($0) }
    }
}
