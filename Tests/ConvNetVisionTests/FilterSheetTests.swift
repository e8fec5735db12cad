import ConvNetGraph
import ConvNetTraining
import Testing

@testable import ConvNetVision

@Suite struct FilterSheetTests {
    private func network(channels: Int) throws -> Network {
        try Network(input: [channels, 6, 6]) {
            Conv2D(2, kernel: 2).named("first")
            Conv2D(2, kernel: 3).named("second")
        }
    }

    /// A pixel for each weight, the least of a filter black and its largest white, and grey lines between filters.
    @Test func coloursAreThoseOfTheChannels() throws {
        let network = try network(channels: 3)
        let index = try #require(FilterSheet.parameter(of: network))
        var weights = [Float](repeating: 0, count: 24)
        // The first filter: red at its upper left, green at its lower right; a third of the range everywhere else.
        weights[0] = 2
        weights[7] = -1
        weights[12...] = [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]
        let sheet = FilterSheet(network, parameter: index, weights: weights)
        #expect(sheet.layer == "first" && sheet.filters == 2 && sheet.channels == 3)
        let image = sheet.image()
        #expect(image.size == Size(4, 7) && image.channels == 3)
        func pixel(_ row: Int, _ column: Int) -> [UInt8] {
            Array(image.pixels[(row * image.width + column) * 3..<(row * image.width + column) * 3 + 3])
        }
        #expect(pixel(0, 0) == [128, 128, 128] && pixel(1, 3) == [128, 128, 128])
        #expect(pixel(1, 1) == [255, 85, 85] && pixel(2, 2) == [85, 0, 85] && pixel(1, 2) == [85, 85, 85])
        // What is the same everywhere is in the middle.
        #expect(pixel(1, 4) == [128, 128, 128] && pixel(2, 5) == [128, 128, 128])
        let larger = sheet.image(scale: 3)
        #expect(larger.size == Size(12, 21))
        #expect(Array(larger.pixels[(5 * 21 + 5) * 3..<(5 * 21 + 5) * 3 + 3]) == [255, 85, 85])
    }

    @Test func otherChannelsAreGreyPicturesOfTheirOwn() throws {
        let network = try network(channels: 2)
        let index = try #require(FilterSheet.parameter(of: network))
        let weights = (0..<16).map { $0 == 3 ? Float.nan : Float($0) }
        let image = FilterSheet(network, parameter: index, weights: weights).image()
        // Two filters over two channels: four pictures, three in a row.
        #expect(image.channels == 1 && image.size == Size(7, 10))
        #expect(image.pixels[1 * 10 + 4] == 0 && image.pixels[2 * 10 + 5] == 255)
        let dense = try Network(input: [1, 2, 2]) {
            Flatten()
            Dense(2)
        }
        #expect(FilterSheet.parameter(of: dense) == nil)
    }

    @Test func confusionsAreDarkerTheMoreThereAre() {
        let image = ConfusionPicture.image([[9, 1], [0, 0]])
        #expect(image.size == Size(320, 320) && image.channels == 3)
        #expect(Array(image.pixels[..<3]) != [255, 255, 255])
        #expect(Array(image.pixels[(319 * 320) * 3..<(319 * 320) * 3 + 3]) == [255, 255, 255])
        // Of more classes than pixels each has one.
        #expect(ConfusionPicture.image([[Int]](repeating: [Int](repeating: 1, count: 400), count: 400)).width == 400)
    }
}
