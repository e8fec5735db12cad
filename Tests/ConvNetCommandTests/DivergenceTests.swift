import Testing

@Suite struct DivergenceTests {
    @Test func namesEpochStepAndRateAndKeepsTheLastGoodEpoch() async throws {
        let place = try Workplace.withDataset()
        let arguments = Workplace.training(epochs: 4, ["--schedule", "step:2:1e14"])
        let outcome = try await place.run(arguments)
        #expect(outcome.ending == .exit(1))
        #expect(outcome.output == "")
        let error = try #require(outcome.errors.split(separator: "\n").last)
        let pattern = #"Error: the loss became -?(nan|inf) in epoch 3, step [0-9]+, at learning rate 2e\+12; "#
        #expect(error.prefixMatch(of: try Regex(pattern)) != nil)

        try place.expectWholeFiles(in: "run")
        #expect(try place.text("run/metrics.jsonl").split(separator: "\n").count == 2)
        #expect(try await place.run("verify", Workplace.model).ending == .exit(0))
        let evaluate = try await place.run("evaluate", Workplace.model, "--dataset", "data")
        #expect(evaluate.output.contains("loss nan") == false)

        // Going on leads to the same place.
        let again = try await place.run("train", "--resume", "--out", "run")
        #expect(again.errors.hasSuffix("\(error)\n"))
    }

    @Test func inTheFirstEpochLeavesNoModel() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(
            Workplace.training(epochs: 2, ["--learning-rate", "1e10", "--schedule", "constant"]))
        #expect(outcome.errors.contains("in epoch 1, step "))
        #expect(outcome.errors.contains(", at learning rate 1e+10; try a smaller learning rate or a warm-up\n"))
        #expect(outcome.ending == .exit(1))
        #expect(try place.contents(of: "run") == ["checkpoint", "config.yaml", "metrics.jsonl", "split.json"])
        #expect(try place.text("run/metrics.jsonl") == "")
    }
}
