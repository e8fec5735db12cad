import TestSupport
import Testing

@testable import ConvNetTraining

@Suite struct ArrayDatasetTests {
    @Test func imagesLabelsAndNames() throws {
        let dataset = try ArrayDataset(
            images: [1, 2, 3, 4, 5, 6], shape: [1, 1, 2], labels: [1, 0, 1], classes: ["light", "dark"])
        #expect(dataset.count == 3)
        #expect((0..<3).map(dataset.label) == [1, 0, 1])
        #expect(dataset.name == "array")
        #expect(dataset.imageName(at: 2) == "array #2")
        #expect(try dataset.values(at: 1) == [3, 4])
    }

    @Test(arguments: [0, 3, 5, 8])
    func wrongCount(numbers: Int) throws {
        let error = try #require(throws: ArrayDatasetError.self) {
            try ArrayDataset(
                images: [Float](repeating: 0, count: numbers), shape: [1, 1, 2], labels: [0, 0], classes: ["0"])
        }
        #expect(error == .counts(images: numbers, labels: 2, imageSize: 2))
        #expect("\(error)" == "2 labels need 2 images of 2 numbers (4), received \(numbers)")
    }

    @Test(arguments: [-1, 2, .max])
    func labelOfNoClass(label: Int) throws {
        let error = try #require(throws: ArrayDatasetError.self) {
            try ArrayDataset(images: [0, 0], shape: [1], labels: [1, label], classes: ["a", "b"])
        }
        #expect(error == .label(label, position: 1, classes: 2))
        #expect("\(error)" == "label \(label) at position 1 is not one of 2 classes (0 ..< 2)")
    }

    @Test func nothingIsADataset() throws {
        #expect(try ArrayDataset(images: [], shape: [1, 8, 8], labels: [], classes: []).count == 0)
    }
}
