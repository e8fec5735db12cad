import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// Images that have any number of classes, from a folder of pictures and a table to an answer.
@Suite struct MultiLabelTests {
    private static let classes = ["bright", "column", "dot", "row", "square"]

    /// Five things that a picture may have, each by itself and over one another.
    private static func place(images: Int = 240) throws -> Workplace {
        let place = try Workplace()
        var table = "file,labels\n"
        // A linear congruential generator: the same pictures everywhere.
        var state: UInt64 = 5
        let words = (0..<images * 6).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
        for number in 0..<images {
            let draws = Array(words[number * 6..<(number + 1) * 6])
            let has = draws.prefix(5).map { $0 < 0.4 }
            var pixels = [UInt8](repeating: has[0] ? 120 : 60, count: 256)
            func paint(_ rows: Range<Int>, _ columns: Range<Int>, _ value: UInt8) {
                for row in rows { for column in columns { pixels[row * 16 + column] = value } }
            }
            let place16 = Int(draws[5] * 10)
            if has[1] { paint(0..<16, place16..<place16 + 3, 10) }
            if has[3] { paint(place16 + 3..<place16 + 6, 0..<16, 10) }
            if has[4] { paint(9..<14, 2..<7, 200) }
            if has[2] { paint(3..<6, 11..<14, 230) }
            for index in pixels.indices { pixels[index] = pixels[index] &+ UInt8((index * 31 + number * 17) % 16) & 15 }
            let name = "pictures/\(number).png"
            try place.write(PNG.encode(Image(channels: 1, height: 16, width: 16, pixels: pixels)), to: "data/\(name)")
            let labels = zip(classes, has).filter(\.1).map(\.0)
            table += "\(name),\(labels.joined(separator: ";"))\n"
        }
        try place.write(table, to: "data/labels.csv")
        // Small enough for the textbook engine.
        try place.write(
            """
            input: 1x16x16
            layers:
              - Conv2D(8, kernel: 3, padding: 1)
              - BatchNorm
              - ReLU
              - MaxPool2D(2)
              - Conv2D(16, kernel: 3, padding: 1)
              - BatchNorm
              - ReLU
              - MaxPool2D(2)
              - Flatten
              - Dense(classes)
            """, to: "small.yaml")
        return place
    }

    private static let training = [
        "train", "data", "--model", "small.yaml", "--epochs", "16", "--batch-size", "16", "--augment", "none",
        "--threads", "1", "--out", "run",
    ]

    @Test func fiveOverlappingLabelsAreLearnt() async throws {
        let place = try Self.place()
        let train = try await place.run(Self.training + ["--thresholds", "fit", "--json"])
        try #require(train.ending == .exit(0), "\(train.errors)")
        let report = try JSONDecoder().decode(Evaluation.self, from: Data(train.output.utf8))
        #expect(try #require(report["mean_average_precision"]) > 0.95)
        let settings = try place.text("run/config.yaml")
        #expect(settings.contains("  kind: binary-cross-entropy\n"))
        #expect(settings.contains("objective: mean_average_precision\n"))
        #expect(train.errors.contains("mAP "))

        let file = try ModelFile(contentsOf: place.file("run"))
        #expect(file.classes == Self.classes)
        guard case .independent(let thresholds) = file.outputs else {
            Issue.record("a softmax")
            return
        }
        #expect(thresholds.count == 5 && thresholds.allSatisfy { $0 > 0 && $0 < 1 })

        let evaluate = try await place.run("evaluate", "run", "--dataset", "data", "--json")
        let keys = try evaluate.keys()
        #expect(keys.contains("thresholds") && keys.contains("confusion") && !keys.contains("balanced_accuracy"))
        let text = try await place.run("evaluate", "run", "--dataset", "data", "--html", "page.html")
        #expect(text.output.contains("\nclass   threshold  right  wrongly with it  wrongly without it\n"))
        #expect(try place.text("page.html").contains("rightly without it"))

        let answer = try await place.run(
            "predict", "run", "--dataset", "data", "--index", "0", "1", "2", "--json", "--top", "1")
        let results = try #require(try answer.json() as? [[String: Any]])
        let model = try await Model.load(file)
        let images = try DatasetCatalog.open(place.file("data").path).train
        for (index, result) in results.enumerated() {
            let expected = images.target(at: index).classes.map { Self.classes[$0] }
            #expect(result["labels"] as? [String] == expected)
            let predictions = try await model.predict(images.item(at: index), top: .max)
            #expect(result["answer"] as? [String] == model.answer(predictions))
            // Of the answer all classes are shown.
            #expect((result["predictions"] as? [Any])?.count == max(1, (result["answer"] as? [String] ?? []).count))
        }
        // Saved again, it is the same.
        try await model.save(to: place.file("again.safetensors"))
        #expect(try ModelFile(contentsOf: place.file("again.safetensors")).outputs == file.outputs)
        #expect(try await place.run("verify", "again.safetensors").ending == .exit(0))
        #expect(try await place.run("check", "run").ending == .exit(0))
    }

    /// A run that is cut off comes to the same bits, thresholds among them.
    @Test func itGoesOn() async throws {
        let place = try Self.place(images: 60)
        let options = ["--thresholds", "fit", "--exact-arithmetic", "--epochs", "4"]
        #expect(try await place.run(Self.training + options).ending == .exit(0))
        let running = try place.start(Self.training.dropLast() + ["cut"] + options)
        await running.receives(SIGINT, after: "epoch 2/4")
        _ = try await running.outcome()
        let resumed = try await place.run("train", "--resume", "--out", "cut")
        #expect(resumed.ending == .exit(0), "\(resumed.errors)")
        #expect(try place.data("cut/model.safetensors") == place.data("run/model.safetensors"))
    }

    @Test(arguments: [
        ["--balance", "weights"], ["--label-smoothing", "0.1"], ["--mixup", "0.2"], ["--cutmix", "1"],
        ["--positive-weights", "1,2,1,2,1"], ["--thresholds", "0.25"], ["--objective", "macro_f1"],
        ["--metrics", "loss"],
    ])
    func worksWith(options: [String]) async throws {
        let place = try Self.place(images: 40)
        let outcome = try await place.run(Self.training + ["--epochs", "1", "--model", "lenet5"] + options)
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
    }

    @Test(arguments: [
        (["--balance", "sampling"], "balanced sampling is for one class an image"),
        (["--loss", "cross-entropy"], "the loss cross-entropy is for one class an image"),
        (["--objective", "balanced_accuracy"], "the metric balanced_accuracy is for one class an image"),
        (["--metrics", "macro_f1,top5_accuracy"], "the metric top5_accuracy is for one class an image"),
        (["--thresholds", "0.2,0.3"], "unusable outputs: 2 thresholds for 5 classes"),
        (["--thresholds", "often"], "thresholds are between 0 and 1"),
        (["--objective", "f1"], "there is no metric 'f1'"),
        (["--class-weights", "1,1,1,1,1"], "the loss 'binary-cross-entropy' has no class_weights"),
        (
            ["--thresholds", "fit", "--validation", "0", "--objective", "accuracy"],
            "thresholds are fitted to validation images"
        ),
    ])
    func whatDoesNotFitIsRefused(options: [String], sentence: String) async throws {
        let place = try Self.place(images: 40)
        let outcome = try await place.run(Self.training + options)
        #expect(outcome.ending != .exit(0))
        #expect(outcome.errors.contains("Error: \(sentence)"), "\(outcome.errors)")
        #expect(!place.exists("run"))
    }

    @Test func aSoftmaxAndSeveralClassesDoNotMeet() async throws {
        let place = try Self.place(images: 40)
        _ = try await place.run(Self.training + ["--epochs", "1", "--model", "lenet5"])
        let one = try place.text("data/labels.csv").split(separator: "\n").dropFirst()
            .map { "\($0.split(separator: ",")[0]),\(Self.classes[$0.utf8.count % 5])" }
        try place.write("path,label\n" + one.joined(separator: "\n") + "\n", to: "data/one.csv")
        let evaluate = try await place.run("evaluate", "run", "--dataset", "data/one.csv")
        #expect(
            evaluate.errors.contains("have one class each, but the network's outputs are a sigmoid each"),
            "\(evaluate.errors)")
        let bce = try await place.run(
            "train", "data/one.csv", "--model", "lenet5", "--loss", "binary-cross-entropy", "--out", "other")
        #expect(
            bce.errors.contains("the loss binary-cross-entropy is for images with any number of classes"),
            "\(bce.errors)")
    }

    // MARK: Trying out

    @Test func aLimitKeepsTheClasses() async throws {
        let place = try Self.place(images: 80)
        let outcome = try await place.run(Self.training + ["--epochs", "2", "--limit", "40", "--model", "lenet5"])
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("data: 31 training, 9 validation and no test images"), "\(outcome.errors)")
        // Pictures that come later do not change what the run learns from.
        let table = try place.text("data/labels.csv")
        try place.write(
            PNG.encode(Image(channels: 1, height: 16, width: 16, pixels: [UInt8](repeating: 9, count: 256))),
            to: "data/new.png")
        try place.write(table + "new.png,dot\n", to: "data/labels.csv")
        let resumed = try await place.run("train", "--resume", "--out", "run", "--epochs", "3")
        #expect(resumed.ending == .exit(0), "\(resumed.errors)")
        let both = try await place.run(Self.training.dropLast() + ["b", "--limit", "4", "--split", "run/split.json"])
        #expect(both.errors.contains("leave out it or the limit"), "\(both.errors)")
    }

    @Test(arguments: [false, true])
    func aFewBatchesAreLearntByHeart(isRight: Bool) async throws {
        let place = try Workplace.withDataset()
        try place.write(
            "input: 1x12x12\nlayers: [Flatten, Dense(32), ReLU, Dropout(0.5), Dense(classes)]\n", to: "small.yaml")
        let outcome = try await place.run(
            "train", "data", "--model", "small.yaml", "--overfit-batches", "2", "--batch-size", "8",
            "--epochs",
            isRight ? "40" : "1", "--threads", "1", "--augment", "cifar", "--weight-decay", "0.1", "--out", "run")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(
            outcome.output.hasPrefix(isRight ? "the network learns by heart" : "the network does not learn by heart"),
            "\(outcome.output)")
        #expect(outcome.errors.contains("data: 16 training, no validation and no test images"))
        let settings = try place.text("run/config.yaml")
        #expect(settings.contains("augment: none\n") && settings.contains("  weight_decay: 0.0\n"))
        let model = try ModelFile(contentsOf: place.file("run"))
        #expect(model.network.graph.nodes.compactMap { $0.operation as? Dropout }.allSatisfy { $0.rate == 0 })
        #expect(try await place.run("check", "run").ending == .exit(0))
    }
}
