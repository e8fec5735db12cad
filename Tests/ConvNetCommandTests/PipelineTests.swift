import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// A model's whole life, as a user would lead it, in every engine.
@Suite struct PipelineTests {
    private struct Result: Decodable {
        var label: String?
        var predictions: [Prediction]
    }

    @Test(arguments: Engines.names, [false, true])
    func trainsEvaluatesPredictsAndVerifies(engine: String, isCompressed: Bool) async throws {
        var dataset = SyntheticDataset(size: 28, trainingImages: 96, testImages: 20, isCompressed: isCompressed)
        let place = try Workplace.withDataset(dataset)
        let train = try await place.run(
            "train", "--dataset", "data", "--model", "lenet5", "--epochs", "2", "--batch-size", "8", "--engine", engine,
            "--threads", "1", "--learning-rate", "0.02", "--seed", "3", "--out", "run")
        try #require(train.ending == .exit(0), "\(train.errors)")
        #expect(train.output.hasPrefix("test accuracy 100.00 %, loss 0."))
        #expect(
            train.output.hasSuffix(
                "\nmodel run/model.safetensors\nreport run/report.html\nnext: convnet predict run photo.jpg\n"))
        #expect(
            try place.contents(of: "run") == [
                ".lock", "checkpoint", "config.yaml", "metrics.jsonl", "model.safetensors", "predictions.csv",
                "report.html", "results.csv", "run.json", "split.json", "tensorboard",
            ])

        let evaluate = try await place.run("evaluate", Workplace.model, "--dataset", "data", "--engine", engine)
        #expect(evaluate.output.hasPrefix("accuracy 100.00 %, loss 0."))
        #expect(
            evaluate.output.contains(
                " on 20 images of data (test)\nmacro F1 100.00 %, balanced accuracy 100.00 %, mAP "))
        #expect(evaluate.errors == "")

        // The numbers of one engine are checked in all others.
        for other in Engines.names {
            let verify = try await place.run("verify", Workplace.model, "--engine", other)
            #expect(verify.output.hasPrefix("verified: 4 images, max |a − b| "))
            #expect(verify.ending == .exit(0))
        }

        dataset.isCompressed = false
        let images = try #require(dataset.files["t10k-images-idx3-ubyte"]).dropFirst(16)
        let pixels = Array(images.dropFirst(6 * 28 * 28).prefix(28 * 28))
        let image = Image(channels: 1, height: 28, width: 28, pixels: pixels)
        try place.write(PNG.encode(image), to: "band.png")
        let predict = try await place.run(
            "predict", Workplace.model, "band.png", "--dataset", "data", "--index", "6", "7", "--engine", engine,
            "--top", "2", "--json")
        let results = try JSONDecoder().decode([Result].self, from: Data(predict.output.utf8))
        #expect(results.map(\.label) == [nil, "2", "3"])
        #expect(results.map { $0.predictions.first?.label } == ["2", "2", "3"])
        #expect(results.map(\.predictions.count) == [2, 2, 2])
        // A picture is the same image, by another way.
        #expect(results[0].predictions == results[1].predictions)
    }

    @Test func predictionsAreAlignedForPeople() async throws {
        let place = try await Workplace.withModel()
        let outcome = try await place.run("predict", Workplace.model, "--dataset", "data", "--index", "2", "--top", "1")
        #expect(
            try outcome.output.wholeMatch(of: Regex(#"data \(test\) #2 \(labelled 2\)\n  \d  [ \d]{3}\.\d\d %\n"#))
                != nil)
    }

    @Test func summarizesAModelFile() async throws {
        let place = try await Workplace.withModel()
        let file = try await place.run("summary", Workplace.model)
        #expect(
            file.output == (try await place.run("summary", "lenet5", "--input", "1x12x12", "--classes", "4").output))
        #expect(
            file.output.hasSuffix(
                """
                memory: activations 9.8 KiB an image, weights 59.0 KiB
                training with 64 images a step takes 1.4 MiB: 64 · 2 · 9.8 KiB of activations and their gradients, 3 · 59.0 KiB of
                  weights, their gradients and momentum

                """))
    }

    @Test func numbersRunsThatAreGivenNoDirectory() async throws {
        let place = try Workplace.withDataset()
        let arguments = [
            "train", "--dataset", "data", "--model", "lenet5", "--epochs", "1", "--threads", "1", "--no-autotune",
        ]
        for _ in 1...2 { #expect(try await place.run(arguments).ending == .exit(0)) }
        #expect(try place.contents(of: "runs") == ["lenet5-1", "lenet5-2"])
        #expect(try place.data("runs/lenet5-1/model.safetensors") == place.data("runs/lenet5-2/model.safetensors"))
    }

    @Test func metricsHaveALineAnEpoch() async throws {
        let place = try await Workplace.withModel(epochs: 2)
        let lines = try place.text("run/metrics.jsonl").split(separator: "\n")
        #expect(lines.count == 2)
        for (index, line) in lines.enumerated() {
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(
                object.keys.sorted() == [
                    "epoch", "images_per_second", "learning_rate", "seconds", "train_accuracy", "train_loss",
                    "validation_accuracy", "validation_balanced_accuracy", "validation_expected_calibration_error",
                    "validation_loss", "validation_macro_f1", "validation_mean_average_precision",
                ])
            #expect(object["epoch"] as? Int == index + 1)
        }
        let table = try place.text("run/results.csv").split(separator: "\n").map { $0.split(separator: ",") }
        #expect(
            table[0] == [
                "epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy",
                "validation_macro_f1",
                "validation_balanced_accuracy", "validation_mean_average_precision",
                "validation_expected_calibration_error", "learning_rate", "seconds", "images_per_second",
            ])
        for (line, row) in zip(lines, table.dropFirst()) {
            let object = try JSONDecoder().decode([String: Double].self, from: Data(line.utf8))
            #expect(zip(table[0], row).allSatisfy { object[String($0)] == Double($1) })
        }
        #expect(table.count == 3)
    }
}
