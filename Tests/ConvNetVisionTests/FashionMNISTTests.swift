import ConvNetEngine
import ConvNetTraining
import Foundation
import TestSupport
import Testing

@testable import ConvNetVision

@Suite(.enabled(if: CatalogEntry.fashionMNIST.directory != nil, "dataset-fashion-mnist is not installed"))
struct FashionMNISTTests {
    @Test func hasThePublishedContent() throws {
        let data = try DatasetCatalog.open("fashion-mnist")
        let test = try #require(data.test)
        #expect(data.name == "fashion-mnist")
        #expect(data.train.name == "fashion-mnist (train)")
        #expect(data.train.count == 60000)
        #expect(test.count == 10000)
        #expect(data.train.imageShape == [1, 28, 28])
        #expect(test.imageShape == [1, 28, 28])
        #expect(data.train.classes.count == 10)
        #expect(data.train.classes[9] == "Ankle boot")
        #expect((0..<10).map(data.train.label) == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5])
        for (part, each) in [(data.train, 6000), (test, 1000)] {
            let histogram = (0..<part.count).reduce(into: [Int: Int]()) { $0[part.label(at: $1), default: 0] += 1 }
            #expect(histogram == Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, each) }))
        }

        // Mean and standard deviation of the training pixels are published with many training scripts.
        var (sum, sumOfSquares) = (0.0, 0.0)
        for index in 0..<data.train.count {
            for pixel in try data.train.values(at: index) {
                sum += Double(pixel)
                sumOfSquares += Double(pixel) * Double(pixel)
            }
        }
        let count = Double(data.train.count * 28 * 28)
        let mean = sum / count
        #expect(String(format: "%.4f", mean) == "0.2860")
        #expect(String(format: "%.4f", (sumOfSquares / count - mean * mean).squareRoot()) == "0.3530")
    }
}
