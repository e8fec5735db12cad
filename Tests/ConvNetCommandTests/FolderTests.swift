import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// Folders of pictures, from export to prediction.
@Suite struct FolderTests {
    private static func training(_ dataset: String, _ more: [String] = []) -> [String] {
        [
            "train", "--dataset", dataset, "--model", "lenet5", "--epochs", "2", "--batch-size", "16",
            "--learning-rate",
            "0.02", "--threads", "1",
        ] + more
    }

    /// A dataset as IDX files in `data`, and the same as PNG files in `pictures`.
    private func place() async throws -> Workplace {
        let place = try Workplace.withDataset()
        let export = try await place.run("datasets", "export", "data", "--out", "pictures")
        #expect(export.ending == .exit(0), "\(export.errors)")
        return place
    }

    /// What does not depend on the time.
    private func losses(_ place: Workplace, _ run: String) throws -> [[String]] {
        try place.text("\(run)/metrics.jsonl").split(separator: "\n").map { line in
            line.split(separator: ",").map(String.init).filter { $0.contains("loss") || $0.contains("accuracy") }
        }
    }

    @Test(arguments: [[], ["--augment", "cifar", "--mixup", "0.2"]])
    func aFolderTrainsToTheSameLosses(options: [String]) async throws {
        let place = try await place()
        for (dataset, run) in [("data", "a"), ("pictures", "b"), ("pictures/labels.csv", "c")] {
            let outcome = try await place.run(Self.training(dataset, options + ["--out", run]))
            #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        }
        #expect(try losses(place, "a").count == 2)
        #expect(try losses(place, "a") == losses(place, "b"))
        #expect(try losses(place, "a") == losses(place, "c"))
    }

    @Test func aBrokenFileStopsTheRunBeforeItStarts() async throws {
        let place = try await place()
        try place.write("no picture", to: "pictures/train/1/000.png")
        let files = try place.text("pictures/labels.csv").split(separator: "\n").dropFirst()
        let victim = String(try #require(files.first?.split(separator: ",").first))
        try place.write("no picture", to: "pictures/\(victim)")
        let refused = try await place.run(Self.training("pictures", ["--out", "run"]))
        #expect(refused.ending == .exit(1))
        #expect(
            refused.errors.hasSuffix(
                "Error: 1 file of pictures cannot be used:\n  '\(victim)' is not an image. Use JPEG or PNG.\n"
                    + "Mend or remove them, or go on without them with --skip-bad-images.\n"), "\(refused.errors)")
        #expect(!place.exists("run"))
        let skipping = try await place.run(Self.training("pictures", ["--out", "run", "--skip-bad-images"]))
        #expect(skipping.ending == .exit(0))
        #expect(skipping.errors.contains("skipped 1 file that cannot be used, the first one:\n  '\(victim)' is not"))
    }

    @Test func aRunsSplitIsTakenUpAgain() async throws {
        let place = try await place()
        _ = try await place.run(Self.training("pictures", ["--validation", "0.2", "--out", "a"]))
        let again = try await place.run(
            Self.training("pictures", ["--split", "a/split.json", "--seed", "9", "--out", "b"]))
        #expect(again.ending == .exit(0), "\(again.errors)")
        #expect(try place.data("a/split.json") == place.data("b/split.json"))
        let evaluate = try await place.run(
            "evaluate", "a/model.safetensors", "--dataset", "pictures", "--split", "a/split.json", "--part",
            "validation")
        let split = try SplitFile(contentsOf: place.file("a/split.json"))
        #expect(evaluate.output.contains("on \(split.validation.count) images of pictures (train), validation"))
    }

    @Test func theCommandsOfARunUnderstandFolders() async throws {
        let place = try await place()
        _ = try await place.run(Self.training("pictures", ["--out", "run", "--balance", "sampling"]))
        let model = "run/model.safetensors"
        let (idx, folder) = (
            try await place.run("evaluate", model, "--dataset", "data", "--json"),
            try await place.run("evaluate", model, "--dataset", "pictures", "--json")
        )
        #expect(idx.output == folder.output)
        #expect(
            Set(try folder.keys()).isSuperset(of: ["accuracy", "classes", "confusion", "images", "loss", "macro_f1"]))
        let crops = try await place.run("evaluate", model, "--dataset", "pictures", "--test-crops", "10", "--json")
        #expect(crops.ending == .exit(0) && crops.output != folder.output)

        let page = try await place.run("evaluate", model, "--dataset", "pictures", "--html", "page.html")
        #expect(page.ending == .exit(0))
        let html = try place.text("page.html")
        let report = try #require(folder.json() as? [String: Any])
        let images = try #require(report["images"] as? Int)
        let accuracy = try #require(report["accuracy"] as? Double)
        let wrong = Int((Double(images) * (1 - accuracy)).rounded())
        #expect(html.components(separatedBy: "<img ").count - 1 == min(wrong, 48))

        let predict = try await place.run("predict", model, "pictures/test", "pictures/train/*/00*.png", "--json")
        let results = try #require(predict.json() as? [[String: Any]])
        #expect(results.count > images)
        #expect((results[0]["image"] as? String)?.hasPrefix("pictures/test/") == true)
    }

    /// A model takes pictures of any size.
    @Test func predictResizes() async throws {
        let place = try await Workplace.withModel()
        try place.write(
            PNG.encode(Image(channels: 3, height: 40, width: 33, pixels: [UInt8](repeating: 9, count: 3960))),
            to: "wide.png")
        let outcome = try await place.run("predict", Workplace.model, "wide.png", "--top", "1")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("wide.png\n  "))
    }

    @Test func benchmarksAndPreviewsArePrinted() async throws {
        let place = try await place()
        let speed = try await place.run(
            "datasets", "benchmark", "pictures", "--augment", "strong", "--images", "50", "--threads", "1", "--json")
        #expect(
            try speed.keys() == ["augment", "dataset", "images", "images_per_second", "seconds", "size", "threads"])
        let preview = try await place.run(
            "datasets", "preview", "pictures", "--augment", "alexnet", "--out", "sheet.png", "--columns", "3")
        #expect(preview.output == "10 images of pictures (train), each in 3 epochs: sheet.png\n", "\(preview.errors)")
        let sheet = try ImageFile(contentsOf: place.file("sheet.png")).header
        #expect(sheet.format == .png && !sheet.isGrey)
    }

    @Test(arguments: [
        (["--size", "0"], "a size is written like 224 or, height first, 192x256, received '0'"),
        (["--cache", "much"], "an amount of memory is written like 500MB or 4GB, received 'much'"),
        (["--mixup", "0"], "the alpha of mixup must be above 0 and at most 100, received 0.0"),
        (
            ["--split", "split.json", "--group-by", "x"],
            "a split that is given is not grouped; leave out one of the two"
        ),
        (
            ["--balance", "weights", "--class-weights", "1,1,1,1"],
            "balancing by weights gives the loss 'cross-entropy' its class weights, and 'binary-cross-entropy' its positive "
                + "weights; leave out one of the two"
        ),
        (
            ["--augment", "much"],
            "The value 'much' is invalid for '--augment <augment>'. Please provide one of the following:"
        ),
    ])
    func mistakesAreNamed(options: [String], sentence: String) async throws {
        let place = try Workplace.withDataset()
        try place.write(##"{"dataset": "data (train)", "train": ["#0"], "validation": []}"##, to: "split.json")
        let outcome = try await place.run(Self.training("data", options + ["--out", "run"]))
        #expect(outcome.errors.contains("Error: \(sentence)"), "\(outcome.errors)")
        #expect(!place.exists("run"))
    }
}
