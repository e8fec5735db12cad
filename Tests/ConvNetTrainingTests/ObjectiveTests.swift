import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

/// One number decides which epoch is the best, when a run ends early, and when its learning rate becomes less.
@Suite struct ObjectiveTests {
    /// A program's own metric, whose values are told in advance: one for each validation.
    private struct Told: Metric {
        var name = "told"
        let title = "told", unit = MetricUnit.number
        var direction = MetricDirection.higherIsBetter
        var values: [Double?]
        let calls = Counter()

        func makeAccumulator(classes: Int) -> Accumulator { Accumulator(value: MetricValue(values[calls.next()])) }

        struct Accumulator: MetricAccumulator {
            let value: MetricValue
            func add(_ predictions: Predictions) {}
        }

        final class Counter: @unchecked Sendable {
            private var count = -1
            func next() -> Int {
                count += 1
                return count
            }
        }
    }

    private func run(_ change: (inout Trainer) -> Void) async throws -> (RunEnd, [EpochReport]) {
        var trainer = Trainer(epochs: 6, batchSize: 4, learningRate: 0.0625, optimizer: SGD(momentum: 0))
        change(&trainer)
        let observer = TrainingObserver()
        let end = try await trainer.train(
            Corners.model(), on: Corners.dataset(count: 8), validation: Corners.dataset(count: 6, seed: 1),
            listeners: [observer])
        return (end, observer.epochs)
    }

    @Test func theBestEpochIsTheObjectives() async throws {
        let (end, epochs) = try await run { $0.objective = Told(values: [0, 1, 3, 2, 3, nil]) }
        #expect(epochs.map { $0.validation?["told"] } == [0, 1, 3, 2, 3, nil])
        // Of equal values, the one with the lower loss is better.
        let losses = epochs.map { $0.validation?.loss ?? 0 }
        let isFifthBetter = losses[4] < losses[2]
        #expect(epochs.map(\.isBest) == [true, true, true, false, isFifthBetter, false])
        #expect(end.best?.epoch == (isFifthBetter ? 5 : 3))
    }

    @Test func lowerMayBeBetter() async throws {
        let (end, _) = try await run {
            $0.objective = Told(direction: .lowerIsBetter, values: [5, 4, 2, 3, 2.5, 9])
            $0.earlyStopping = EarlyStopping(patience: 2, minimumImprovement: 0.5)
        }
        #expect(end.best?.epoch == 3)
        #expect((end.reason, end.epochs) == (.stoppedEarly, 5))
    }

    @Test func earlyStoppingAndPlateauGoByIt() async throws {
        let (end, epochs) = try await run {
            $0.objective = Told(values: [1, 2, 2, 2, 2, 2])
            $0.schedule = Schedule(.reduceOnPlateau(factor: 0.5, patience: 0))
            $0.earlyStopping = EarlyStopping(patience: 3)
        }
        #expect(epochs.map(\.learningRate) == [0.0625, 0.0625, 0.0625, 0.03125, 0.015625])
        #expect((end.reason, end.epochs) == (.stoppedEarly, 5))
    }

    /// Without one, each goes by what it went by before there was an objective.
    @Test func separateRulesStay() {
        var trainer = Trainer(epochs: 9, learningRate: 1, objective: nil)
        trainer.schedule = Schedule(.reduceOnPlateau(patience: 0))
        trainer.earlyStopping = EarlyStopping(patience: 1)
        let worse = Evaluation(["accuracy": 0.5, "loss": 1], imageCount: 1)
        let losing = Evaluation(["accuracy": 0.75, "loss": 2], imageCount: 1)
        #expect(trainer.isBetter(losing, than: worse))
        var history = ValidationHistory()
        history.observe(worse, in: trainer)
        history.observe(losing, in: trainer)
        #expect(history.plateau.reductions == 1)
        #expect(!history.isOver(in: trainer))
        trainer.earlyStopping?.measure = .loss
        history = ValidationHistory()
        history.observe(worse, in: trainer)
        history.observe(losing, in: trainer)
        #expect(history.isOver(in: trainer))
        // With one, the plateau goes by the accuracy.
        trainer.objective = Accuracy()
        history = ValidationHistory()
        history.observe(worse, in: trainer)
        history.observe(losing, in: trainer)
        #expect(history.plateau.reductions == 0)
    }

    /// torch.optim.lr_scheduler.ReduceLROnPlateau(mode="max", factor=0.1, patience=1, threshold=0.1), reductions after each value.
    @Test func plateauOfWhatRisesIsPyTorchs() {
        var plateau = Plateau()
        var reductions: [Int] = []
        for value in [0.5, 0.54, 0.56, 0.56, 0.6, 0.61, 0.62, 0.7, 0.5, 0.4, 0.3] {
            plateau.observe(value, .higherIsBetter, patience: 1, threshold: 0.1)
            reductions.append(plateau.reductions)
        }
        #expect(reductions == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2])
    }

    @Test func metricsComeWithEveryEpoch() async throws {
        let (_, epochs) = try await run { $0.metrics = [MacroF1(), MeanAveragePrecision()] }
        for epoch in epochs {
            let names = try #require(epoch.validation).values.keys
            #expect(names.sorted() == ["accuracy", "loss", "macro_f1", "mean_average_precision", "top5_accuracy"])
        }
    }

    @Test(arguments: [
        ("the objective macro_f1 needs validation images, and this run has none", true),
        ("the metric narrow is for images with any number of classes; those of corners have one each", false),
        (
            "the loss binary-cross-entropy is for images with any number of classes; those of corners have one each, which "
                + "cross-entropy is for", false
        ),
        ("thresholds are for images with any number of classes; those of corners have one each", false),
    ])
    func whatDoesNotFitIsRefused(sentence: String, lacksValidation: Bool) async throws {
        var trainer = Trainer(epochs: 1, learningRate: 0.1)
        if lacksValidation { trainer.objective = MacroF1() }
        if sentence.contains("narrow") { trainer.metrics = [Narrow()] }
        if sentence.contains("loss") { trainer.loss = BinaryCrossEntropy() }
        if sentence.contains("thresholds") { trainer.thresholds = .fitted }
        let observer = TrainingObserver()
        let validation = lacksValidation ? nil : try Corners.dataset(count: 6, seed: 1)
        await #expect(throws: SettingError(sentence)) {
            try await trainer.train(
                Corners.model(), on: Corners.dataset(count: 8), validation: validation, listeners: [observer])
        }
        #expect(observer.events.isEmpty)
    }

    private struct Narrow: Metric {
        let name = "narrow", title = "narrow", unit = MetricUnit.share, direction = MetricDirection.higherIsBetter
        func fits(_ kind: TargetKind) -> Bool { kind == .labels }
        func makeAccumulator(classes: Int) -> Accuracy.Accumulator { Accuracy().makeAccumulator(classes: classes) }
    }
}
