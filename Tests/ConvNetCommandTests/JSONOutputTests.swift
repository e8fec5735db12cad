import CommandTestSupport
import ConvNet
import Foundation
import Testing

@Suite struct JSONOutputTests {
    @Test func resultsOfOneModel() async throws {
        let place = try Workplace.withDataset()
        let train = try await place.run(Workplace.training(epochs: 2, ["--json"]))
        let metrics = [
            "accuracy", "balanced_accuracy", "expected_calibration_error", "images", "loss", "macro_f1",
            "mean_average_precision", "per_class", "top5_accuracy",
        ]
        let run = ["best_epoch", "epochs", "history", "model", "part", "run"]
        #expect(try train.keys() == (metrics + run).sorted())
        let history = try #require(train.json() as? [String: Any])["history"] as? [[String: Any]]
        #expect(history?.map { $0["epoch"] as? Int } == [1, 2])
        #expect(history?.allSatisfy { $0["validation_macro_f1"] is Double } == true)
        let evaluate = try await place.run("evaluate", Workplace.model, "--dataset", "data", "--json")
        #expect(try evaluate.keys() == (metrics + ["classes", "confusion"]).sorted())
        let perClass = try #require(evaluate.json() as? [String: Any])["per_class"] as? [String: [Double]]
        #expect(perClass?.keys.sorted() == ["balanced_accuracy", "macro_f1", "mean_average_precision"])
        #expect(perClass?.values.allSatisfy { $0.count == 4 } == true)

        // Of the training part it knows which images were learnt from.
        let seen = try await place.run("evaluate", "run", "--dataset", "data", "--part", "train", "--json")
        #expect(try seen.keys() == (metrics + ["classes", "confusion", "trained_on"]).sorted())
        #expect(try #require(seen.json() as? [String: Any])["trained_on"] as? Int == 228)

        let verify = try await place.run("verify", Workplace.model, "--json")
        #expect(
            try verify.keys() == [
                "engine", "images", "max_absolute_difference", "max_relative_difference", "passed", "tolerance",
            ])
        let predict = try await place.run(
            "predict", Workplace.model, "--dataset", "data", "--index", "1", "2", "--json")
        let results = try #require(predict.json() as? [[String: Any]])
        #expect(results.map { $0.keys.sorted() } == Array(repeating: ["image", "label", "predictions"], count: 2))
        let predictions = try #require(results[0]["predictions"] as? [[String: Any]])
        #expect(predictions.count == 4)
        #expect(predictions[0].keys.sorted() == ["index", "label", "probability"])
    }

    /// Also where there is no image to measure the model on.
    @Test func aRunWithoutValidation() async throws {
        let place = try Workplace()
        for name in ["a/1.png", "a/2.png", "b/1.png"] {
            try place.write(
                PNG.encode(Image(channels: 1, height: 12, width: 12, pixels: Array(repeating: 9, count: 144))),
                to: "photos/\(name)")
        }
        let arguments = [
            "train", "photos", "--model", "lenet5", "--epochs", "1", "--validation", "0", "--threads", "1",
        ]
        let document = try await place.run(arguments + ["--json"])
        #expect(try document.keys() == ["best_epoch", "epochs", "history", "model", "run"], "\(document.errors)")
        let text = try await place.run(arguments)
        #expect(
            text.output
                == "model runs/lenet5-2/model.safetensors\nreport runs/lenet5-2/report.html\n"
                + "next: convnet predict runs/lenet5-2 photo.jpg\n")
    }

    @Test(arguments: ["lenet5", "convnet4"])
    func summaryOfANetwork(name: String) async throws {
        let outcome = try await Workplace().run("summary", name, "--json")
        let summary = try #require(outcome.json() as? [String: Any])
        #expect(summary.keys.sorted() == ["layers", "totals", "training"])
        let layers = try #require(summary["layers"] as? [[String: Any]])
        for layer in layers {
            let always: Set = [
                "path", "kind", "output_shape", "parameters", "multiply_adds", "activation_bytes", "receptive_field",
                "offset", "unseen_rows", "unseen_columns",
            ]
            // Behind dense layers no stride is left; notes are there where windows do not fit.
            #expect(always.isSubset(of: layer.keys) && always.union(["stride", "note"]).isSuperset(of: layer.keys))
        }
        #expect(layers[0]["stride"] as? [Int] == [1, 1])
        let totals = try #require(summary["totals"] as? [String: Int])
        #expect(totals.keys.sorted() == ["activation_bytes", "multiply_adds", "parameter_bytes", "parameters"])
        for key in ["activation_bytes", "multiply_adds", "parameters"] {
            #expect(totals[key] == layers.reduce(0) { $0 + ($1[key] as? Int ?? 0) })
        }
    }

    @Test(arguments: ["train", "infer"])
    func benchmark(mode: String) async throws {
        let arguments = ["benchmark", "lenet5", "--mode", mode, "--batch", "2", "--seconds", "0", "--threads", "1"]
        let outcome = try await Workplace().run(arguments + ["--json"])
        #expect(
            try outcome.keys() == [
                "arena_mb", "batch", "compile_milliseconds", "engine", "gflops", "images_per_second",
                "mean_milliseconds", "milliseconds", "mode", "model", "peak_memory_mb", "percentiles", "precision",
                "threads",
            ])
        let result = try #require(outcome.json() as? [String: Any])
        let percentiles = try #require(result["percentiles"] as? [String: Double])
        #expect(percentiles.keys.sorted() == ["100", "50", "90", "99"])
        let inOrder = ["50", "90", "99", "100"].compactMap { percentiles[$0] }
        #expect(inOrder == inOrder.sorted())
        let mean = try #require(result["mean_milliseconds"] as? Double)
        #expect(mean > 0 && mean <= inOrder[3])
        #expect(outcome.errors == "")
    }

    @Test func datasets() async throws {
        let place = try Workplace.withDataset()
        let list = try #require(try await place.run("datasets", "--json").json() as? [[String: Any]])
        #expect(list.compactMap { $0["name"] as? String } == DatasetCatalog.all.map(\.name))

        let details = try await place.run("datasets", "data", "--json")
        #expect(
            try details.keys() == [
                "classes", "image_shape", "name", "test_counts", "test_images", "training_counts", "training_images",
            ])
        let object = try #require(details.json() as? [String: Any])
        #expect(object["training_counts"] as? [Int] == [60, 60, 60, 60])
        #expect(object["image_shape"] as? [Int] == [1, 12, 12])
    }

    /// What would be divided by zero is there, as null.
    @Test func whatIsUndefinedIsNull() async throws {
        let place = try await Workplace.withModel()
        let file = place.file(Workplace.model)
        var model = try ModelFile(contentsOf: file)
        model.weights = model.weights.mapValues { $0.map { _ in 0 } }
        try model.write(to: file)
        let evaluate = try await place.run("evaluate", "run", "--dataset", "data", "--json")
        let classes = try #require((evaluate.json() as? [String: Any])?["classes"] as? [[String: Any]])
        // Everything is taken for the first class.
        for score in classes { #expect(score.keys.sorted() == ["f1", "images", "name", "precision", "recall"]) }
        #expect(classes[0]["precision"] as? Double == 0.25 && classes[1]["precision"] is NSNull)
        let list = try #require(try await place.run("datasets", "--json").json() as? [[String: Any]])
        for dataset in list { #expect(dataset.keys.sorted() == ["directory", "installation", "name", "summary"]) }
    }

    /// JSON has no numbers for them, and a document that cannot be written helps nobody.
    @Test func numbersThatJSONLacksAreStrings() async throws {
        let place = try await Workplace.withModel()
        let file = place.file(Workplace.model)
        var model = try ModelFile(contentsOf: file)
        model.verification?.logits[2] = .nan
        try model.write(to: file)
        let verify = try await place.run("verify", Workplace.model, "--json")
        #expect(verify.ending == .exit(1))
        let report = try #require(verify.json() as? [String: Any])
        #expect(report["max_relative_difference"] as? String == "inf")
        #expect(report["passed"] as? Bool == false)
    }
}
