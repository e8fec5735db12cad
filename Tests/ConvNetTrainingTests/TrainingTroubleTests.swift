import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

@Suite struct TrainingTroubleTests {
    private static func watch(
        classes: Int = 10, epochs: Int = 9, loss: any Loss = SoftmaxCrossEntropy(), auxiliaryWeights: [Double] = []
    ) throws -> TroubleWatch {
        let network = try Network(input: [4]) {
            for weight in auxiliaryWeights { AuxiliaryClassifier(weight: weight) { Dense(classes) } }
            Dense(classes)
        }
        return TroubleWatch(Trainer(epochs: epochs, learningRate: 0.1, loss: loss), network)
    }

    /// Losses of epochs one after the other, and in which of them there is trouble.
    private static func troubles(_ watch: TroubleWatch, _ losses: Double...) throws -> [Int] {
        var watch = watch
        return try losses.enumerated().compactMap { index, loss in
            try watch.observe(epoch: index + 1, loss: loss, learningRate: 0.1).map { _ in index + 1 }
        }
    }

    @Test func chanceIsTroubleFromTheThirdEpochOn() throws {
        #expect(try Self.troubles(Self.watch(), 2.3026, 2.3026, 2.3026, 2.3) == [3, 4])
        #expect(try Self.troubles(Self.watch(), 2.3026, 2.3026, 2.0) == [])
        // 0.9 of log 10 is 2.0723.
        #expect(try Self.troubles(Self.watch(), 2.3, 2.3, 2.072) == [])
        #expect(try Self.troubles(Self.watch(), 2.3, 2.3, 2.073) == [3])
        #expect(try Self.troubles(Self.watch(classes: 4), 1, 1, 1.3) == [3])
        #expect(try Self.troubles(Self.watch(classes: 4), 1, 1, 1.2) == [])
    }

    @Test func theLastEpochOfAShortRunCounts() throws {
        #expect(try Self.troubles(Self.watch(epochs: 1), 2.3) == [1])
        #expect(try Self.troubles(Self.watch(epochs: 2), 2.3, 2.3) == [2])
    }

    @Test func divergenceIsSaidAtOnce() throws {
        // Until it is over, even where it would be too early to say it.
        #expect(try Self.troubles(Self.watch(), 5, 2.3, 2.3) == [1, 2, 3])
        #expect(try Self.troubles(Self.watch(), 4.5, 2.3, 2) == [])
        #expect(try Self.troubles(Self.watch(), 5, 1, 1, 1, 2.2) == [1, 5])
        var watch = try Self.watch()
        #expect(try watch.observe(epoch: 1, loss: 5, learningRate: 0.1)?.isDivergence == true)
        #expect(try watch.observe(epoch: 2, loss: 4, learningRate: 0.1)?.isDivergence == false)
    }

    /// As it does where the learning rate still rises; chance alone makes losses fall and rise again.
    @Test(arguments: [
        ([2.31, 2.30, 2.29], true), ([2.31, 2.30, 2.30], false), ([2.31, 2.3095, 2.309], false),
        ([2.30, 2.31, 2.29], false),
        ([2.31, 2.30, 2.29, 2.28], true),
    ])
    func whatFallsIsSaidToFall(losses: [Double], isFalling: Bool) throws {
        var watch = try Self.watch()
        var trouble: TrainingTrouble?
        for (index, loss) in losses.enumerated() {
            trouble = try watch.observe(epoch: index + 1, loss: loss, learningRate: 0.1)
        }
        #expect(trouble?.isFalling == isFalling)
        var short = try Self.watch(epochs: 1)
        #expect(try short.observe(epoch: 1, loss: 2.3, learningRate: 0.1)?.isFalling == false)
    }

    @Test func aRunWithoutHopeEnds() throws {
        let error = #expect(throws: TrainingError.self) { try Self.troubles(Self.watch(), 500, 400, 24) }
        guard case .diverged(24, let guessing, 3, 0.1) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(abs(guessing - 2.302585) < 1e-6)
        #expect(
            error?.description
                == "the run has diverged: its loss is 24.0000 in epoch 3, at learning rate 0.1, where guessing "
                + "has 2.3026; try a smaller learning rate or a warm-up")
        #expect(try Self.troubles(Self.watch(), 500, 400, 23) == [1, 2, 3])
        #expect(throws: TrainingError.self) { try Self.troubles(Self.watch(epochs: 1), 24) }
    }

    @Test func guessingDependsOnTheLoss() throws {
        func guessing(_ watch: TroubleWatch) throws -> Double? {
            var watch = watch
            return try watch.observe(epoch: 3, loss: 3.3, learningRate: 0.1)?.guessingLoss
        }
        let smooth = try guessing(Self.watch(loss: SoftmaxCrossEntropy(labelSmoothing: 0.2)))
        #expect(abs(try #require(smooth) - 2.302585) < 1e-6)
        let weighted = try guessing(Self.watch(classes: 2, loss: SoftmaxCrossEntropy(classWeights: [1, 9])))
        #expect(abs(try #require(weighted) - 0.693147) < 1e-6)
        let auxiliary = try guessing(Self.watch(auxiliaryWeights: [0.3, 0.2]))
        #expect(abs(try #require(auxiliary) - 1.5 * 2.302585) < 1e-6)
        // The mean over four classes of (1 − ¼)² and three times ¼².
        var squares = try Self.watch(classes: 4, loss: MeanSquaredError())
        let trouble = try squares.observe(epoch: 3, loss: 0.3, learningRate: 0.1)
        #expect(abs(try #require(trouble).guessingLoss - 0.1875) < 1e-6)
    }

    /// Of one class any network is right, and its loss 0.
    @Test func oneClassIsNoTrouble() throws {
        #expect(try Self.troubles(Self.watch(classes: 1), 0, 0, 0) == [])
        #expect(try Self.troubles(Self.watch(classes: 1, loss: MeanSquaredError()), 9, 9, 9) == [])
    }
}
