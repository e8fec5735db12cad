import Testing

@testable import ConvNetCore

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
        Case("label smoothing must be 0 to 1, received 1.5") { $0.loss.labelSmoothing = 1.5 },
        Case("label smoothing must be 0 to 1, received nan") { $0.loss.labelSmoothing = .nan },
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
        var trainer = Trainer(epochs: 1, learningRate: 0.1)
        setting.change(&trainer)
        let error = try #require(throws: TrainingError.self) { try trainer.validate() }
        #expect(error == .setting(setting.sentence))
        #expect("\(error)" == setting.sentence)
    }

    @Test func extremesThatWork() throws {
        try Trainer(
            epochs: .max, batchSize: .max, learningRate: .leastNonzeroMagnitude,
            schedule: Schedule(.step(every: .max, factor: 2), warmup: 1e300),
            optimizer: SGD(momentum: 0.999, nesterov: true, weightDecay: 0),
            loss: SoftmaxCrossEntropy(labelSmoothing: 1), seed: .max
        ).validate()
    }
}
