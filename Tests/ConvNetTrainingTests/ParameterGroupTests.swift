import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

@Suite struct ParameterGroupTests {
    @Test(arguments: [
        ("*", true), ("features.0.bias", true), ("features.*", true), ("*.bias", true), ("*0*", true), ("f*.*s", true),
        ("**", true), ("features.0.bias*", true), ("", false), ("features", false), ("*.weight", false),
        ("Features.*", false), ("*.bia", false), ("eatures.*", false), ("features.1*", false),
    ])
    func starStandsForAnything(pattern: String, matches: Bool) {
        #expect(ParameterGroup(pattern).matches("features.0.bias") == matches)
    }

    private func settings(
        _ groups: [ParameterGroup], decaysBiasesAndNorms: Bool = true
    ) throws -> [ParameterSettings] {
        let trainer = Trainer(
            epochs: 1, learningRate: 1, optimizer: SGD(weightDecay: 0.5), parameterGroups: groups,
            decaysBiasesAndNorms: decaysBiasesAndNorms)
        return try trainer.parameterSettings(for: Corners.network())
    }

    /// The parameters are 0.weight, 0.bias, 5.weight and 5.bias.
    @Test func lastGroupDecidesAlone() throws {
        let found = try settings([
            ParameterGroup("*", learningRateFactor: 0.25, weightDecay: 0.125),
            ParameterGroup("5.*", learningRateFactor: 2), ParameterGroup("*.weight", weightDecay: 0.75),
        ])
        #expect(
            found == [
                ParameterSettings(learningRateFactor: 1, weightDecay: 0.75),
                ParameterSettings(learningRateFactor: 0.25, weightDecay: 0.125),
                ParameterSettings(learningRateFactor: 1, weightDecay: 0.75),
                ParameterSettings(learningRateFactor: 2, weightDecay: 0.5),
            ])
    }

    @Test func biasesNeedNotDecay() throws {
        #expect(try settings([]).map(\.weightDecay) == [0.5, 0.5, 0.5, 0.5])
        #expect(try settings([], decaysBiasesAndNorms: false).map(\.weightDecay) == [0.5, 0, 0.5, 0])
        // A group that says so is more particular.
        #expect(
            try settings([ParameterGroup("0.bias", weightDecay: 0.25)], decaysBiasesAndNorms: false)
                .map(\.weightDecay) == [0.5, 0.25, 0.5, 0])
    }

    @Test(arguments: [
        ("5.wieght", "5.weight, 0.weight, 5.bias"), ("6.*", "0.weight, 0.bias, 5.weight"),
        ("*.gamma", "0.weight, 0.bias, 5.weight"),
    ])
    func patternWithoutParametersIsAnswered(pattern: String, nearest: String) throws {
        let error = try #require(throws: SettingError.self) { try settings([ParameterGroup(pattern)]) }
        #expect(
            "\(error)" == "the parameter group '\(pattern)' matches nothing that is trained; the nearest are \(nearest)"
        )
    }

    @Test func somethingMustBeTrained() throws {
        let error = try #require(throws: SettingError.self) {
            try settings([ParameterGroup("*", learningRateFactor: 0)])
        }
        #expect("\(error)" == "every parameter is frozen; leave one a learning-rate factor above 0")
    }

    /// Frozen layers keep their bits, weight decay and averaging or not.
    @Test func frozenParametersStay() async throws {
        let model = try Corners.model()
        let before = try await model.weights().bits
        try await Trainer(
            epochs: 2, batchSize: 4, learningRate: 0.1, optimizer: AdamW(),
            parameterGroups: [ParameterGroup("0.*", learningRateFactor: 0)], averaging: WeightAveraging()
        ).train(model, on: Corners.dataset(count: 10))
        let after = try await model.weights().bits
        for name in ["0.weight", "0.bias"] { #expect(after[name] == before[name]) }
        #expect(after["5.weight"] != before["5.weight"])
    }
}
