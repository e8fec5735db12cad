import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// The first day of somebody with a folder of pictures, which nobody has divided.
@Suite struct PhotoFolderTests {
    /// A place with `photos`: a folder for each class, one with pictures in a folder of its own.
    private func place(perClass: Int = 20) throws -> Workplace {
        let place = try Workplace()
        for (label, folder) in ["ants/red", "bees", "wasps"].enumerated() {
            for number in 0..<perClass {
                let pixels = (0..<3 * 12 * 12).map { UInt8(truncatingIfNeeded: ($0 * number) % 40 + 80 * label) }
                try place.write(
                    PNG.encode(Image(channels: 3, height: 12, width: 12, pixels: pixels)),
                    to: "photos/\(folder)/\(100 + number).png")
            }
        }
        return place
    }

    private static let quick = ["--epochs", "1", "--threads", "1", "--no-autotune"]

    @Test func aFolderIsAllThatTrainingNeeds() async throws {
        let place = try place()
        let outcome = try await place.run(["train", "photos"] + Self.quick)
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines[1].hasPrefix("photos: 48 training, 12 validation and no test images; "))
        #expect(
            lines[2...4] == [
                "the network is resnet20, for 60 colour images of 12×12 pixels; --model NAME",
                "  takes another ('convnet zoo' lists them)",
                "chosen: --batch-size 2 (24 steps an epoch), --optimizer adamw (few images),",
            ])
        #expect(outcome.output.hasSuffix("\nnext: convnet predict runs/resnet20-1 photo.jpg\n"))
        let configuration = try place.text("runs/resnet20-1/config.yaml")
        #expect(
            configuration.hasPrefix(
                "dataset: \(place.file("photos").path)\ndataset_from_run: ../../photos\nmodel: resnet20\n"))
        // Nothing is left to choose.
        let again = try await place.run(["train", "--resume", "--out", "runs/resnet20-1"])
        #expect(again.ending == .exit(0) && !again.errors.contains("the network is"), "\(again.errors)")
        let chosen = try await place.run(["train", "photos", "--model", "lenet5"] + Self.quick)
        #expect(chosen.ending == .exit(0) && !chosen.errors.contains("the network is"), "\(chosen.errors)")
    }

    @Test func aTableIsAllThatTrainingNeeds() async throws {
        let place = try place(perClass: 4)
        let rows = (0..<4).flatMap { ["photos/bees/10\($0).png,bee", "photos/wasps/10\($0).png,wasp"] }
        try place.write("path,label\n" + rows.joined(separator: "\n"), to: "insects.csv")
        let outcome = try await place.run(["train", "insects.csv", "--model", "lenet5", "--out", "run"] + Self.quick)
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(try place.text("run/config.yaml").hasPrefix("dataset: \(place.file("insects.csv").path)\n"))
        let predict = try await place.run("predict", "run", "--dataset", "insects.csv", "--index", "5", "--top", "1")
        #expect(predict.output.hasPrefix("photos/wasps/102.png (labelled wasp)\n  "), "\(predict.errors)")
    }

    @Test func placesThatAreNotThereAreNamed() async throws {
        let place = try Workplace()
        for (input, sentence) in [
            ("photos", "Unknown dataset 'photos'. Known: fashion-mnist; the path of a directory works too."),
            ("fasion-mnist", "Unknown dataset 'fasion-mnist'. Did you mean 'fashion-mnist'?"),
            ("./photos", "There is no directory './photos'. Check the path."),
            ("c.yml", "c.yml: there is no such file"),
            ("t.csv", "There is no file '\(place.file("t.csv").path)'. Check the path."),
        ] {
            try await place.expect(["train", input], failsWith: sentence)
        }
    }

    /// What is wrong with the settings is known before any picture is looked at.
    @Test func settingsAreCheckedFirst() async throws {
        try await place(perClass: 1).expect(
            ["train", "photos", "--schedule", "sometimes"],
            failsWith: "unknown schedule 'sometimes'; there are \(Schedule.Shape.spellings.joined(separator: ", "))")
    }

    // MARK: Test part

    @Test func aTestPartIsDrawn() async throws {
        let place = try place()
        let options = ["--model", "lenet5", "--test", "0.3", "--validation", "0.1"] + Self.quick
        let outcome = try await place.run(["train", "photos", "--out", "a"] + options)
        #expect(outcome.errors.contains("\nphotos: 36 training, 6 validation and 18 test images; run in a\n"))
        #expect(outcome.output.hasPrefix("test accuracy ") && outcome.output.contains(" on 18 images"))
        #expect(try place.text("a/config.yaml").contains("\nvalidation: 0.1\ntest: 0.3\n"))
        let split = try SplitFile(contentsOf: place.file("a/split.json"))
        #expect(split.train.count == 36 && split.validation.count == 6 && split.test?.count == 18)
        let again = try await place.run("train", "a/config.yaml", "--out", "b")
        #expect(again.output.split(separator: "\n")[0] == outcome.output.split(separator: "\n")[0])
        #expect(try place.data("a/split.json") == place.data("b/split.json"))
        let resumed = try await place.run("train", "--resume", "--out", "a")
        #expect(resumed.output == outcome.output, "\(resumed.errors)")
        // An evaluation finds the part again.
        let evaluate = try await place.run("evaluate", "a", "--dataset", "photos", "--split", "a/split.json")
        #expect(evaluate.output.contains(" on 18 images of photos, test\n") && evaluate.errors == "")
    }

    @Test func aTestPartAndASplitExclude() async throws {
        let place = try place(perClass: 2)
        try place.write(#"{"dataset": "photos", "train": ["bees/100.png"], "validation": []}"#, to: "split.json")
        try await place.expect(
            ["train", "photos", "--test", "0.3", "--split", "split.json"],
            failsWith: "a split that is given has its own test part or none; leave out one of the two")
    }

    // MARK: What was learnt from

    @Test func evaluationSaysWhatWasLearntFrom() async throws {
        let place = try place()
        _ = try await place.run(
            ["train", "photos", "--model", "lenet5", "--validation", "0.1", "--out", "run"] + Self.quick)
        let sentence =
            "54 of these 60 images are among those that the model was trained on (run/split.json): the accuracy says little "
            + "about new ones; --split run/split.json measures on the others\n"
        for model in ["run", Workplace.model] {
            #expect(try await place.run("evaluate", model, "--dataset", "photos").errors == sentence)
            #expect(try await place.run("evaluate", model, "--dataset", "./photos/").errors == sentence)
        }
        let document = try await place.run("evaluate", "run", "--dataset", "photos", "--json")
        #expect(document.errors == sentence)
        #expect(try #require(document.json() as? [String: Any])["trained_on"] as? Int == 54)
        let divided = try await place.run(
            "evaluate", "run", "--dataset", "photos", "--split", "run/split.json", "--json")
        #expect(divided.errors == "")
        #expect(try #require(divided.json() as? [String: Any])["trained_on"] as? Int == 0)

        // The same folder in another place is another dataset, as long as the first one is there.
        try FileManager.default.createDirectory(at: place.file("copy"), withIntermediateDirectories: false)
        try FileManager.default.copyItem(at: place.file("photos"), to: place.file("copy/photos"))
        let other = try await place.run("evaluate", "run", "--dataset", "copy/photos", "--json")
        #expect(other.errors == "" && !other.output.contains("trained_on"))
        try FileManager.default.removeItem(at: place.file("photos"))
        #expect(try await place.run("evaluate", "run", "--dataset", "copy/photos").errors == sentence)
        try FileManager.default.moveItem(at: place.file("copy/photos"), to: place.file("others"))
        #expect(try await place.run("evaluate", "run", "--dataset", "others").errors == "")
    }

    // MARK: Prediction

    @Test func picturesOfADatasetArePredictedOn() async throws {
        let place = try place()
        _ = try await place.run(["train", "photos", "--model", "lenet5", "--size", "70", "--out", "run"] + Self.quick)
        let outcome = try await place.run(
            "predict", "run", "--dataset", "photos", "--index", "3", "23", "--json")
        let results = try #require(outcome.json() as? [[String: Any]], "\(outcome.errors)")
        #expect(results.map { $0["image"] as? String } == ["ants/red/103.png", "bees/103.png"])
        #expect(results.map { $0["label"] as? String } == ["ants", "bees"])
        func probabilities(_ json: Any) -> [[Double]] {
            (json as? [[String: Any]] ?? []).map { result in
                (result["predictions"] as? [[String: Any]] ?? []).compactMap { $0["probability"] as? Double }
            }
        }
        // Brought to the model's size, as a file is.
        let found = probabilities(results)
        #expect(found.count == 2)
        // One at a time: of several the last digits may differ.
        for (path, found) in zip(["photos/ants/red/103.png", "photos/bees/103.png"], found) {
            let file = try await place.run("predict", "run", path, "--json")
            #expect(probabilities(try file.json()) == [found])
        }
        try await place.expect(
            ["predict", "run", "--dataset", "photos", "--index", "0", "60"],
            failsWith: "photos has images 0 to 59; there is no 60")
    }
}
