import ConvNetRuns
import Foundation
import TestSupport
import Testing

/// A run that was stopped in its second epoch before there were sections in `config.yaml`, and `run.json`.
@Suite struct EarlierVersionTests {
    private static func place() throws -> Workplace {
        let place = try Workplace.withDataset()
        try FileManager.default.copyItem(at: Fixtures.url("run"), to: place.file("run"))
        // The best epoch's weights are two names of one file, which git knows nothing of.
        try FileManager.default.copyItem(
            at: place.file("run/model.safetensors"), to: place.file("run/checkpoint/best-1.safetensors"))
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

    private func losses(_ place: Workplace, _ run: String) throws -> [Double] {
        struct Line: Decodable { var validationLoss: Double }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try place.text("\(run)/metrics.jsonl").split(separator: "\n").map {
            try decoder.decode(Line.self, from: Data($0.utf8)).validationLoss
        }
    }
}
