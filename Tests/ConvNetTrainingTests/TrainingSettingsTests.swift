import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

@Suite struct TrainingSettingsTests {
    /// A setting that cannot work, and what is said about it.
    struct Case: Sendable, CustomTestStringConvertible {
        let sentence: String
        let change: @Sendable (inout Trainer) -> Void

        init(_ sentence: String, _ change: @escaping @Sendable (inout Trainer) -> Void) {
            self.sentence = sentence
            self.change = change
        }

        var testDescription: String { sentence }
    }

    @Test(arguments: [
        Case("epochs must be at least 1, received 0") { $0.epochs = 0 },
        Case("epochs must be at least 1, received -3") { $0.epochs = -3 },
        Case("the batch size must be at least 1, received 0") { $0.batchSize = 0 },
        Case("the learning rate must be above 0 and finite, received 0.0") { $0.learningRate = 0 },
        Case("the learning rate must be above 0 and finite, received -0.1") { $0.learningRate = -0.1 },
        Case("the learning rate must be above 0 and finite, received nan") { $0.learningRate = .nan },
        Case("the learning rate must be above 0 and finite, received inf") { $0.learningRate = .infinity },
        Case("label smoothing must be 0 to 1, received 1.5") { $0.loss = SoftmaxCrossEntropy(labelSmoothing: 1.5) },
        Case("label smoothing must be 0 to 1, received nan") { $0.loss = SoftmaxCrossEntropy(labelSmoothing: .nan) },
        Case("the warm-up must be 0 epochs or more, received -1.0") { $0.schedule.warmup = -1 },
        Case("the warm-up must be 0 epochs or more, received inf") { $0.schedule.warmup = .infinity },
        Case("the step schedule must step every 1 epoch or more, received 0") {
            $0.schedule = Schedule(.step(every: 0))
        },
        Case("the step schedule's factor must be above 0, received 0.0") {
            $0.schedule = Schedule(.step(every: 1, factor: 0))
        },
        Case("the step schedule's factor must be above 0, received nan") {
            $0.schedule = Schedule(.step(every: 1, factor: .nan))
        },
        Case("the cosine schedule's final factor must be 0 to 1, received 1.5") {
            $0.schedule = Schedule(.cosine(final: 1.5))
        },
        Case("momentum must be at least 0 and below 1, received 1.0") { $0.optimizer = SGD(momentum: 1) },
        Case("momentum must be at least 0 and below 1, received -0.5") { $0.optimizer = SGD(momentum: -0.5) },
        Case("weight decay must be 0 or more, received -1.0") { $0.optimizer = SGD(weightDecay: -1) },
        Case("weight decay must be 0 or more, received inf") { $0.optimizer = SGD(weightDecay: .infinity) },
        Case("Nesterov's method needs a momentum above 0") { $0.optimizer = SGD(momentum: 0, nesterov: true) },
    ])
    func refused(setting: Case) throws {
        try expectRefusal(setting)
    }

    @Test(arguments: [
        Case("beta1 must be at least 0 and below 1, received 1.0") { $0.optimizer = Adam(beta1: 1) },
        Case("beta2 must be at least 0 and below 1, received -0.5") { $0.optimizer = AdamW(beta2: -0.5) },
        Case("epsilon must be above 0, received 0.0") { $0.optimizer = Adam(epsilon: 0) },
        Case("epsilon must be above 0, received 1e-60") { $0.optimizer = AdaGrad(epsilon: 1e-60) },
        Case("alpha must be at least 0 and below 1, received nan") { $0.optimizer = RMSProp(alpha: .nan) },
        Case("momentum must be at least 0 and below 1, received 1.0") { $0.optimizer = RMSProp(momentum: 1) },
        Case("weight decay must be 0 or more, received -1.0") { $0.optimizer = AdaGrad(weightDecay: -1) },
        Case("class weights must be 0 or more, received -1.0") {
            $0.loss = SoftmaxCrossEntropy(classWeights: [1, -1])
        },
        Case("class weights must be 0 or more, received inf") {
            $0.loss = SoftmaxCrossEntropy(classWeights: [.infinity])
        },
        Case("the class weights are all 0; at least one class must count") {
            $0.loss = SoftmaxCrossEntropy(classWeights: [0, 0])
        },
        Case("the limit of gradient clipping must be above 0, received 0.0") { $0.gradientClipping = .norm(0) },
        Case("the limit of gradient clipping must be above 0, received nan") { $0.gradientClipping = .value(.nan) },
        Case("the learning-rate factor of '*' must be 0 or more, received -1.0") {
            $0.parameterGroups = [ParameterGroup("*", learningRateFactor: -1)]
        },
        Case("the weight decay of '*' must be 0 or more, received inf") {
            $0.parameterGroups = [ParameterGroup("*", weightDecay: .infinity)]
        },
        Case("a batch of 64 can be computed in 1 to 64 parts, received 0") { $0.accumulationSteps = 0 },
        Case("a batch of 64 can be computed in 1 to 64 parts, received 65") { $0.accumulationSteps = 65 },
        Case("the decay of the weights' average must be at least 0 and below 1, received 1.0") {
            $0.averaging = WeightAveraging(decay: 1)
        },
        Case("early stopping needs a patience of at least 1 epoch, received 0") {
            $0.earlyStopping = EarlyStopping(patience: 0)
        },
        Case("early stopping's minimum improvement must be 0 or more, received nan") {
            $0.earlyStopping = EarlyStopping(patience: 1, minimumImprovement: .nan)
        },
    ])
    func refusedFeature(setting: Case) throws {
        try expectRefusal(setting)
    }

    @Test(arguments: [
        Case("the linear schedule's final factor must be 0 to 1, received -1.0") {
            $0.schedule = Schedule(.linear(final: -1))
        },
        Case("the plateau schedule's factor must be between 0 and 1, received 1.0") {
            $0.schedule = Schedule(.reduceOnPlateau(factor: 1))
        },
        Case("the plateau schedule's patience must be 0 epochs or more, received -1") {
            $0.schedule = Schedule(.reduceOnPlateau(patience: -1))
        },
        Case("the plateau schedule's threshold must be at least 0 and below 1, received 1.0") {
            $0.schedule = Schedule(.reduceOnPlateau(threshold: 1))
        },
        Case("the warm-up must be shorter than the run of 1 epochs, received 1.0 epochs") { $0.schedule.warmup = 1 },
        Case(
            "the step schedule would step first after 30 epochs, but the run has 30; "
                + "step earlier, or choose the constant schedule"
        ) {
            $0.epochs = 30
            $0.schedule = Schedule(.step(every: 30))
        },
        Case(
            "the step schedule would step first after 10.5 epochs, but the run has 10; "
                + "step earlier, or choose the constant schedule"
        ) {
            $0.epochs = 10
            $0.schedule = Schedule(.step(every: 9), warmup: 1.5)
        },
        Case("the inverse square root schedule needs a warm-up, whose length its fall is measured by") {
            $0.schedule = Schedule(.inverseSquareRoot)
        },
        Case(
            "the plateau schedule with a patience of 10 epochs could reduce the learning rate first after epoch 12, "
                + "but the run has 12"
        ) {
            $0.epochs = 12
            $0.schedule = Schedule(.reduceOnPlateau())
        },
    ])
    func refusedSchedule(setting: Case) throws {
        try expectRefusal(setting)
    }

    private func expectRefusal(_ setting: Case) throws {
        var trainer = Trainer(epochs: 1, learningRate: 0.1)
        setting.change(&trainer)
        let error = try #require(throws: SettingError.self) { try trainer.validate() }
        #expect(error == SettingError(setting.sentence))
        #expect("\(error)" == setting.sentence)
    }

    @Test func classWeightsFitTheClasses() throws {
        let trainer = Trainer(epochs: 1, learningRate: 1, loss: SoftmaxCrossEntropy(classWeights: [1, 2]))
        #expect(throws: SettingError("2 class weights for 3 classes")) {
            try trainer.validate(for: Corners.network(), training: Corners.dataset(count: 4), hasValidation: true)
        }
    }

    @Test func extremesThatWork() throws {
        try Trainer(
            epochs: .max, batchSize: .max, learningRate: .leastNonzeroMagnitude,
            schedule: Schedule(.step(every: .max / 2, factor: 2), warmup: 1e18),
            optimizer: SGD(momentum: 0.999, nesterov: true, weightDecay: 0),
            loss: SoftmaxCrossEntropy(labelSmoothing: 1), seed: .max
        ).validate()
    }
}
