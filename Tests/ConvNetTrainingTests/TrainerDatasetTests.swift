import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

/// Datasets that do not fit the network are refused before the first step, for training, validation and evaluation alike.
@Suite struct TrainerDatasetTests {
    private func dataset(count: Int = 4, shape: Shape = Corners.shape, classes: Int = 3) throws -> ArrayDataset {
        try ArrayDataset(
            images: [Float](repeating: 0, count: count * shape.count), shape: shape,
            labels: [Int](repeating: 0, count: count), classes: (0..<classes).map(String.init), name: "odd")
    }

    private func expect(_ sentence: String, for dataset: ArrayDataset) async throws {
        let trainer = Trainer(epochs: 1, learningRate: 0.1)
        let good = try Corners.dataset(count: 4)
        let observer = TrainingObserver()
        let asTraining = try await #require(throws: TrainingError.self) {
            try await trainer.train(Corners.model(), on: dataset, listeners: [observer])
        }
        let asValidation = try await #require(throws: TrainingError.self) {
            try await trainer.train(Corners.model(), on: good, validation: dataset, listeners: [observer])
        }
        let inEvaluation = try await #require(throws: TrainingError.self) {
            try await Corners.model().evaluate(dataset)
        }
        #expect([asTraining, asValidation, inEvaluation].map(\.description) == [sentence, sentence, sentence])
        #expect(observer.events.isEmpty)
    }

    @Test func otherShape() async throws {
        try await expect("the images of odd are 1×8×9, but the network takes 1×8×8", for: dataset(shape: [1, 8, 9]))
        try await expect("the images of odd are 64, but the network takes 1×8×8", for: dataset(shape: [64]))
    }

    @Test(arguments: [1, 2, 4])
    func otherNumberOfClasses(classes: Int) async throws {
        try await expect("odd has \(classes) classes, but the network has 3 outputs", for: dataset(classes: classes))
    }

    @Test func noImages() async throws {
        try await expect("odd has no images", for: dataset(count: 0))
    }

    @Test func oneImageIsEnough() async throws {
        let end = try await Trainer(epochs: 2, learningRate: 0.1).train(
            Corners.model(), on: dataset(count: 1), validation: dataset(count: 1))
        #expect(end.steps == 2)
    }

    @Test func settingsAreCheckedToo() async throws {
        await #expect(throws: SettingError("epochs must be at least 1, received 0")) {
            try await Trainer(epochs: 0, learningRate: 0.1).train(Corners.model(), on: dataset())
        }
    }
}
