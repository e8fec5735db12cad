import CommandTestSupport
import Testing

@Suite struct DivergenceTests {
    @Test func namesEpochStepAndRateAndKeepsTheLastGoodEpoch() async throws {
        let place = try Workplace.withDataset()
        let arguments = Workplace.training(epochs: 4, ["--schedule", "step:2:1e14"])
        let outcome = try await place.run(arguments)
        #expect(outcome.ending == .exit(3))
        #expect(outcome.output == "")
        let lines = outcome.errors.split(separator: "\n")
        let error = try #require(lines.dropLast(2).last)
        #expect(
            lines.suffix(2) == [
                "run/model.safetensors holds the weights of the best epoch before that; to start again with smaller steps",
                "  convnet train run/config.yaml --learning-rate 0.002",
            ])
        let pattern = #"Error: the loss became -?(nan|inf) in epoch 3, step [0-9]+, at learning rate 2e\+12; "#
        #expect(error.prefixMatch(of: try Regex(pattern)) != nil)

        try place.expectWholeFiles(in: "run")
        #expect(try place.text("run/metrics.jsonl").split(separator: "\n").count == 2)
        #expect(try await place.run("verify", Workplace.model).ending == .exit(0))
        let evaluate = try await place.run("evaluate", Workplace.model, "--dataset", "data")
        #expect(evaluate.output.contains("loss nan") == false)

        // Going on leads to the same place.
        let again = try await place.run("train", "--resume", "--out", "run")
        #expect(again.errors.hasSuffix(lines.suffix(3).joined(separator: "\n") + "\n"))
        #expect(again.ending == .exit(3))
    }

    @Test func inTheFirstEpochLeavesNoModel() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(
            Workplace.training(epochs: 2, ["--learning-rate", "1e10", "--schedule", "constant"]))
        #expect(outcome.errors.contains("in epoch 1, step "))
        #expect(outcome.errors.contains(", at learning rate 1e+10; try a smaller learning rate or a warm-up\n"))
        #expect(
            outcome.errors.hasSuffix(
                "\nto start again with smaller steps\n  convnet train run/config.yaml --learning-rate 1000000000.0\n"))
        #expect(outcome.ending == .exit(3))
        #expect(
            try place.contents(of: "run") == [
                ".lock", "checkpoint", "config.yaml", "metrics.jsonl", "report.html", "run.json", "split.json",
            ])
        #expect(try place.text("run/metrics.jsonl") == "")
    }

    /// The weights may stay finite, and of no use.
    @Test func aLossFarAboveGuessingEndsTheRun() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(
            Workplace.training(
                epochs: 9, ["--optimizer", "adam", "--learning-rate", "50", "--schedule", "constant"]))
        #expect(outcome.ending == .exit(3))
        #expect(
            outcome.errors.contains(
                ", is far above that of guessing among 4 classes, 1.3863: nothing is learnt so far; "))
        let error =
            #"\nError: the run has diverged: its loss is [0-9.]+ in epoch 3, at learning rate 50.0, where guessing has "#
        #expect(outcome.errors.contains(try Regex(error)), "\(outcome.errors)")
        #expect(outcome.errors.hasSuffix("\n  convnet train run/config.yaml --learning-rate 5.0\n"))
        #expect(try place.text("run/metrics.jsonl").split(separator: "\n").count == 2)
    }

    @Test func guessingIsSaidWithinThreeEpochs() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(
            Workplace.training(epochs: 5, ["--learning-rate", "1e-8", "--schedule", "constant"]))
        #expect(outcome.ending == .exit(0))
        let lines = outcome.errors.split(separator: "\n").map(String.init)
        let epoch = try #require(lines.firstIndex { $0.hasPrefix("epoch 3/5 ") })
        for index in [epoch + 1, lines.count - 2] {
            #expect(lines[index].hasPrefix("the training loss, 1."))
            #expect(
                lines[index].hasSuffix(
                    " that of guessing among 4 classes, 1.3863: nothing is learnt so far; to start again with larger steps"
                ))
            #expect(lines[index + 1] == "  convnet train run/config.yaml --learning-rate 0.05")
        }
        #expect(outcome.errors.components(separatedBy: "nothing is learnt").count == 3)
    }

    /// The rate is 10⁻⁸ for four epochs.
    @Test func whatHasRecoveredIsSaidToHave() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(
            Workplace.training(epochs: 8, ["--learning-rate", "1e-8", "--schedule", "step:4:2e6"]))
        #expect(outcome.ending == .exit(0))
        #expect(outcome.errors.components(separatedBy: "nothing is learnt").count == 2)
        #expect(outcome.errors.contains(": the loss is below that of guessing now: the network learns\n"))
    }
}
