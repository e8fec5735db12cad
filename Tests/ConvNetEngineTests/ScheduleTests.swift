import Testing

@testable import ConvNetEngine

@Suite struct ScheduleTests {
    private func factors(_ schedule: Schedule, steps: Int, stepsPerEpoch: Int = 1) -> [Double] {
        (0..<steps).map { schedule.factor(step: $0, stepsPerEpoch: stepsPerEpoch, totalSteps: steps) }
    }

    private func expectEqual(_ found: [Double], _ expected: [Double], _ location: SourceLocation = #_sourceLocation) {
        #expect(found.count == expected.count, sourceLocation: location)
        for (step, pair) in zip(found, expected).enumerated() {
            // The recorded numbers have twelve digits.
            #expect(abs(pair.0 - pair.1) < 1e-11, "step \(step)", sourceLocation: location)
        }
    }

    // MARK: Shapes, against torch.optim.lr_scheduler 2.13

    @Test func constantStays() {
        #expect(factors(.constant, steps: 4) == [1, 1, 1, 1])
    }

    /// `StepLR(step_size=3, gamma=0.5)`, with two steps an epoch here.
    @Test func stepDropsAfterEveryThirdEpoch() {
        let byEpoch = [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]
        expectEqual(
            factors(Schedule(.step(every: 3, factor: 0.5)), steps: 20, stepsPerEpoch: 2),
            byEpoch.flatMap { [$0, $0] })
    }

    /// `CosineAnnealingLR(T_max=20)`.
    @Test func cosineFallsToZero() {
        expectEqual(
            factors(Schedule(.cosine()), steps: 20),
            [
                1.0, 0.993844170298, 0.975528258148, 0.945503262094, 0.904508497187, 0.853553390593, 0.793892626146,
                0.72699524987, 0.654508497187, 0.57821723252, 0.5, 0.42178276748, 0.345491502813, 0.27300475013,
                0.206107373854, 0.146446609407, 0.0954915028125, 0.0544967379058, 0.0244717418524, 0.00615582970243,
            ])
    }

    /// `CosineAnnealingLR(T_max=20, eta_min=0.1)`.
    @Test func cosineFallsToItsFinalFactor() {
        let found = factors(Schedule(.cosine(final: 0.1)), steps: 20)
        expectEqual(
            [0, 1, 5, 10, 15, 19].map { found[$0] },
            [1.0, 0.994459753268, 0.868198051534, 0.55, 0.231801948466, 0.105540246732])
    }

    /// `OneCycleLR(max_lr=1, total_steps=20)`: the peak is step 5, 30 % of the way.
    @Test func oneCycleRisesAndFalls() {
        expectEqual(
            factors(.oneCycle, steps: 20),
            [
                0.04, 0.1316718427, 0.3716718427, 0.6683281573, 0.9083281573, 1.0, 0.987464006235, 0.950484632013,
                0.890916177571, 0.81174565395, 0.716943001791, 0.611262021936, 0.500002, 0.388741978064,
                0.283060998209, 0.18825834605, 0.109087822429, 0.0495193679865, 0.0125399937649, 4e-06,
            ])
    }

    /// `OneCycleLR(max_lr=1, total_steps=7)`: the peak falls between two steps.
    @Test func oneCycleMayPassItsPeakBetweenSteps() {
        expectEqual(
            factors(.oneCycle, steps: 7),
            [0.04, 0.980556627335, 0.91904437627, 0.672683836481, 0.35773877574, 0.0992967918933, 4e-06])
    }

    /// Below four steps the peak lies before the first one: PyTorch gives these numbers.
    @Test(arguments: [
        (1, [4e-06]), (2, [0.811745653949763, 4e-06]), (3, [0.994415435450912, 0.462637102666975, 4e-06]),
    ])
    func oneCycleOfAFewSteps(steps: Int, expected: [Double]) {
        expectEqual(factors(.oneCycle, steps: steps), expected)
    }

    /// `LinearLR(start_factor=1, end_factor=0.2, total_iters=8)`.
    @Test func linearFallsAlongALine() {
        expectEqual(
            factors(Schedule(.linear(final: 0.2)), steps: 8), [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])
        #expect(Schedule(.linear(final: 0.25)).factor(step: 30, stepsPerEpoch: 1, totalSteps: 8) == 0.25)
    }

    /// A quarter of the steps rise; after four times as many the factor is a half.
    @Test func inverseSquareRootContinuesItsWarmup() {
        let found = factors(Schedule(.inverseSquareRoot, warmup: 2), steps: 17, stepsPerEpoch: 2)
        expectEqual(Array(found.prefix(5)), [0.2, 0.4, 0.6, 0.8, 1])
        expectEqual([found[9], found[16]], [2.0 / 3, 0.5])
    }

    @Test func plateauMultipliesByItsReductions() {
        let schedule = Schedule(.reduceOnPlateau(factor: 0.5), warmup: 1)
        let found = (0...3).map { schedule.factor(step: 9, stepsPerEpoch: 2, totalSteps: 20, reductions: $0) }
        #expect(found == [1, 0.5, 0.25, 0.125])
    }

    // MARK: Warm-up

    @Test(arguments: [
        (Schedule.Shape.constant, 1.0), (.step(every: 1), 1), (.cosine(), 1), (.cosine(final: 0.5), 1),
        (.oneCycle, 0.04),
    ])
    func warmupRisesToWhatTheShapeBeginsWith(shape: Schedule.Shape, first: Double) {
        let found = factors(Schedule(shape, warmup: 2), steps: 20, stepsPerEpoch: 2)
        expectEqual(Array(found.prefix(5)), [0.2, 0.4, 0.6, 0.8, 1].map { $0 * first })
    }

    /// After the warm-up comes what the shape would be in a run of the steps that are left.
    @Test(arguments: [Schedule.Shape.constant, .step(every: 2), .cosine(), .oneCycle, .linear(final: 0.5)])
    func shapeStartsAfterWarmup(shape: Schedule.Shape) {
        let found = factors(Schedule(shape, warmup: 3), steps: 18, stepsPerEpoch: 2)
        expectEqual(Array(found.dropFirst(6)), factors(Schedule(shape), steps: 12, stepsPerEpoch: 2))
    }

    @Test func warmupMayBeAFractionOfAnEpoch() {
        expectEqual(
            factors(Schedule(.constant, warmup: 0.5), steps: 8, stepsPerEpoch: 6), [0.25, 0.5, 0.75, 1, 1, 1, 1, 1])
    }

    // MARK: Extremes

    @Test(arguments: [
        Schedule.Shape.constant, .step(every: 1), .step(every: .max), .cosine(), .oneCycle, .linear(),
        .inverseSquareRoot,
        .reduceOnPlateau(),
    ])
    func everyLengthOfRunGivesUsableFactors(shape: Schedule.Shape) {
        for warmup in [0, 0.5, 1, 2, 100, 1e300] {
            for steps in 1...12 {
                for stepsPerEpoch in [1, 2, 5] {
                    let found = factors(Schedule(shape, warmup: warmup), steps: steps, stepsPerEpoch: stepsPerEpoch)
                    #expect(found.allSatisfy { (0...1).contains($0) }, "warm-up \(warmup), \(steps) steps: \(found)")
                }
            }
        }
    }

    /// A resumed run may be asked for steps beyond those it was planned for.
    @Test func factorsStayAtTheEndAfterwards() {
        #expect(Schedule(.cosine(final: 0.25)).factor(step: 30, stepsPerEpoch: 1, totalSteps: 20) == 0.25)
        let last = Schedule.oneCycle.factor(step: 30, stepsPerEpoch: 1, totalSteps: 20)
        #expect(abs(last - 4e-6) < 1e-18)
    }
}
