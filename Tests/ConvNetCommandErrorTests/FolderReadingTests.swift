import CommandTestSupport
import ConvNet
import ConvNetPages
import Foundation
import Testing

/// What is made of folders and tables that are not quite as they should be, and what is said of it.
@Suite struct FolderReadingTests {
    private static let quick = [
        "--model", "lenet5", "--epochs", "1", "--threads", "1", "--no-autotune", "--out", "run",
    ]

    private func place(_ files: [String]) throws -> Workplace {
        let place = try Workplace()
        for (number, file) in files.enumerated() { try Self.write(number, to: file, in: place) }
        return place
    }

    private static func write(_ number: Int, to file: String, in place: Workplace) throws {
        let pixels = (0..<3 * 12 * 12).map { UInt8(truncatingIfNeeded: $0 * (number + 3) + 31 * number) }
        try place.write(PNG.encode(Image(channels: 3, height: 12, width: 12, pixels: pixels)), to: file)
    }

    private static func pictures(_ folder: String, _ count: Int = 4) -> [String] {
        ["a", "b"].flatMap { label in (0..<count).map { "\(folder)/\(label)/\($0).png" } }
    }

    private func train(_ place: Workplace, _ dataset: String, _ more: String...) async throws -> Workplace.Outcome {
        try await place.run(["train", dataset] + Self.quick + more)
    }

    @Test func whatIsLeftAsideIsSaidEverywhere() async throws {
        let place = try place(
            Self.pictures("d/Training") + Self.pictures("d/Testing", 3) + Self.pictures("d/holdout") + ["d/val/1.png"])
        let headlines = [
            "'val' has 1 picture and no classes: not used", "beside the parts, 'holdout' (8 pictures) is not used",
        ]
        let advice = [
            "What is measured with needs a sub-directory for each class; to see what pictures show, give the directory to "
                + "'predict'.",
            "Parts are called train, val or test (or training; valid, validation, dev; testing, eval).",
        ]
        let warnings = zip(headlines, advice).map { "Warning: \($0). \($1)\n" }.joined()
        func unwrapped(_ text: String) -> String { text.replacing("\n  ", with: " ") }
        let trained = try await train(place, "d")
        #expect(trained.ending == .exit(0) && unwrapped(trained.errors).contains(warnings), "\(trained.errors)")
        #expect(trained.output.hasPrefix("test accuracy ") && trained.output.contains(" on 6 images"))
        let evaluated = try await place.run("evaluate", "run", "--dataset", "d")
        #expect(unwrapped(evaluated.errors) == warnings, "\(evaluated.errors)")
        #expect(evaluated.output.contains(" on 6 images of d (test)\n"))
        #expect(try await unwrapped(place.run("datasets", "d").errors) == warnings)
        let check = try await place.run("datasets", "check", "d")
        #expect(check.errors == "")
        #expect(
            check.output.hasPrefix(
                "d: 14 pictures in 2 classes; 'Training' is the train part; 'Testing' is the test part\nFound: 3 warnings\n"
            ))
        for (headline, advice) in zip(headlines, advice) {
            #expect(unwrapped(check.output).contains("WARNING: \(headline). \(advice)\n"), "\(check.output)")
        }
    }

    @Test func foldersThatCanBeReadInTwoWaysAreRefused() async throws {
        let place = try place(Self.pictures("d/train") + ["d/car/1.png"])
        for command in [["train", "d", "--out", "run"], ["datasets", "check", "d"], ["datasets", "d"]] {
            try await place.expect(
                command,
                failsWith:
                    "'\(place.file("d").path)' can be read in two ways: 'train' may be a class, as 'car' beside it, or the "
                    + "train part with the classes 'a', 'b'. If it is a class, rename it; if it is a part, move what is beside it "
                    + "into a part as well, or elsewhere.")
        }
    }

    @Test func groupsAreCounted() async throws {
        let place = try place((0..<20).map { "d/\($0 % 2 == 0 ? "a" : "b")/p\($0 / 4)-\($0).png" } + ["d/a/other.png"])
        let trained = try await train(place, "d", "--group-by", "p([0-9])-", "--validation", "0.3")
        #expect(
            trained.errors.contains("\ngrouped by their names: 21 images in 5 groups; 1 matches nothing\n"),
            "\(trained.errors)")
        let split = try SplitFile(contentsOf: place.file("run/split.json"))
        func patients(_ names: [String]) -> Set<Substring> {
            Set(names.filter { $0.contains("-") }.map { $0.dropFirst(2).prefix(2) })
        }
        #expect(patients(split.train).isDisjoint(with: patients(split.validation)))
        // A run that goes on has been divided.
        let resumed = try await place.run("train", "--resume", "--out", "run")
        #expect(resumed.ending == .exit(0) && !resumed.errors.contains("grouped"), "\(resumed.errors)")
        try await place.expect(
            ["train", "d", "--group-by", "P([0-9])-", "--out", "other"],
            failsWith:
                "the grouping 'P([0-9])-' matches no image's name, such as 'a/other.png'; upper and lower case count")
    }

    // MARK: Tables

    @Test func aRunOfATableWithRepeatedRowsGoesOn() async throws {
        let place = try place((0..<12).map { "d/im/\($0).png" })
        let rows = (0..<12).map { "im/\($0).png,\($0 % 2)\n" } + ["im/0.png,0\n", "./im/3.png,1\n"]
        try place.write("path,label\n" + rows.joined(), to: "d/labels.csv")
        let trained = try await train(place, "d", "--validation", "0.3")
        #expect(
            trained.errors.contains(
                "\nWarning: 2 rows repeat others and count once: line 14 names the picture of line\n  2. "),
            "\(trained.errors)")
        let split = try SplitFile(contentsOf: place.file("run/split.json"))
        #expect(split.train.count + split.validation.count == 12)
        #expect(try await place.run("train", "--resume", "--out", "run").ending == .exit(0))
        let measured = try await place.run("evaluate", "run", "--dataset", "d", "--split", "run/split.json")
        #expect(measured.ending == .exit(0) && measured.output.contains(" on 4 images of d, validation\n"))
    }

    @Test func aTableToMeasureWithIsEnough() async throws {
        let place = try place(Self.pictures("d"))
        _ = try await train(place, "d")
        try place.write("path,label,part\nd/b/0.png,b,test\nd/a/1.png,a,test\n", to: "t.csv")
        let measured = try await place.run("evaluate", "run", "--dataset", "t.csv")
        #expect(measured.output.contains(" on 2 images of t (test)\n"), "\(measured.errors)")
        let predicted = try await place.run("predict", "run", "--dataset", "t.csv", "--index", "0", "--top", "1")
        #expect(predicted.output.hasPrefix("d/b/0.png (labelled b)\n"), "\(predicted.errors)")
        #expect(
            try await place.run("datasets", "t.csv").output.hasPrefix("t: 0 training and 2 test pictures of any size\n")
        )
        let sentence = "'\(place.file("t.csv").path)', line 1: no row is of the part train, only of test (2)."
        for command in [["train", "t.csv", "--out", "x"], ["datasets", "check", "t.csv"]] {
            try await place.expect(command, failsWith: sentence)
        }
        try await place.expect(
            ["evaluate", "run", "--dataset", "t.csv", "--part", "train"], failsWith: "t has no train part.")
    }

    /// Folders are in the order of bytes, tables of numbers in that of the numbers.
    @Test func theSameClassesInAnotherOrderAreMeasured() async throws {
        let place = try place((0..<12).flatMap { ["d/\($0)/0.png", "d/\($0)/1.png"] })
        _ = try await train(place, "d", "--learning-rate", "0.01")
        try place.write(
            "path,label\n" + (0..<12).map { "d/\($0)/0.png,\($0)\nd/\($0)/1.png,\($0)\n" }.joined(), to: "t.csv")
        func report(_ dataset: String) async throws -> [String: Any] {
            let outcome = try await place.run("evaluate", "run", "--dataset", dataset, "--json")
            return try #require(outcome.json() as? [String: Any], "\(outcome.errors)")
        }
        let (folder, table) = (try await report("d"), try await report("t.csv"))
        for key in ["accuracy", "top5_accuracy", "images"] {
            #expect(table[key] as? Double == folder[key] as? Double)
        }
        let losses = [folder, table].compactMap { $0["loss"] as? Double }
        #expect(losses.count == 2 && abs(losses[0] - losses[1]) < 1e-5)
    }

    // MARK: Parts and patterns

    @Test func aTestPartThatCannotBeUsedIsSaidBeforeTraining() async throws {
        let place = try place(Self.pictures("d/train", 8))
        for label in ["a", "b"] { try place.write("<html>", to: "d/test/\(label)/0.png") }
        let outcome = try await train(place, "d", "--skip-bad-images", "--json")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect((try outcome.json() as? [String: Any])?["part"] as? String == "validation")
        let lines = outcome.errors.split(separator: "\n")
        let notice = try #require(
            lines.firstIndex { $0.hasPrefix("Warning: none of the 2 pictures of the test part can be used.") })
        let epoch = try #require(lines.firstIndex { $0.hasPrefix("epoch 1/1") })
        #expect(notice < epoch && lines.contains { $0.contains(" validation and no test images") })
    }

    @Test func patternsPredictOnWhatTheyMatch() async throws {
        let place = try place(Self.pictures("d") + ["new/IMG_0", "new/IMG_1"])
        _ = try await train(place, "d")
        try place.write("notes", to: "new/IMG.txt")
        let quoted = try await place.run("predict", "run", "new/IMG_*")
        let expanded = try await place.shell("convnet predict run new/IMG_*")
        #expect(quoted.output == expanded.output && quoted.output.contains("new/IMG_1\n") && quoted.errors == "")
        let some = try await place.run("predict", "run", "new/IMG*", "--json")
        #expect((try some.json() as? [Any])?.count == 2)
        #expect(
            some.errors == "Warning: 1 of the 3 files that 'new/IMG*' matches is left out, no picture. Name\n"
                + "  them one by one where they are meant.\n")
        try await place.expect(
            ["predict", "run", "new/*.txt"],
            failsWith: "'new/*.txt' matches 1 file, which is no picture: 'new/IMG.txt'. Check the pattern.")
    }

    @Test func anExportThatWasKilledIsNoDataset() async throws {
        let place = try Workplace.withDataset()
        let running = try place.start(["datasets", "export", "data", "--out", "pictures"])
        let start = ContinuousClock.now
        while running.process.poll() == nil, !place.exists("pictures/train/0/000.png"),
            ContinuousClock.now - start < Workplace.limit
        {
            usleep(100)
        }
        running.process.send(SIGKILL)
        let outcome = try await running.outcome()
        let check = try await place.run("datasets", "check", "pictures")
        if outcome.ending == .exit(0) {
            #expect(check.output.hasPrefix("pictures: 280 pictures in 4 classes\n"))
        } else {
            #expect(
                check.errors
                    == "Error: '\(place.file("pictures").path)' is not a dataset: its export has not come to its end. Remove "
                    + "it, and export again.\n")
        }
    }
}
