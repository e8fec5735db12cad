import CommandTestSupport
import Foundation
import Testing

/// `convnet check` finds what is lost or wrong in a run, and changes nothing.
@Suite struct RunCheckTests {
    private func findings(_ place: Workplace) async throws -> (
        ending: Subprocess.Ending, [String: (status: String, text: String)]
    ) {
        let before = try place.snapshot()
        let outcome = try await place.run("check", "run", "--json")
        #expect(try place.snapshot() == before)
        let report = try #require(outcome.json() as? [String: Any])
        #expect(report["whole"] as? Bool == (outcome.ending == .exit(0)))
        let findings = try #require(report["findings"] as? [[String: String]])
        return (
            outcome.ending,
            Dictionary(
                uniqueKeysWithValues: findings.map { ($0["subject"] ?? "", ($0["status"] ?? "", $0["text"] ?? "")) })
        )
    }

    private func expectProblem(
        with subject: String, _ text: String, in place: Workplace, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let (ending, findings) = try await findings(place)
        #expect(ending == .exit(1), sourceLocation: sourceLocation)
        let finding = try #require(findings[subject], sourceLocation: sourceLocation)
        #expect(finding.status == "problem", sourceLocation: sourceLocation)
        #expect(finding.text.contains(text), sourceLocation: sourceLocation)
    }

    @Test func aWholeRun() async throws {
        let place = try await Workplace.withModel(epochs: 2)
        let outcome = try await place.run("check", "run")
        #expect(outcome.ending == .exit(0))
        #expect(outcome.errors == "")
        #expect(
            outcome.output.hasPrefix("ok       config.yaml: lenet5 on ")
                && outcome.output.hasSuffix(
                    "ok       metrics.jsonl: 2 epochs\nok       results.csv: 2 epochs\n"
                        + "ok       run.json: the run is completed\nrun is whole\n")
        )
        let (_, findings) = try await findings(place)
        #expect(
            Set(findings.keys) == [
                "config.yaml", "split.json", "the dataset", "checkpoint/training.safetensors", "model.safetensors",
                "metrics.jsonl", "results.csv", "run.json",
            ])
        #expect(findings.values.allSatisfy { $0.status == "ok" })
        #expect(findings["checkpoint/training.safetensors"]?.text == "epochs done: 2 of 2")
    }

    @Test(arguments: ["model.safetensors", "checkpoint/training.safetensors"])
    func aFlippedBit(file: String) async throws {
        let place = try await Workplace.withModel()
        var data = try place.data("run/\(file)")
        data[data.count - 3] ^= 4
        // Both names of the best model are one file.
        try FileManager.default.removeItem(at: place.file("run/\(file)"))
        try place.write(data, to: "run/\(file)")
        try await expectProblem(with: file, "is not as it was written: its checksum is another", in: place)
        let command = file.hasPrefix("model") ? ["verify", "run"] : ["train", "--resume", "--out", "run"]
        let outcome = try await place.run(command)
        #expect(outcome.ending == .exit(1))
        #expect(outcome.errors.contains("is not as it was written"))
    }

    @Test(arguments: [
        ("split.json", "is missing"), ("metrics.jsonl", "is missing: what 2 epochs came to is lost"),
        ("model.safetensors", "is missing"), ("checkpoint/training.safetensors", "is missing"),
    ])
    func aMissingFile(file: String, text: String) async throws {
        let place = try await Workplace.withModel(epochs: 2)
        try FileManager.default.removeItem(at: place.file("run/\(file)"))
        try await expectProblem(with: file, text, in: place)
    }

    @Test func whatFilesSay() async throws {
        let place = try await Workplace.withModel(epochs: 2)
        let metrics = try place.text("run/metrics.jsonl")
        try place.write(metrics.replacing("\"epoch\":2", with: "\"epoch\":3"), to: "run/metrics.jsonl")
        try await expectProblem(with: "metrics.jsonl", "line 2 does not tell of epoch 2", in: place)
        // Foundation's decoder ends the process over a text that breaks off at this depth.
        try place.write(metrics + String(repeating: "[", count: 513) + "\n", to: "run/metrics.jsonl")
        try await expectProblem(with: "metrics.jsonl", "line 3 does not tell of epoch 3", in: place)
        try place.write(metrics, to: "run/metrics.jsonl")

        let split = try place.text("run/split.json")
        try place.write(split.replacing("\"#7\"", with: "\"#7000\""), to: "run/split.json")
        try await expectProblem(with: "the dataset", "#7000", in: place)
        try place.write("{", to: "run/split.json")
        try await expectProblem(with: "split.json", "it is no JSON object", in: place)
        try place.write(split, to: "run/split.json")

        try place.write("epochs: many\n", to: "run/config.yaml")
        try await expectProblem(with: "config.yaml", "epochs", in: place)
    }

    @Test func otherImages() async throws {
        let place = try await Workplace.withModel()
        var images = try place.data("data/train-images-idx3-ubyte")
        images[images.count / 2] ^= 1
        try place.write(images, to: "data/train-images-idx3-ubyte")
        try await expectProblem(with: "the dataset", "but show something else", in: place)
        try FileManager.default.removeItem(at: place.file("data"))
        try await expectProblem(with: "the dataset", "data", in: place)
    }

    @Test func leftoversAreNoted() async throws {
        let place = try await Workplace.withModel()
        for name in ["run/.atomic-99999999-ab", "run/checkpoint/best-77.safetensors"] {
            try place.write("half", to: name)
        }
        let (ending, findings) = try await findings(place)
        #expect(ending == .exit(0))
        #expect(findings[".atomic-99999999-ab"]?.status == "note")
        #expect(findings["checkpoint/best-77.safetensors"]?.status == "note")
    }

    @Test func noRun() async throws {
        let place = try Workplace.withDataset()
        try await place.expect(["check", "data"], failsWith: "data holds no run (it has no config.yaml)")
    }
}
