import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// Pages that commands write, for browsers.
@Suite struct PageTests {
    private static func place(classes: [String]) throws -> Workplace {
        let place = try Workplace()
        for (number, name) in classes.enumerated() {
            for index in 0..<4 {
                let pixels = (0..<144).map { UInt8(($0 * (number + 2) + index) & 255) }
                try place.write(
                    PNG.encode(Image(channels: 1, height: 12, width: 12, pixels: pixels)),
                    to: "photos/\(name)/\(index).png")
            }
        }
        return place
    }

    @Test func anEvaluationSaysWhatWasMeasured() async throws {
        let place = try await Workplace.withModel()
        let outcome = try await place.run(
            "evaluate", "run", "--dataset", "data", "--part", "train", "--html", "page.html")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        let page = try place.text("page.html")
        for (name, value) in [
            ("model", "run/model.safetensors"), ("dataset", "data"), ("part", "train"), ("crops of each image", "1"),
            ("trained on", "228 of these images"),
        ] {
            #expect(page.contains("<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>"), "\(name)")
        }
        let split = try await place.run(
            "evaluate", "run", "--dataset", "data", "--split", "run/split.json", "--html", "split.html")
        #expect(split.ending == .exit(0), "\(split.errors)")
        let divided = try place.text("split.html")
        for (name, value) in [("part", "validation"), ("divided by", "run/split.json")] {
            #expect(divided.contains("<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>"), "\(name)")
        }
        #expect(page.contains(/<th scope="row">date<\/th><td>20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]+Z<\/td>/))
        #expect(page.contains(/<th scope="row">computed by<\/th><td>[^<]+<\/td>/))
    }

    /// Among the first five of four the right one always is.
    @Test(arguments: [(4, false), (5, false), (6, true)])
    func theFirstFiveAreOfMoreThanFive(classes: Int, isSaid: Bool) async throws {
        let place = try Workplace.withDataset(SyntheticDataset(classes: classes))
        _ = try await place.run(Workplace.training(epochs: 1))
        let outcome = try await place.run("evaluate", "run", "--dataset", "data", "--html", "page.html")
        #expect(outcome.output.contains("top-5") == isSaid)
        #expect(try place.text("page.html").contains("among the first five") == isSaid)
    }

    @Test func aPreviewHasTheNamesOfItsClasses() async throws {
        let place = try Self.place(classes: ["고양이", "かな", "🐱", "cat"])
        let page = try await place.run(
            "datasets", "preview", "photos", "--out", "sheet.html", "--columns", "2", "--rows", "4")
        #expect(page.output == "4 images of photos, each in 2 epochs: sheet.html\n", "\(page.errors)")
        let html = try place.text("sheet.html")
        for name in ["고양이", "かな", "🐱", "cat"] { #expect(html.contains("<th scope=\"row\">\(name)</th>")) }

        let picture = try await place.run(
            "datasets", "preview", "photos", "--out", "sheet.png", "--columns", "2", "--rows", "4")
        #expect(
            picture.output == """
                4 images of photos, each in 2 epochs: sheet.png
                The picture has letters of Latin only, and numbers other rows; a page (--out sheet.html) has all letters.
                  row 2: かな
                  row 3: 고양이
                  row 4: 🐱

                """)
    }
}
