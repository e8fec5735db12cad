import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

@Suite struct BatchDivisionTests {
    private func batches(_ images: Int, _ batchSize: Int, parts: Int = 1, smallest: Int = 1) -> [[Range<Int>]] {
        let division = BatchDivision(
            images: images, batchSize: batchSize, partSize: (batchSize - 1) / parts + 1, smallest: smallest)
        return (0..<division.count).map { index in
            let batch = division.batch(index)
            return (0..<division.partCount(of: batch)).map { division.part($0, of: batch) }
        }
    }

    @Test func lastBatchTakesWhatIsLeft() {
        #expect(batches(10, 4) == [[0..<4], [4..<8], [8..<10]])
        #expect(batches(8, 4) == [[0..<4], [4..<8]])
        #expect(batches(9, 4) == [[0..<4], [4..<8], [8..<9]])
        #expect(batches(3, 4) == [[0..<3]])
        #expect(batches(1, 4) == [[0..<1]])
    }

    @Test func singleImageJoinsTheBatchBefore() {
        #expect(batches(9, 4, smallest: 2) == [[0..<4], [4..<9]])
        #expect(batches(10, 4, smallest: 2) == [[0..<4], [4..<8], [8..<10]])
        #expect(batches(5, 4, smallest: 2) == [[0..<5]])
        // Nothing to join: the engine refuses it.
        #expect(batches(1, 4, smallest: 2) == [[0..<1]])
    }

    @Test func batchesComeInParts() {
        #expect(batches(10, 4, parts: 2) == [[0..<2, 2..<4], [4..<6, 6..<8], [8..<10]])
        #expect(batches(7, 5, parts: 2) == [[0..<3, 3..<5], [5..<7]])
        #expect(batches(9, 8, parts: 2, smallest: 2) == [[0..<4, 4..<9]])
        #expect(batches(7, 4, parts: 2, smallest: 2) == [[0..<2, 2..<4], [4..<7]])
    }

    @Test(arguments: [1, 2], [1, 2, 3])
    func everyImageOnce(smallest: Int, parts: Int) {
        for images in 2...40 {
            for batchSize in max(parts, 2)...9 {
                let ranges = batches(images, batchSize, parts: parts, smallest: smallest).flatMap { $0 }
                #expect(ranges.flatMap { Array($0) } == Array(0..<images))
                let division = BatchDivision(
                    images: images, batchSize: batchSize, partSize: (batchSize - 1) / parts + 1, smallest: smallest)
                #expect(Set(ranges.map(\.count)) == division.partSizes, "\(images), \(batchSize)")
            }
        }
    }

    /// A run over 9 images in batches of 4, with a batch norm over single values.
    @Test func runJoinsTheLastImage() async throws {
        let network = try Network(input: Corners.shape) {
            Flatten()
            Dense(8)
            BatchNorm()
            Dense(3)
        }
        let model = try Model(network, classes: Corners.classes, engine: ReferenceEngine())
        let observer = TrainingObserver()
        try await Trainer(epochs: 2, batchSize: 4, learningRate: 0.1)
            .train(model, on: Corners.dataset(count: 9), listeners: [observer])
        #expect(observer.steps.map(\.imageCount) == [4, 9, 4, 9])
        await #expect(throws: EngineError.singleValuePerChannel(path: LayerPath(["2"]))) {
            try await Trainer(epochs: 1, batchSize: 4, learningRate: 0.1).train(model, on: Corners.dataset(count: 1))
        }
        await #expect(throws: EngineError.singleValuePerChannel(path: LayerPath(["2"]))) {
            try await Trainer(epochs: 1, batchSize: 1, learningRate: 0.1).train(model, on: Corners.dataset(count: 9))
        }
    }
}
