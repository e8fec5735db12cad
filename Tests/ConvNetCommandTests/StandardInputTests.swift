import CommandTestSupport
import ConvNet
import Foundation
import Testing

@Suite struct StandardInputTests {
    private static func place() async throws -> Workplace {
        let place = try await Workplace.withModel()
        for (name, shade) in [("a.png", 30), ("b.png", 200)] {
            try place.write(
                PNG.encode(
                    Image(channels: 1, height: 12, width: 12, pixels: (0..<144).map { UInt8(($0 * shade) & 255) })),
                to: name)
        }
        return place
    }

    @Test func aPictureIsReadFromAPipeAsFromAFile() async throws {
        let place = try await Self.place()
        let file = try await place.run("predict", "run", "a.png")
        for line in [
            "convnet predict run - < a.png", "cat a.png | convnet predict run -", "convnet predict run -- - < a.png",
        ] {
            let piped = try await place.shell(line)
            #expect(piped.ending == .exit(0), "\(piped.errors)")
            #expect(piped.output == file.output.replacing("a.png\n", with: "-\n"))
        }
    }

    @Test func itHasItsPlaceAmongFiles() async throws {
        let place = try await Self.place()
        let outcome = try await place.shell("convnet predict run b.png - a.png --top 1 --json < a.png")
        let results = try #require(outcome.json() as? [[String: Any]])
        #expect(results.compactMap { $0["image"] as? String } == ["b.png", "-", "a.png"])
        let probabilities = results.map { ($0["predictions"] as? [[String: Any]])?.first?["probability"] as? Double }
        #expect(probabilities[1] == probabilities[2] && probabilities[0] != probabilities[1])
    }

    @Test(arguments: [
        ("< /dev/null", "standard input is empty; pipe a picture into it", 1),
        ("< run", "standard input cannot be read: Is a directory", 1),
        ("<&-", "standard input is empty; pipe a picture into it", 1),
        ("< run/config.yaml", "'standard input' is not an image. Use JPEG or PNG.", 1),
        ("- < a.png", "standard input (-) can be read once", 64),
    ])
    func whatIsNoPictureIsNamed(redirection: String, sentence: String, status: Int32) async throws {
        let place = try await Self.place()
        let outcome = try await place.shell("convnet predict run - \(redirection)")
        #expect(outcome.ending == .exit(status))
        #expect(outcome.errors.split(separator: "\n").first ?? "" == "Error: \(sentence)")
        #expect(outcome.output == "")
    }

    #if os(Linux)
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "there is no 'script'"))
    func nobodyTypesAPicture() async throws {
        let place = try await Self.place()
        let outcome = try await place.shell(
            "script --quiet --command '\(Workplace.executable.path) predict run -' /dev/null")
        #expect(
            outcome.output.hasPrefix(
                "Error: standard input is a terminal; pipe a picture into it, as in '… - < photo.jpg'"))
    }
    #endif
}
