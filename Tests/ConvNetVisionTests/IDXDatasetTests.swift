import ConvNetTraining
import ConvNetVision
import Foundation
import TestSupport
import Testing

@Suite struct IDXDatasetTests {
    private func dataset(labels: [UInt8], classes: [String]) throws -> IDXDataset {
        let images = try IDXFile(data: idx([2, 1, 3], [0, 51, 102, 153, 204, 255]), rank: 3, name: "images")
        let labels = try IDXFile(data: idx([UInt32(labels.count)], labels), rank: 1, name: "labels")
        return try IDXDataset(images: images, labels: labels, name: "tiny", classes: classes)
    }

    private func image(_ index: Int, of dataset: some Dataset) throws -> [Float] {
        try dataset.values(at: index)
    }

    @Test func yieldsImagesAndLabels() throws {
        let dataset = try dataset(labels: [1, 0], classes: ["cat", "dog"])
        #expect(dataset.count == 2)
        #expect(dataset.imageShape == [1, 1, 3])
        #expect(dataset.classes == ["cat", "dog"])
        #expect((0..<2).map(dataset.label) == [1, 0])
        #expect(try image(0, of: dataset) == [0, 51 / 255, 102 / 255])
        #expect(try image(1, of: dataset) == [153 / 255, 204 / 255, 1])
        #expect(dataset.imageName(at: 1) == "tiny #1")
    }

    @Test func namesCountsThatDiffer() throws {
        let error = try #require(throws: DatasetError.self) { try dataset(labels: [0], classes: ["a"]) }
        #expect(
            error.description
                == "'images' holds 2 images, but 'labels' holds 1 label. Use files that belong together.")
    }

    @Test func namesALabelWithoutClass() throws {
        let error = try #require(throws: DatasetError.self) { try dataset(labels: [1, 2], classes: ["a", "b"]) }
        #expect(error == .labelOutOfRange(file: "labels", position: 1, label: 2, classCount: 2))
        #expect(
            error.description
                == "'labels' has the label 2 at position 1, but there are only 2 classes (labels count from 0). "
                + "Correct the label or the list of classes.")
    }

    @Test func namesFilesOfTheWrongRank() throws {
        let labels = try IDXFile(data: idx([2], [0, 1]), rank: 1, name: "labels")
        #expect(throws: DatasetError.unexpectedRank(file: "labels", found: 1, expected: 3)) {
            try IDXDataset(images: labels, labels: labels, name: "tiny", classes: ["a", "b"])
        }
    }
}
