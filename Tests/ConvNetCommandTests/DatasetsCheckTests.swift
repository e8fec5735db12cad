import CommandTestSupport
import ConvNet
import Foundation
import Testing

@Suite struct DatasetsCheckTests {
    @Test func reportsToTheLetter() async throws {
        let place = try Workplace()
        try place.writePictures()
        let outcome = try await place.run("datasets", "check", "photos")
        #expect(
            outcome.output == """
                photos: 48 pictures in 2 classes
                Found: 2 errors, 1 leak, 2 warnings

                ERROR: 2 files cannot be used.
                  Mend or remove them, or go on without them with 'train --skip-bad-images'.
                    'train/cat/cut.png' is truncated: it ends before its PNG image does.
                      Download or copy it again.
                    'train/fox' is a class with no pictures. Add some, or remove the directory.

                ERROR: 2 pictures have the same pixels as one with another label.
                  At most one of the labels is right. Keep the picture where it belongs and
                  remove the others.
                    'train/cat/0.png' (cat) = 'train/dog/a cat.png' (dog)

                LEAK: 1 picture of test is in train, too.
                  The network is measured on what it has seen. Remove it from test.
                    'test/dog/seen.png' = 'train/dog/3.png'

                WARNING: 4 pictures of train are copies of an earlier one.
                  A picture with copies counts more than others, and a split would put it on
                  both sides. Remove the copies.
                    'train/dog/5.png' = 'train/dog/again-0.png' = 'train/dog/again-1.png'
                      = 'train/dog/again-2.png' = 1 more

                WARNING: 1 class has no pictures in test.
                  What is measured says nothing of it. Add some.
                    'cat': 0 pictures

                class  name  train  test
                ────────────────────────
                    0  cat      20     0
                    1  dog      25     2

                part   pictures  smallest  median  largest  sizes
                ─────────────────────────────────────────────────
                train        45     24×32   24×32    24×32      1
                test          2     24×32   24×32    24×32      1

                0 to 1    mean  standard deviation
                ──────────────────────────────────
                red     0.4679              0.2819
                green   0.5001              0.2852
                blue    0.5111              0.2941

                """)
        #expect(outcome.errors == "")
        #expect(outcome.ending == .exit(0))
    }

    @Test func examplesAreAsManyAsAskedFor() async throws {
        let place = try Workplace()
        try place.writePictures()
        let outcome = try await place.run("datasets", "check", "photos", "--examples", "1")
        #expect(outcome.output.contains("Download or copy it again.\n    and 1 more\n"))
        try await place.expect(
            ["datasets", "check", "photos", "--examples=-1"],
            failsWith: "--examples must be 0 to 1000000, received -1")
    }

    @Test func jsonHoldsTheSame() async throws {
        let place = try Workplace()
        try place.writePictures()
        let outcome = try await place.run("datasets", "check", "photos", "--json")
        #expect(try outcome.keys() == ["channels", "classes", "findings", "name", "parts"])
        let check = try #require(outcome.json() as? [String: Any])
        let findings = try #require(check["findings"] as? [[String: Any]])
        #expect(
            findings.compactMap { $0["kind"] as? String } == [
                "broken_files", "conflicting_labels", "leak", "duplicates", "missing_classes",
            ])
        for finding in findings {
            #expect(
                finding.keys.sorted() == ["advice", "count", "examples", "headline", "kind", "parts", "severity"])
        }
        let examples = try #require(findings[1]["examples"] as? [[String: Any]])
        let pictures = try #require(examples[0]["pictures"] as? [[String: Any]])
        #expect(pictures.map { $0.keys.sorted() } == Array(repeating: ["index", "label", "name", "part"], count: 2))
        let parts = try #require(check["parts"] as? [[String: Any]])
        #expect(parts[0].keys.sorted() == ["class_counts", "name", "part", "pictures", "readable", "sizes"])
        #expect((parts[0]["sizes"] as? [String: Any])?["median"] as? [Int] == [24, 32])
        #expect((check["channels"] as? [String: Any])?.keys.sorted() == ["mean", "standard_deviation"])
    }

    @Test func aDatasetInMemory() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run("datasets", "check", "data")
        #expect(outcome.output.hasPrefix("data: 280 pictures in 4 classes\n"))
        #expect(outcome.output.contains("\ntrain       240     12×12   12×12    12×12      1\n"))
        #expect(outcome.ending == .exit(0))
    }

    @Test func whatCannotBeOpenedIsAnError() async throws {
        let place = try Workplace()
        try await place.expect(
            ["datasets", "check", "./nowhere"], failsWith: "There is no directory './nowhere'. Check the path.")
    }

    /// Without a subcommand, and with the one that is meant then.
    @Test(arguments: [["datasets"], ["datasets", "show"]])
    func foldersAreDescribed(command: [String]) async throws {
        let place = try Workplace()
        try place.writePictures()
        let outcome = try await place.run(command + ["photos"])
        #expect(
            outcome.output == """
                photos: 46 training and 2 test pictures of any size
                class  name  training  test
                ───────────────────────────
                    0  cat         21     0
                    1  dog         25     2
                1 file beside them cannot be used: 'convnet datasets check' says why.

                """)
        let details = try await place.run(command + ["photos", "--json"])
        #expect(
            try details.keys() == [
                "bad_files", "classes", "name", "test_counts", "test_images", "training_counts", "training_images",
            ])
    }
}

extension Workplace {
    /// A folder `photos` with a little of everything that can be wrong.
    fileprivate func writePictures() throws {
        func write(_ number: Int, to path: String) throws {
            try self.write(PNG.encode(Self.picture(number)), to: "photos/\(path)")
        }
        for number in 0..<20 {
            try write(number, to: "train/cat/\(number).png")
            try write(100 + number, to: "train/dog/\(number).png")
        }
        try write(0, to: "train/dog/a cat.png")
        for number in 0..<4 { try write(105, to: "train/dog/again-\(number).png") }
        try self.write(PNG.encode(Self.picture(200)).prefix(100), to: "photos/train/cat/cut.png")
        try self.write("", to: "photos/train/fox/notes.txt")
        try write(300, to: "test/dog/new.png")
        try write(103, to: "test/dog/seen.png")
    }

    /// Large squares of colours that no other number has.
    private static func picture(_ number: Int) -> Image {
        var noise = UInt32(number)
        let colours = (0..<3 * 4 * 3).map { _ in
            noise = noise &* 1_664_525 &+ 1_013_904_223
            return UInt8(noise >> 24)
        }
        let pixels = (0..<24 * 32).flatMap { pixel in
            let square = pixel / 32 / 8 * 4 + pixel % 32 / 8
            return colours[3 * square..<3 * square + 3]
        }
        return Image(channels: 3, height: 24, width: 32, pixels: pixels)
    }
}
