import CommandTestSupport
import ConvNet
import Foundation
import Testing

@Suite struct PredictErrorTests {
    private static func png(height: Int, width: Int) throws -> Data {
        try PNG.encode(
            Image(channels: 1, height: height, width: width, pixels: Array(repeating: 9, count: height * width)))
    }

    @Test func unusablePicturesAreNamed() async throws {
        let place = try await Workplace.withModel()
        let png = try Self.png(height: 12, width: 12)
        for (name, data, sentence) in [
            ("text.png", Data("hello".utf8), "'text.png' is not an image. Use JPEG or PNG."),
            ("empty.png", Data(), "'empty.png' is empty. Download or copy it again."),
            (
                "cut.png", png.dropLast(14),
                "'cut.png' is truncated: it ends before its PNG image does. Download or copy it again."
            ),
        ] {
            try place.write(data, to: name)
            try await place.expect(["predict", Workplace.model, name], failsWith: sentence)
        }
        try await place.expect(
            ["predict", Workplace.model, "none.png"],
            failsWith: "There is no file '\(place.file("none.png").path)'. Check the path.")
        try await place.expect(
            ["predict", Workplace.model, "data"],
            failsWith: "'data' holds no pictures. Check the path.")
        try await place.expect(
            ["predict", Workplace.model, "*.jpeg"], failsWith: "No file matches '*.jpeg'. Check the pattern.")
    }

    /// Results that were found before the bad picture must not look like all of them.
    @Test func oneBadPictureAmongGoodOnesPrintsNothingElse() async throws {
        let place = try await Workplace.withModel()
        try place.write(try Self.png(height: 12, width: 12), to: "good.png")
        try place.write("hello", to: "bad.png")
        let lines = [
            "1 file of the images cannot be used:", "  'bad.png' is not an image. Use JPEG or PNG.",
            "Mend or remove them, or go on without them with --skip-bad-images.",
        ].joined(separator: "\n")
        try await place.expect(["predict", Workplace.model, "good.png", "bad.png"], failsWith: lines)
        // A document of the error, and of nothing else.
        let document = try await place.run("predict", Workplace.model, "good.png", "bad.png", "--json")
        #expect(try document.json() as? [String: [String: String]] == ["error": ["kind": "dataset", "message": lines]])
    }

    @Test(arguments: [
        ("40", "data (test) has images 0 to 39; there is no 40"),
        ("9223372036854775807", "data (test) has images 0 to 39; there is no 9223372036854775807"),
        ("99999999999999999999", "The value '99999999999999999999' is invalid for '--index <index>'"),
        ("first", "The value 'first' is invalid for '--index <index>'"),
    ])
    func positionsOutsideTheDatasetAreRefused(index: String, sentence: String) async throws {
        let place = try await Workplace.withModel()
        try await place.expect(
            ["predict", Workplace.model, "--dataset", "data", "--index", index], failsWith: sentence)
    }

    @Test func aNegativePositionIsRefused() async throws {
        let place = try await Workplace.withModel()
        try await place.expect(
            ["predict", Workplace.model, "--dataset", "data", "--index=-1"],
            failsWith: "data (test) has images 0 to 39; there is no -1")
    }
}
