import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import Testing

@testable import ConvNetVision

@Suite struct ContactSheetTests {
    private static let black: (UInt8, UInt8, UInt8) = (0, 0, 0)

    private func page(channels: Int = 1, height: Int, width: Int) -> Image {
        Image(
            channels: channels, height: height, width: width,
            pixels: [UInt8](repeating: 255, count: height * width * channels))
    }

    /// A picture whose pixels differ from their neighbours, so that one that is lost or moved shows.
    private func gradient(channels: Int, height: Int, width: Int) -> Image {
        let pixels = (0..<height * width * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
        return Image(channels: channels, height: height, width: width, pixels: pixels)
    }

    // MARK: Text

    @Test func glyphsAreDrawnPixelByPixel() {
        var image = page(height: 11, width: 13)
        image.draw("Tp", top: 1, left: 1, color: Self.black)
        let rows = (0..<11).map { y in String(image.pixels[y * 13..<(y + 1) * 13].map { $0 == 0 ? "#" : "." }) }
        #expect(
            rows == [
                ".............",
                ".#####.......",
                "...#.........",
                "...#...####..",
                "...#...#...#.",
                "...#...#...#.",
                "...#...#...#.",
                "...#...####..",
                ".......#.....",
                ".......#.....",
                ".............",
            ])
        // At scale 2, on RGB: each of these pixels as four of the colour.
        var large = page(channels: 3, height: 22, width: 26)
        large.draw("Tp", top: 2, left: 2, scale: 2, color: (10, 20, 30))
        for y in 0..<22 {
            for x in 0..<26 {
                let isSet = image.pixels[y / 2 * 13 + x / 2] == 0
                let start = (y * 26 + x) * 3
                #expect(Array(large.pixels[start..<start + 3]) == (isSet ? [10, 20, 30] : [255, 255, 255]))
            }
        }
        #expect(BitmapFont.width(of: "Tp", scale: 2) == 22 && BitmapFont.width(of: "") == 0)
    }

    @Test func everyCharacterHasAGlyph() {
        let printable = (0x20...0x7E).map { Character(Unicode.Scalar(UInt8($0))) }
        let box = BitmapFont.glyph(for: "中")
        #expect(box == [0b11111, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11111, 0, 0])
        #expect(Set(printable.map(BitmapFont.glyph) + [box]).count == 96)
        for (accented, letter) in zip("éÄñçőŻśłØ", "eAncoZslO") {
            #expect(BitmapFont.glyph(for: accented) == BitmapFont.glyph(for: letter), "\(accented)")
        }
    }

    /// At every edge, and beyond them, what is left is what a larger image shows in the same place.
    @Test func textIsClippedAtTheEdges() {
        for (top, left) in [(-4, -7), (-4, 20), (6, -7), (6, 20), (-40, 3), (40, 3), (3, -90), (3, 90), (-4, 3)] {
            var (small, large) = (page(height: 12, width: 30), page(height: 112, width: 230))
            small.draw("gW#", top: top, left: left, scale: 2, color: Self.black)
            large.draw("gW#", top: top + 50, left: left + 100, scale: 2, color: Self.black)
            let region = ImageRegion(top: 50, left: 100, height: 12, width: 30)
            #expect(small == large.cropped(to: region), "\(top), \(left)")
        }
    }

    @Test func longTextIsBrokenAndThenTruncated() {
        #expect(BitmapFont.truncated("T-shirt/top", toWidth: 65) == "T-shirt/top")
        #expect(BitmapFont.truncated("T-shirt/top", toWidth: 64) == "T-shirt...")
        #expect(BitmapFont.truncated("T-shirt or top", toWidth: 136, scale: 2) == "T-shirt...")
        #expect(BitmapFont.truncated("abc", toWidth: 11) == "..")
        func lines(_ text: String, limit: Int) -> [String] {
            BitmapFont.wrapped(text, toWidth: 95, lineLimit: limit)
        }
        let text = "a very long class name that does not fit"
        #expect(lines(text, limit: 3) == ["a very long", "class name that", "does not fit"])
        #expect(lines(text, limit: 2) == ["a very long", "class name th..."])
        #expect(lines("a_name_without_spaces", limit: 3) == ["a_name_withou..."])
    }

    // MARK: Pictures

    @Test(arguments: [1, 3])
    func smallPicturesAreEnlargedByWholeFactors(channels: Int) {
        let image = gradient(channels: channels, height: 5, width: 7)
        let result = image.fitted(toSquare: 27)
        #expect(result.height == 15 && result.width == 21 && result.channels == channels)
        for y in 0..<15 {
            for x in 0..<21 {
                let (source, target) = ((y / 3 * 7 + x / 3) * channels, (y * 21 + x) * channels)
                #expect(result.pixels[target..<target + channels] == image.pixels[source..<source + channels])
            }
        }
        #expect(image.fitted(toSquare: 7) == image)
    }

    @Test(arguments: [
        (150, 224, Size(75, 112)), (224, 150, Size(112, 75)), (117, 200, Size(66, 112)), (3, 1000, Size(1, 112)),
    ])
    func largePicturesKeepTheirProportions(height: Int, width: Int, size: Size) {
        let image = gradient(channels: 3, height: height, width: width)
        #expect(image.fitted(toSquare: 112) == image.resized(to: size, interpolation: .bilinear))
    }

    // MARK: Sheets

    @Test func picturesAreWhereTheyBelong() {
        let grey = gradient(channels: 1, height: 4, width: 4)
        let color = gradient(channels: 3, height: 6, width: 3)
        let rows = [
            ContactSheet.Row(caption: "ship", images: [grey, color, grey]),
            ContactSheet.Row(caption: "automobile", images: [grey, page(height: 0, width: 0)]),
        ]
        let sheet = ContactSheet(title: "CIFAR", columns: ["a", "b"], rows: rows, cell: 9).render()
        // From the left: the margin, ten characters, the gap; a frame of 9 + 2, 24 to the variants, 8 between them.
        let lefts = [24 + 59 + 24, 107 + 11 + 24, 142 + 11 + 8]
        // From the top: the margin, the title and what follows it, the headings; then the first row, and 8 to the next.
        let tops = [24 + 18 + 22 + 11, 75 + 11 + 8]
        #expect(sheet.channels == 3 && sheet.width == lefts[2] + 11 + 24 && sheet.height == tops[1] + 11 + 24)
        #expect(sheet.pixels.count == sheet.width * sheet.height * 3)

        let enlarged = grey.fitted(toSquare: 9)
        let expected = Image(channels: 3, height: 8, width: 8, pixels: enlarged.pixels.flatMap { [$0, $0, $0] })
        for (top, left) in [(tops[0], lefts[0]), (tops[0], lefts[2]), (tops[1], lefts[0])] {
            let region = ImageRegion(top: top + 1, left: left + 1, height: 8, width: 8)
            #expect(sheet.cropped(to: region) == expected, "\(top), \(left)")
        }
        // In the middle of its cell: (9 − 6) / 2 from the top, (9 − 3) / 2 from the left.
        let region = ImageRegion(top: tops[0] + 2, left: lefts[1] + 4, height: 6, width: 3)
        #expect(sheet.cropped(to: region) == color)
    }

    /// Captions in other scripts are numbers on the sheet, which the legend explains; a box would say nothing.
    @Test(arguments: ["고양이", "고양이".decomposedStringWithCanonicalMapping, "ひらがな", "🐱", "中", "cat 猫", "a\nb"])
    func whatCannotBeDrawnIsInTheLegend(caption: String) {
        let images = [gradient(channels: 1, height: 4, width: 4)]
        func sheet(_ captions: String...) -> ContactSheet {
            ContactSheet(
                title: "a", columns: [], rows: captions.map { ContactSheet.Row(caption: $0, images: images) }, cell: 40)
        }
        let mixed = sheet("ship", caption, "Zoë")
        #expect(mixed.legend.map(\.row) == [2] && mixed.legend.map { Array($0.caption.utf8) } == [Array(caption.utf8)])
        #expect(mixed.render() == sheet("ship", "row 2", "Zoë").render())
        #expect(sheet("ship").legend.isEmpty)
        #expect(
            ContactSheet(title: "\(caption), light", columns: [], rows: []).render()
                == ContactSheet(title: "light", columns: [], rows: []).render())
    }

    /// Every caption, and every picture as it is on the sheet.
    @Test func aPageHasAllLetters() throws {
        let images = [gradient(channels: 3, height: 4, width: 4), gradient(channels: 1, height: 300, width: 90)]
        let empty = page(height: 0, width: 0)
        let sheet = ContactSheet(
            title: "<사진>", columns: ["original", "augmented"],
            rows: [.init(caption: "고양이 🐱 & <b>\u{202E}", images: images + images), .init(caption: "", images: [empty])])
        let html = try sheet.html()
        #expect(html.contains("<h1>&lt;사진&gt;</h1>"))
        #expect(html.contains(#"<th scope="row">고양이 🐱 &amp; &lt;b&gt;\u{202e}</th>"#))
        #expect(html.contains(#"<th scope="col" colspan="1">original</th>"#))
        #expect(html.contains(#"<th scope="col" colspan="3">augmented</th>"#))
        for image in images {
            let picture = try PNG.encode(image.fitted(toSquare: 112)).base64EncodedString()
            #expect(html.components(separatedBy: "data:image/png;base64,\(picture)\"").count == 3)
        }
        // The page's own script, and no other.
        #expect(html.components(separatedBy: "<script").count == 2 && !html.contains("//"))
    }

    @Test func sheetsWithoutPicturesHoldTheirText() {
        let title = "Nothing was drawn"
        let sheet = ContactSheet(title: title, columns: [], rows: []).render()
        #expect(sheet.width == 24 + BitmapFont.width(of: title, scale: 2) + 24)
        #expect(sheet.height == 24 + 18 + 22 + 24)
        #expect(sheet.pixels.contains { $0 < 100 })
        let empty = ContactSheet(title: "", columns: [], rows: []).render()
        #expect(empty.width == 48 && empty.height == 48)
        // A heading that is wider than the last cell is not cut off.
        let narrow = ContactSheet(title: "", columns: ["original", "augmented"], rows: [], cell: 16).render()
        #expect(narrow.width == 24 + 18 + 24 + 53 + 24)
    }
}
