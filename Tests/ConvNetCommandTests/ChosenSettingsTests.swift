import CommandTestSupport
import ConvNetRuns
import Foundation
import Testing

/// What a run does where nobody has said it.
@Suite struct ChosenSettingsTests {
    /// A place with `photos`: three folders of large pictures, one of which has colours.
    private func place(perClass: Int = 4) throws -> Workplace {
        let place = try Workplace()
        for (label, folder) in ["ants", "bees", "wasps"].enumerated() {
            for number in 0..<perClass {
                let pixels = (0..<3 * 70 * 80).map { UInt8(truncatingIfNeeded: $0 &* (number + 1) % 40 + 80 * label) }
                try place.write(
                    PNG.encode(Image(channels: 3, height: 70, width: 80, pixels: pixels)),
                    to: "photos/\(folder)/\(number).png")
            }
        }
        return place
    }

    private static func settings(_ place: Workplace, _ run: String = "run") throws -> [String: String] {
        let directory = try RunDirectory.open(place.file(run).path)
        let configuration = try RunConfiguration(of: directory)
        return Dictionary(
            uniqueKeysWithValues: RunSettings.all.compactMap { setting in
                configuration.text(of: setting).map { (setting.key, $0) }
            })
    }

    @Test func areSaidAndKept() async throws {
        let place = try place()
        let outcome = try await place.run(
            "train", "photos", "--model", "lenet5", "--epochs", "2", "--threads", "1", "--no-autotune", "--out", "run")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        // Of 12 images 10 are trained on; LeNet-5 is for images of 28×28.
        #expect(
            outcome.errors.contains(
                """
                chosen: --size 28, --batch-size 2 (5 steps an epoch), --optimizer adamw (few
                  images), --learning-rate 0.00025, --schedule one-cycle, --validation 0.2,
                  --augment light (it mirrors; none where left and right differ)
                12 photos are few to learn from: a network that has learnt from many others'
                  would do better, and this one starts from nothing
                epoch 1/2 
                """), "\(outcome.errors)")
        let settings = try Self.settings(place)
        for (key, value) in [
            ("size", "28"), ("epochs", "2"), ("batch_size", "2"), ("optimizer", "adamw"),
            ("learning_rate", "0.00025"), ("weight_decay", "0.01"), ("validation", "0.2"), ("augment", "light"),
        ] {
            #expect(settings[key] == value, "\(key)")
        }
        // Nothing is left to choose.
        let again = try await place.run("train", "run/config.yaml", "--out", "again")
        #expect(again.ending == .exit(0) && !again.errors.contains("chosen"), "\(again.errors)")
        #expect(try place.data("again/config.yaml") == place.data("run/config.yaml"))
        #expect(try place.data("again/model.safetensors") == place.data("run/model.safetensors"))
        let resumed = try await place.run("train", "--resume", "--out", "run")
        #expect(resumed.ending == .exit(0) && !resumed.errors.contains("chosen"), "\(resumed.errors)")
    }

    /// The run that is not let come to its many epochs would need images of the smallest size.
    @Test func theModelHasTheSizeThatWasChosen() async throws {
        let place = try place()
        let outcome = try await place.run(
            "train", "photos", "--model", "squeezenet", "--epochs", "1000000", "--patience", "1",
            "--minimum-improvement", "2", "--threads", "1", "--no-autotune", "--out", "run")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("\nchosen: --size 64, "))
        #expect(try Self.settings(place)["size"] == "64")
        #expect(try await place.run("summary", "run").output.contains(" 96×29×29 "))
    }

    @Test func whatIsGivenIsNotChosen() async throws {
        let place = try place()
        let outcome = try await place.run(
            "train", "photos", "--model", "lenet5", "--epochs", "1", "--threads", "1", "--out", "run", "--batch-size",
            "5",
            "--size", "40x48", "--optimizer", "adam", "--schedule", "constant", "--validation", "0.25", "--augment",
            "none")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("\nchosen: --learning-rate 0.0004\n"))
        #expect(!outcome.errors.contains("photos are few"))
        let settings = try Self.settings(place)
        #expect(settings["size"] == "40x48" && settings["batch_size"] == "5" && settings["optimizer"] == "adam")
        #expect(settings["learning_rate"] == "0.0004" && settings["augment"] == "none")
    }

    /// A rate, a momentum or Nesterov's belong to SGD where no optimizer is named, wherever they are written.
    @Test(arguments: ["learning_rate: 0.02", "momentum: 0.5", "nesterov: true"])
    func ratesAloneMeanSGD(line: String) async throws {
        let place = try Workplace.withDataset()
        try place.write("dataset: data\nmodel: lenet5\nepochs: 1\nthreads: 1\n\(line)\n", to: "c.yaml")
        let fromFile = try await place.run("train", "c.yaml", "--out", "a")
        #expect(fromFile.ending == .exit(0), "\(fromFile.errors)")
        let words = line.split(separator: ": ").map(String.init)
        let option = "--" + words[0].replacing("_", with: "-")
        let fromLine = try await place.run(
            ["train", "data", "--model", "lenet5", "--epochs", "1", "--threads", "1", "--out", "b", option]
                + (words[1] == "true" ? [] : [words[1]]))
        #expect(fromLine.ending == .exit(0), "\(fromLine.errors)")
        for run in ["a", "b"] {
            let settings = try Self.settings(place, run)
            #expect(settings["optimizer"] == "sgd")
            #expect(settings[words[0]] == words[1])
            #expect(settings["learning_rate"] == (words[0] == "learning_rate" ? "0.02" : "0.0063"))
        }
    }

    /// The file's rate is for the file's optimizer, and another one starts from what is chosen for it.
    @Test func anotherOptimizerDropsTheRateOfTheFile() async throws {
        let place = try Workplace.withDataset()
        try place.write(
            "{dataset: data, model: lenet5, epochs: 1, threads: 1, optimizer: sgd, learning_rate: 0.02}", to: "c.yaml")
        let outcome = try await place.run("train", "c.yaml", "--optimizer", "adamw", "--out", "run")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(try Self.settings(place)["learning_rate"] == "0.0005")
    }

    /// A file that a run has left without a size takes the network's own, and whatever else was so then.
    @Test func finishedFilesOfEarlierVersionsMeanWhatTheyDid() async throws {
        let place = try place()
        _ = try await place.run(
            "train", "photos", "--model", "lenet5", "--epochs", "1", "--threads", "1", "--no-autotune", "--out", "run",
            "--size", "28")
        let text = try place.text("run/config.yaml")
        try place.write(text.replacing("size: '28'\n", with: ""), to: "old.yaml")
        let outcome = try await place.run("train", "old.yaml", "--out", "again")
        #expect(outcome.ending == .exit(0) && !outcome.errors.contains("chosen"), "\(outcome.errors)")
        #expect(try place.data("again/model.safetensors") == place.data("run/model.safetensors"))
        #expect(try Self.settings(place, "again")["size"] == nil)
    }

    /// The part that a file gives for training is what batches and validation are chosen for.
    @Test func splitsCount() async throws {
        let place = try place()
        let parts = #"{"dataset": "photos", "train": ["ants/0.png", "bees/0.png"], "validation": ["ants/1.png"]}"#
        try place.write(parts, to: "split.json")
        let outcome = try await place.run(
            "train", "photos", "--model", "lenet5", "--epochs", "1", "--threads", "1", "--out", "run", "--split",
            "split.json")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("chosen: --size 28, --batch-size 2 (1 step an epoch)"))
        #expect(!outcome.errors.contains("--validation "))
    }
}
