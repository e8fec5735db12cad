import ConvNetEngine
import ConvNetGraph
import TestSupport
import Testing

@Suite struct LossTests {
    @Test(arguments: try TrainingCases.all.losses)
    func lossAndGradientArePyTorchs(_ test: LossCase) throws {
        let file = try Fixtures.tensors("training")
        let logits = try file.floats(named: "\(test).logits")
        let labels = try labels(of: test, in: file)
        let targets = try targets(of: test, in: file)
        var gradient = [Float](repeating: .nan, count: logits.count)
        let result = evaluate(test, logits, labels, targets, &gradient)
        #expect(relativeError([Float(result.loss)], try file.floats(named: "\(test).loss")) < 1e-6)
        #expect(relativeError(gradient, try file.floats(named: "\(test).logits_gradient")) < 1e-6)
    }

    @Test(arguments: try TrainingCases.all.losses)
    func gradientIsTheNumericDerivativeOfTheMeanLoss(_ test: LossCase) throws {
        let file = try Fixtures.tensors("training")
        var logits = try file.floats(named: "\(test).logits").map(Double.init)
        let labels = try labels(of: test, in: file)
        let targets = try targets(of: test, in: file)?.map(Double.init)
        var analytic = [Double](repeating: .nan, count: logits.count)
        _ = evaluate(test, logits, labels, targets, &analytic)
        let step = 1e-5
        let numeric = logits.indices.map { index in
            let value = logits[index]
            defer { logits[index] = value }
            logits[index] = value + step
            let above = evaluate(test, logits, labels, targets, nil).loss
            logits[index] = value - step
            return (above - evaluate(test, logits, labels, targets, nil).loss) / (2 * step)
        }
        // Losses of a thousand leave a rounding error of 1e-13, which the division by the step enlarges.
        #expect(relativeError(analytic, numeric) < 1e-7)
    }

    /// Labels written as probabilities are the same targets.
    @Test(arguments: [SoftmaxCrossEntropy(), SoftmaxCrossEntropy(labelSmoothing: 0.3)])
    func oneHotTargetsAreLabels(_ loss: SoftmaxCrossEntropy) {
        let logits: [Double] = [0.5, -1, 2, 1.5, 0, -0.25]
        var (hard, soft) = ([Double](repeating: 0, count: 6), [Double](repeating: 0, count: 6))
        let first = loss.measure(logits: logits, labels: [2, 0], samples: 2, classes: 3, gradient: &hard)
        let second = loss.measure(
            logits: logits, labels: [2, 0], softTargets: [0, 0, 1, 1, 0, 0], samples: 2, classes: 3, gradient: &soft)
        #expect(abs(first.lossSum - second.lossSum) < 1e-12)
        #expect(relativeError(soft, hard) < 1e-12)
    }

    /// A batch of classes that do not count has no loss and moves nothing; PyTorch makes it not a number.
    @Test func batchWithoutWeightHasNoGradient() {
        var gradient = [Double](repeating: .nan, count: 2)
        let result = SoftmaxCrossEntropy(classWeights: [1, 0]).measure(
            logits: [1, 2] as [Double], labels: [1], samples: 1, classes: 2, gradient: &gradient)
        #expect(result == StepResult(lossSum: 0, weight: 0))
        #expect(result.loss == 0)
        #expect(gradient == [0, 0])
    }

    @Test func sumOfLosses() {
        // Two classes with equal logits: each sample's loss is log 2.
        let result = SoftmaxCrossEntropy().measure(
            logits: [0, 0, 5, 5, -1, -1] as [Double], labels: [0, 1, 0], samples: 3, classes: 2, gradient: nil)
        #expect(abs(result.lossSum - 3 * 0.693147180559945) < 1e-12)
        #expect(result.weight == 3)
    }

    private func evaluate<Scalar: ReferenceScalar>(
        _ test: LossCase, _ logits: [Scalar], _ labels: [Int32], _ targets: [Scalar]?,
        _ gradient: UnsafeMutablePointer<Scalar>?
    ) -> StepResult {
        (targets ?? []).withUnsafeBufferPointer { buffer in
            let soft = test.isSoft ? buffer.baseAddress : nil
            return if let loss = test.loss as? SoftmaxCrossEntropy {
                loss.measure(
                    logits: logits, labels: labels, softTargets: soft, samples: test.samples, classes: test.classes,
                    gradient: gradient)
            } else if let loss = test.loss as? BinaryCrossEntropy {
                loss.measure(
                    logits: logits, labels: labels, softTargets: soft, samples: test.samples, classes: test.classes,
                    gradient: gradient)
            } else {
                MeanSquaredError().measure(
                    logits: logits, labels: labels, softTargets: soft, samples: test.samples, classes: test.classes,
                    gradient: gradient)
            }
        }
    }

    private func targets(of test: LossCase, in file: SafetensorsFile) throws -> [Float]? {
        test.isSoft ? try file.floats(named: "\(test).soft_targets") : nil
    }

    private func labels(of test: LossCase, in file: SafetensorsFile) throws -> [Int32] {
        try file.integers(named: "\(test).labels").map { Int32($0) }
    }
}
