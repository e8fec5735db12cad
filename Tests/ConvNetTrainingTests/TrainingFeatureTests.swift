import Synchronization
import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

/// Whole runs with accumulated gradients, averaged weights, soft targets, and ends and rates that depend on validation.
@Suite struct TrainingFeatureTests {
    private let trainer = Trainer(epochs: 3, batchSize: 4, learningRate: 0.1, seed: 3)

    private func weights(of trainer: Trainer, on dataset: any Dataset) async throws -> [String: [Float]] {
        let model = try Corners.model()
        _ = try await trainer.train(model, on: dataset)
        return try await model.weights()
    }

    // MARK: Parts of batches

    /// Ten images in batches of 4: the last batch has 2, and in three parts each, sizes 2 and 2, or 2.
    @Test(arguments: [2, 3, 4])
    func partsAddUpToTheBatch(parts: Int) async throws {
        let images = try Corners.dataset(count: 11)
        var other = trainer
        other.accumulationSteps = parts
        other.gradientClipping = .norm(0.5)
        var whole = other
        whole.accumulationSteps = 1
        let (found, expected) = (try await weights(of: other, on: images), try await weights(of: whole, on: images))
        for (name, values) in expected {
            #expect(relativeError(found[name] ?? [], values) < 1e-4, "\(name)")
        }
    }

    @Test func classWeightsCountAcrossParts() async throws {
        let images = try Corners.dataset(count: 10)
        var whole = trainer
        whole.loss = SoftmaxCrossEntropy(classWeights: [1, 5, 0.25])
        var parts = whole
        parts.accumulationSteps = 4
        let (found, expected) = (try await weights(of: parts, on: images), try await weights(of: whole, on: images))
        for (name, values) in expected { #expect(relativeError(found[name] ?? [], values) < 1e-4, "\(name)") }
    }

    // MARK: Soft targets

    @Test func oneHotSoftTargetsTrainLikeLabels() async throws {
        let images = try Corners.dataset(count: 10)
        struct OneHot: Dataset {
            let base: ArrayDataset
            var name: String { base.name }
            var count: Int { base.count }
            var imageShape: Shape? { base.imageShape }
            var classes: [String] { base.classes }
            var targetKind: TargetKind { .distribution }
            func target(at index: Int) -> Target {
                .distribution(classes.indices.map { $0 == base.label(at: index) ? 1 : 0 })
            }
            func item(at index: Int) -> DatasetItem { base.item(at: index) }
        }
        let found = try await weights(of: trainer, on: OneHot(base: images))
        for (name, values) in try await weights(of: trainer, on: images) {
            #expect(relativeError(found[name] ?? [], values) < 1e-4, "\(name)")
        }
    }

    @Test func arrayDatasetTakesSoftTargets() throws {
        let dataset = try ArrayDataset(
            images: [1, 2, 3], shape: [1, 1, 1], softTargets: [0.25, 0.75, 0.5, 0.5, 1, 0], classes: ["a", "b"])
        #expect((0..<3).map(dataset.label) == [1, 0, 0])
        let subset = DatasetSubset(of: dataset, indices: [2, 0], name: "part")
        #expect(subset.targetKind == .distribution)
        #expect(subset.target(at: 1) == .distribution([0.25, 0.75]))
        #expect(throws: ArrayDatasetError.softTargets(3, classes: 2)) {
            try ArrayDataset(images: [1], shape: [1, 1, 1], softTargets: [1, 0, 0], classes: ["a", "b"])
        }
        #expect(throws: ArrayDatasetError.softTarget(-1, image: 0)) {
            try ArrayDataset(images: [1], shape: [1, 1, 1], softTargets: [2, -1], classes: ["a", "b"])
        }
    }

    // MARK: Averages

    @Test func averagesAreValidatedAndLeft() async throws {
        var averaging = trainer
        averaging.averaging = WeightAveraging(decay: 0.75)
        let images = try Corners.dataset(count: 4)
        let steps = Mutex<[[String: [Float]]]>([])
        let model = try Corners.model()
        let initial = try await model.weights()
        let plain = try Corners.model()
        _ = try await trainer.train(
            plain, on: images,
            listeners: [
                TrainingObserver { event, run in
                    if event.step != nil { try steps.withLock { $0.append(try run.weights()) } }
                    return .continue
                }
            ])
        _ = try await averaging.train(model, on: images)
        let found = try await model.weights()
        for (name, start) in initial {
            var expected = start
            for (index, weights) in steps.withLock({ $0 }).enumerated() {
                let decay = Float(min(0.75, (2 + Double(index)) / (11 + Double(index))))
                expected = zip(expected, weights[name] ?? []).map { decay * $0 + (1 - decay) * $1 }
            }
            #expect(relativeError(found[name] ?? [], expected) < 1e-5, "\(name)")
        }
    }

    /// What is validated, told to listeners and left in the model is the average; the run's own weights are others.
    @Test func validationSeesTheAverages() async throws {
        var trainer = trainer
        trainer.averaging = WeightAveraging(decay: 0.9)
        trainer.restoresBestWeights = false
        let told = Mutex<[[String: [Float]]]>([])
        let raw = Mutex<[[Float]]>([])
        let observer = TrainingObserver { event, run in
            guard event.epoch != nil else { return .continue }
            try told.withLock { $0.append(try run.weights()) }
            try raw.withLock { $0.append(try run.checkpoint().parameters[0]) }
            return .continue
        }
        let validation = try Corners.dataset(count: 9, seed: 2)
        let model = try Corners.model()
        _ = try await trainer.train(
            model, on: Corners.dataset(count: 10), validation: validation, listeners: [observer])
        #expect(try await model.weights() == told.withLock { $0.last })
        let judge = try Corners.model(seed: 9)
        for (epoch, report) in observer.epochs.enumerated() {
            let weights = told.withLock { $0[epoch] }
            try await judge.setWeights(weights)
            #expect(try await judge.evaluate(validation, metrics: [TopAccuracy(5)]) == report.validation)
            #expect(weights["0.weight"] != raw.withLock { $0[epoch] })
        }
    }

    // MARK: Ends and rates that depend on validation

    /// A rate so small that nothing improves after the first epoch.
    private func standingStill(_ change: (inout Trainer) -> Void) -> Trainer {
        var trainer = Trainer(epochs: 9, batchSize: 4, learningRate: 1e-20, optimizer: SGD(momentum: 0))
        change(&trainer)
        return trainer
    }

    private func run(_ trainer: Trainer) async throws -> (RunEnd, TrainingObserver) {
        let observer = TrainingObserver()
        let end = try await trainer.train(
            Corners.model(), on: Corners.dataset(count: 8), validation: Corners.dataset(count: 6, seed: 1),
            listeners: [observer])
        return (end, observer)
    }

    @Test(arguments: EarlyStopping.Measure.allCases)
    func stopsAfterItsPatience(measure: EarlyStopping.Measure) async throws {
        let trainer = standingStill { $0.earlyStopping = EarlyStopping(patience: 3, measure: measure) }
        let (end, observer) = try await run(trainer)
        #expect((end.reason, end.epochs, end.steps) == (.stoppedEarly, 4, 8))
        #expect(observer.outline.suffix(2) == ["epoch 4 done", "stoppedEarly"])
    }

    @Test func improvementsCountFromTheirMinimum() {
        let rule = EarlyStopping(patience: 2, minimumImprovement: 0.125, measure: .loss)
        var state = EarlyStopping.State()
        var waited: [Int] = []
        for loss in [1, 0.9375, 0.8125, 0.75, 0.6875, 0.5] {
            state.observe(
                Evaluation(loss: loss, accuracy: 0, top5Accuracy: 0, imageCount: 1), rule, objective: Accuracy())
            waited.append(state.epochsWithoutImprovement)
        }
        #expect(waited == [0, 1, 0, 1, 2, 0])
    }

    @Test func allEpochsDoneIsNoEarlyStop() async throws {
        let (end, _) = try await run(
            standingStill {
                $0.epochs = 3
                $0.earlyStopping = EarlyStopping(patience: 2)
            })
        #expect(end.reason == .completed)
    }

    @Test func plateauReducesTheRate() async throws {
        let (_, observer) = try await run(
            standingStill { $0.schedule = Schedule(.reduceOnPlateau(factor: 0.5, patience: 1)) })
        // The first epoch is the best; two bad ones reduce, and again.
        let factors = [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]
        #expect(observer.epochs.map(\.learningRate) == factors.map { Float(Double(Float(1e-20)) * $0) })
    }

    /// torch.optim.lr_scheduler.ReduceLROnPlateau(factor=0.1, patience=1, threshold=1e-4), reductions after each loss.
    @Test func plateauIsPyTorchs() {
        var plateau = Plateau()
        var reductions: [Int] = []
        for loss in [1, 0.99995, 0.9998, 0.9998, 0.9999, 0.5, 0.6, 0.7, 0.8, 0.9, 0.4] {
            plateau.observe(loss, .lowerIsBetter, patience: 1, threshold: 1e-4)
            reductions.append(plateau.reductions)
        }
        #expect(reductions == [0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3])
    }

    @Test(arguments: [
        ("the plateau schedule needs validation images, and this run has none", true),
        ("early stopping needs validation images, and this run has none", false),
    ])
    func needsValidation(sentence: String, isSchedule: Bool) async throws {
        let trainer = standingStill {
            if isSchedule {
                $0.schedule = Schedule(.reduceOnPlateau(patience: 1))
            } else {
                $0.earlyStopping = EarlyStopping(patience: 1)
            }
        }
        await #expect(throws: SettingError(sentence)) {
            try await trainer.train(Corners.model(), on: Corners.dataset(count: 8))
        }
    }

    // MARK: Resuming

    @Test(arguments: 1...9)
    func everythingResumesToTheBit(step: Int) async throws {
        var run = try ResumableRun(engine: ReferenceEngine())
        run.trainer.optimizer = AdamW()
        run.trainer.learningRate = 0.05
        run.trainer.schedule = Schedule(.reduceOnPlateau(factor: 0.5, patience: 0, threshold: 0.5))
        run.trainer.accumulationSteps = 3
        run.trainer.gradientClipping = .norm(0.5)
        run.trainer.averaging = WeightAveraging(decay: 0.9)
        run.trainer.earlyStopping = EarlyStopping(patience: 2, minimumImprovement: 0.4)
        run.trainer.parameterGroups = [ParameterGroup("5.*", learningRateFactor: 2, weightDecay: 0)]
        run.trainer.loss = SoftmaxCrossEntropy(labelSmoothing: 0.1, classWeights: [1, 2, 3])
        let whole = try await run.run()
        let resumed = try await run.run(resuming: try await run.checkpoint(stoppedAfterStep: step))
        #expect(resumed.checkpoint == whole.checkpoint)
        #expect(resumed.parameters == whole.parameters)
        #expect(resumed.epochs == whole.epochs.suffix(resumed.epochs.count))
        #expect(resumed.end == whole.end)
    }
}
