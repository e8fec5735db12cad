import CommandTestSupport
import Foundation
import Testing

/// Networks as text, wherever a network is named.
@Suite struct NetworkTextCommandTests {
    private static let layers = """
        input: 1x12x12
        layers:
          - Conv2D(4, kernel: 3, padding: 1)
          - ReLU
          - MaxPool2D(2)
          - Flatten
          - Dense(classes)

        """

    private static func training(model: String, out: String = "run") -> [String] {
        Workplace.training(epochs: 1, out: out, ["--no-autotune"]).map { $0 == "lenet5" ? model : $0 }
    }

    private func trained() async throws -> Workplace {
        let place = try Workplace.withDataset()
        try place.write(Self.layers, to: "small.yaml")
        let outcome = try await place.run(Self.training(model: "small.yaml"))
        try #require(outcome.ending == .exit(0), "\(outcome.errors)")
        return place
    }

    @Test func aRunKeepsTheLayersOfItsFile() async throws {
        let place = try await trained()
        try FileManager.default.removeItem(at: place.file("small.yaml"))
        let settings = try place.text("run/config.yaml")
        #expect(
            settings.contains(
                "model: |\n  # name: small\n  input: 1x12x12\n  layers:\n    - Conv2D(4, kernel: 3, padding: 1)\n"))
        #expect(try place.text("run/run.json").contains(#""model" : "small""#))
        // Its settings start the same run again.
        #expect(try await place.run("train", "run/config.yaml", "--no-autotune", "--out", "again").ending == .exit(0))
        #expect(try place.data("again/model.safetensors") == place.data("run/model.safetensors"))
        #expect(try await place.run("train", "--resume", "--out", "run").ending == .exit(0))
        #expect(try await place.run("check", "run").output.contains("config.yaml: small on "))
    }

    @Test func resumeComparesTheNetworks() async throws {
        let place = try await trained()
        func resumed(_ text: String) async throws -> String {
            try place.write(text, to: "small.yaml")
            return try await place.run("train", "--resume", "--out", "run", "--model", "small.yaml").errors
        }
        // Written otherwise it is the same one.
        #expect(
            try await !resumed("# Small\n" + Self.layers.replacing("Conv2D(4,", with: "Conv2D( 4, stride: 1,"))
                .contains("Error"))
        #expect(
            try await resumed(Self.layers.replacing("MaxPool2D(2)", with: "AveragePool2D(2)")).hasPrefix(
                "Error: a resumed run keeps its settings: the network small has changed: layer 2 was MaxPool2D(2), not "
                    + "AveragePool2D(2)\n"))
        let edited = try place.text("run/config.yaml").replacing("MaxPool2D(2)", with: "AveragePool2D(2)")
        try place.write(edited, to: "run/config.yaml")
        #expect(
            try await place.run("train", "--resume", "--out", "run").errors.contains(
                "Error: this checkpoint belongs to another run: its network is another one: layer 2 was MaxPool2D(2), not "
                    + "AveragePool2D(2)\n"))
        #expect(
            try await place.run("check", "run").output.contains(
                "problem  config.yaml: the checkpoint is of another network: layer 2 was MaxPool2D(2), not AveragePool2D(2)\n"
            ))
        try place.write(edited.replacing("AveragePool2D", with: "AvgPool2D"), to: "run/config.yaml")
        #expect(
            try await place.run("train", "--resume", "--out", "run").errors
                == "Error: model: line 6: there is no layer 'AvgPool2D'; did you mean 'AveragePool2D'?\n")
    }

    /// What a run trains is compared, not what its network would be for other images and classes.
    @Test func resumeComparesForTheRunsOwnImages() async throws {
        let place = try Workplace.withDataset()
        try place.write("input: 1x12x12\nlayers: [Flatten, Dense(4)]\n", to: "small.yaml")
        let first = try await place.run(Self.training(model: "small.yaml"))
        #expect(first.ending == .exit(0), "\(first.errors)")
        try place.write("input: 1x2x2\nclasses: 3\nlayers: [Flatten, Dense(classes)]\n", to: "small.yaml")
        for model in ["small.yaml", "run"] {
            let outcome = try await place.run("train", "--resume", "--out", "run", "--model", model)
            #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        }
    }

    @Test func parametersNeedNoQuotesInSettings() async throws {
        let place = try Workplace.withDataset()
        try place.write("dataset: data\nmodel: mlp(hidden: [8, 4])  # small\nepochs: 1\nthreads: 1\n", to: "c.yaml")
        let outcome = try await place.run("train", "c.yaml", "--out", "run", "--no-autotune")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(try await place.run("check", "run").output.contains("config.yaml: mlp(hidden: [8, 4]) on "))
        try place.write("layers:\n  - ReLU\n", to: "layers.yaml")
        #expect(
            try await place.run("train", "layers.yaml").errors.contains(
                "layers.yaml: it lists a network's layers, and no settings: name it with --model\n"))
    }

    @Test func anotherRunsNetworkStartsFromNewWeights() async throws {
        let place = try await trained()
        let outcome = try await place.run(Self.training(model: "run", out: "next"))
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(try place.data("next/model.safetensors") == place.data("run/model.safetensors"))
        try place.write(SyntheticDataset(classes: 3), to: "data")
        let other = try await place.run(Self.training(model: "run/model.safetensors", out: "other"))
        #expect(
            other.errors.contains(
                "Error: run: it is a model's network, for images of 1×12×12 in 4 classes, and takes no others: these are 1×12×12 "
                    + "in 3\n"))
        #expect(!place.exists("other"))
    }

    @Test(arguments: [
        ("mlp(hidden: [8, 4])", "mlp(hidden: [8, 4])", "mlp-1"),
        ("resnet(depth: 20, width: 2)", "resnet20(width: 2)", "resnet20-1"),
    ])
    func parametersStandInTheSettings(text: String, kept: String, directory: String) async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(Self.training(model: text).filter { !["--out", "run"].contains($0) })
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(
            try place.text("runs/\(directory)/config.yaml").contains("model: '\(kept)'\n")
                || place.text("runs/\(directory)/config.yaml").contains("model: \(kept)\n"))
        #expect(
            try await place.run("train", "--resume", "--out", "runs/\(directory)", "--model", text).ending == .exit(0))
    }

    @Test func otherCommandsTakeThemToo() async throws {
        let place = try Workplace()
        try place.write(Self.layers, to: "small.yaml")
        let summary = try await place.run("summary", "small.yaml", "--input", "3x8x8", "--classes", "5", "--json")
        let document = try JSONSerialization.jsonObject(with: Data(summary.output.utf8)) as? [String: Any]
        #expect((document?["layers"] as? [[String: Any]])?.last?["output_shape"] as? [Int] == [5])
        let comparison = try await place.run("compare", "small.yaml", "convnet4(width: 8)")
        #expect(comparison.output.contains("\nsmall.yaml  ") && comparison.output.contains("\nconvnet4(width: 8)  "))
        let benchmark = try await place.run("benchmark", "small.yaml", "--seconds", "0", "--no-autotune")
        #expect(benchmark.output.hasPrefix("small.yaml, train, batch 16: "))
    }

    @Test(arguments: [
        ("resnet20(widht: 3)", "resnet20 has no 'widht:'; did you mean 'width:'?"),
        ("none.yaml", "none.yaml: there is no such file"),
        ("bad.yaml", "bad.yaml: line 3: there is no layer 'Linear'; did you mean 'Dense'?"),
        (
            "large.yaml",
            "large.yaml cannot be built for images of 1×8×8 in 10 classes: layer 0 (line 3): a 9×9 kernel does not fit an 8×8 "
                + "input with padding 0"
        ),
    ])
    func mistakesAreNamed(model: String, sentence: String) async throws {
        let place = try Workplace()
        try place.write("input: 1x8x8\nlayers:\n  - Linear(3)\n", to: "bad.yaml")
        try place.write("input: 1x8x8\nlayers:\n  - Conv2D(3, kernel: 9)\n", to: "large.yaml")
        let outcome = try await place.run("summary", model)
        #expect(outcome.errors == "Error: \(sentence)\n" && outcome.ending == .exit(1) && outcome.output == "")
        let document = try await place.run("summary", model, "--json").output
        #expect(document.contains(#""kind" : "network""#), "\(document)")
    }
}
