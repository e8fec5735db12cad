import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// What is done to a picture is one value, kept in the model, and done at one place: whoever asks gets the same numbers.
@Suite struct PreprocessingRoadTests {
    /// Grey pictures of several sizes: dark above or dark below.
    private static func place() throws -> Workplace {
        let place = try Workplace()
        for number in 0..<24 {
            let (height, width) = (20 + number % 5 * 3, 26 - number % 4 * 2)
            let isDarkAbove = number % 2 == 0
            let pixels = (0..<height * width).map { pixel -> UInt8 in
                let isAbove = pixel / width < height / 2
                return UInt8((isAbove == isDarkAbove ? 20 : 160) + (pixel * 7 + number * 13) % 60)
            }
            let picture = Image(channels: 1, height: height, width: width, pixels: pixels)
            try place.write(PNG.encode(picture), to: "pictures/\(isDarkAbove ? "above" : "below")/\(number).png")
        }
        return place
    }

    private static let training = [
        "train", "--dataset", "pictures", "--model", "lenet5", "--size", "16", "--normalize", "imagenet", "--epochs",
        "2", "--batch-size", "8", "--learning-rate", "0.02", "--threads", "1", "--exact-arithmetic", "--out", "run",
    ]

    private static func softmax(_ a: Float, _ b: Float) -> [Float] {
        let exponentials = [a, b].map { exp($0 - max(a, b)) }
        return exponentials.map { $0 / (exponentials[0] + exponentials[1]) }
    }

    @Test func predictsTheSameFromEverywhere() async throws {
        let place = try Self.place()
        let run = try await place.run(Self.training)
        #expect(run.ending == .exit(0), "\(run.errors)")
        let file = try ModelFile(contentsOf: place.file("run"))
        #expect(file.network.inputShape == [3, 16, 16])
        #expect(file.preprocessing.mean == [0.485, 0.456, 0.406])
        #expect(file.preprocessing.standardDeviation == [0.229, 0.224, 0.225])

        let model = try await Model.load(
            file, engine: Engines.make(named: Engines.names[0], threads: 1, algorithms: .exact))
        let pictures = try DatasetCatalog.open(place.file("pictures").path).train
        let together = try await model.probabilities(of: pictures)
        var images: [Float] = []
        for index in 0..<pictures.count {
            let item = try pictures.item(at: index)
            // A picture alone is held against a picture alone, and below all against all: sums of a batch of another size may be added
            // up in another order.
            let expected = try await model.probabilities(of: item)
            let path = "pictures/\(pictures.imageName(at: index))"
            let alone = try await model.predict(imageAt: place.file(path), top: 2)
            let command = try await place.run("predict", "run", path, "--json", "--threads", "1", "--exact-arithmetic")
            let said = try #require(try command.json() as? [[String: Any]])
            let named = try #require(said.first?["predictions"] as? [[String: Any]])
            for (prediction, other) in zip(alone, named) {
                #expect(prediction.probability == expected[prediction.index])
                #expect(other["label"] as? String == prediction.label)
                #expect((other["probability"] as? Double).map { Float($0) } == prediction.probability)
            }
            let values = try model.preprocessing.values(of: item, shape: [3, 16, 16])
            images += values
        }
        let logits = try await model.rawLogits(images)
        #expect(together == stride(from: 0, to: logits.count, by: 2).map { Self.softmax(logits[$0], logits[$0 + 1]) })
        let evaluate = try await place.run(
            "evaluate", "run", "--dataset", "pictures", "--json", "--threads", "1", "--exact-arithmetic")
        let evaluation = try JSONDecoder().decode(Evaluation.self, from: Data(evaluate.output.utf8))
        let own = try await model.evaluate(pictures)
        #expect((evaluation.loss, evaluation.accuracy) == (own.loss, own.accuracy))
        #expect(evaluation.perClass == own.perClass)

        var recorded = SafetensorsWriter()
        try recorded.append("images", shape: [pictures.count, 3, 16, 16], floats: images)
        try recorded.append("logits", shape: [pictures.count, 2], floats: logits)
        try recorded.write(to: place.file("case"))
        let verify = try await place.run("verify", "run", "--case", "case", "--tolerance", "0", "--threads", "1")
        #expect(verify.ending == .exit(0), "\(verify.output)\(verify.errors)")
    }

    /// A run goes on with what it was begun with, and refuses anything else.
    @Test func aRunKeepsWhatWasGiven() async throws {
        let place = try Self.place()
        _ = try await place.run(Self.training)
        let settings = try place.text("run/config.yaml")
        #expect(settings.contains("\nnormalize: imagenet\n"))
        let other = try await place.run("train", "--resume", "--out", "run", "--normalize", "none")
        #expect(other.ending == .exit(64))
        #expect(other.errors.contains("normalize was imagenet, not none"), "\(other.errors)")
        #expect(try await place.run("train", "--resume", "--out", "run", "--epochs", "3").ending == .exit(0))
    }

    @Test(arguments: [
        (["--normalize", "imagenett"], "images are normalised by 'imagenet', 'none', or as many means"),
        (["--normalize", "0.5/0"], "images are normalised by"),
        (["--normalize", "0.5,0.5/0.2"], "images are normalised by"),
        (["--channels", "2"], "images have 1 channel (grey) or 3 (RGB), received 2"),
        (["--normalize", "imagenet", "--channels", "1"], "3 means and standard deviations for images of 1 channel"),
        (["--normalize", "0.5,0.5/0.2,0.2"], "pictures have 1 channel (grey) or 3 (RGB), received 2"),
    ])
    func whatDoesNotGoTogetherIsRefused(options: [String], sentence: String) async throws {
        let place = try Self.place()
        let outcome = try await place.run(
            ["train", "--dataset", "pictures", "--model", "lenet5", "--size", "16", "--out", "run"] + options)
        #expect(outcome.ending != .exit(0))
        #expect(outcome.errors.contains("Error: \(sentence)"), "\(outcome.errors)")
        #expect(!place.exists("run"))
    }
}
