import CommandTestSupport
import ConvNetRuns
import Foundation
import TestSupport
import Testing

/// A run that was stopped in its second epoch before there were sections in `config.yaml`, and `run.json`.
@Suite struct EarlierVersionTests {
    private static func place(_ run: String = "run", best: Int = 1) throws -> Workplace {
        let place = try Workplace.withDataset()
        try FileManager.default.copyItem(at: Fixtures.url(run), to: place.file("run"))
        // The best epoch's weights are two names of one file, which git knows nothing of.
        try FileManager.default.copyItem(
            at: place.file("run/model.safetensors"), to: place.file("run/checkpoint/best-\(best).safetensors"))
        return place
    }

    @Test func itsSettingsAreRead() throws {
        let place = try Self.place()
        let configuration = try RunConfiguration(contentsOf: place.file("run/config.yaml"))
        #expect(configuration.momentum == 0.9 && configuration.optimizer == "sgd" && configuration.clipNorm == 5)
        #expect(configuration.labelSmoothing == 0.1 && configuration.warmup == 0.5 && configuration.size == "12")
        #expect(configuration.groups == [GroupSetting(pattern: "*.bias", decay: 0)])
        let trainer = try configuration.trainer()
        #expect(trainer.optimizer as? SGD == SGD(momentum: 0.9, weightDecay: 0.0005))
        #expect(trainer.loss as? SoftmaxCrossEntropy == SoftmaxCrossEntropy(labelSmoothing: 0.1))
        #expect(trainer.schedule == Schedule(.oneCycle, warmup: 0.5) && trainer.averaging?.decay == 0.9)
    }

    @Test func itGoesOn() async throws {
        let place = try Self.place()
        let check = try await place.run("check", "run")
        #expect(check.ending == .exit(0), "\(check.output)")
        let evaluation = try await place.run("evaluate", "run", "--dataset", "data", "--json")
        #expect(evaluation.ending == .exit(0), "\(evaluation.errors)")

        let resumed = try await place.run("train", "--resume", "--out", "run")
        #expect(resumed.ending == .exit(0), "\(resumed.errors)")
        #expect(resumed.errors.contains("\nepoch 2/3 ") && !resumed.errors.contains("\nepoch 1/3 "))
        let whole = try await place.run("train", "run/config.yaml", "--out", "whole")
        #expect(whole.ending == .exit(0), "\(whole.errors)")
        // Not to the bit: another machine's mathematical functions have computed the first epoch.
        let (parts, all) = (try losses(place, "run"), try losses(place, "whole"))
        #expect(parts.count == 3 && all.count == 3)
        for (part, whole) in zip(parts, all) { #expect(abs(part - whole) < 1e-4) }
    }

    // MARK: Before there was an objective

    /// Stopped after 4 of 12 epochs: the best one goes by the accuracy, which is 1 from the first on, early stopping by the loss, as
    /// `monitor` says, and the plateau by the loss. With one objective the run would end with its fourth epoch.
    @Test func eachRuleGoesItsOwnWay() async throws {
        let place = try Self.place("run-plateau", best: 4)
        let settings = try RunConfiguration(contentsOf: place.file("run/config.yaml"))
        #expect(settings.objective == RunSettings.separateRules && settings.monitor == .loss)
        let trainer = try settings.trainer()
        #expect(trainer.objective == nil && trainer.earlyStopping?.measure == .loss)

        let resumed = try await place.run("train", "--resume", "--out", "run")
        #expect(resumed.ending == .exit(0), "\(resumed.errors)")
        #expect(resumed.errors.contains("ended after epoch 10: validation has not improved for long enough"))
        // Another one with its settings; its lines tell what they told then.
        let whole = try await place.run("train", "run/config.yaml", "--out", "whole")
        #expect(whole.errors.contains("ended after epoch 10: "), "\(whole.errors)")
        #expect(try place.text("whole/config.yaml").contains("\nobjective: separate\n"))
        let keys = try place.text("whole/metrics.jsonl").split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]).keys.count {
                $0.hasPrefix("validation_")
            }
        }
        #expect(keys == [Int](repeating: 2, count: 10))
        let (parts, all) = (try losses(place, "run"), try losses(place, "whole"))
        for (part, whole) in zip(parts, all) { #expect(abs(part - whole) < 1e-3) }

        // Said anew, one objective takes the place of all three.
        let other = try await place.run(
            "train", "run/config.yaml", "--out", "other", "--objective", "accuracy", "--patience", "2")
        #expect(other.errors.contains("ended after epoch 3: "), "\(other.errors)")
        #expect(try !place.text("other/config.yaml").contains("monitor"))
        let named = try await place.run(
            "train", "--dataset", "data", "--model", "lenet5", "--epochs", "9", "--batch-size", "16",
            "--learning-rate", "0.02", "--patience", "3", "--minimum-improvement", "0.001", "--threads", "1", "--out",
            "named",
            "--monitor", "accuracy")
        #expect(
            named.errors.contains("ended after epoch 4: ") || named.errors.contains("ended after epoch 5: "),
            "\(named.errors)")
        #expect(try place.text("named/config.yaml").contains("\nobjective: accuracy\n"))
    }

    /// Files that say neither go by the new rule, which is the former one where there is no plateau.
    @Test(arguments: [
        ("epochs: 2\n", nil), ("monitor: loss\npatience: 3\n", "separate"), ("schedule: plateau\n", "separate"),
        ("schedule: plateau\nobjective: loss\n", "loss"),
    ])
    func whatAFileMeans(text: String, objective: String?) throws {
        let place = try Workplace()
        try place.write("dataset: data\n" + text, to: "c.yaml")
        #expect(try RunConfiguration(contentsOf: place.file("c.yaml")).objective == objective)
    }

    private func losses(_ place: Workplace, _ run: String) throws -> [Double] {
        struct Line: Decodable { var validationLoss: Double }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try place.text("\(run)/metrics.jsonl").split(separator: "\n").map {
            try decoder.decode(Line.self, from: Data($0.utf8)).validationLoss
        }
    }
}
