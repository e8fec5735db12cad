import Synchronization
import TestSupport
import Testing

@testable import ConvNetGraph
@testable import ConvNetTraining

/// In which order a run reads the training images.
@Suite struct TrainerOrderTests {
    /// Notes which images are read.
    private final class WatchedDataset: Dataset {
        private let base: ArrayDataset
        private let read = Mutex<[Int]>([])

        init(count: Int) throws {
            base = try Corners.dataset(count: count)
        }

        var name: String { base.name }
        var count: Int { base.count }
        var imageShape: Shape? { base.imageShape }
        var classes: [String] { base.classes }
        func target(at index: Int) -> Target { base.target(at: index) }

        func item(at index: Int) -> DatasetItem {
            read.withLock { $0.append(index) }
            return base.item(at: index)
        }

        /// The images read since the last call.
        func takeRead() -> [Int] {
            read.withLock { read in
                defer { read = [] }
                return read
            }
        }
    }

    private func orders(seed: UInt64, batchSize: Int = 4) async throws -> [[Int]] {
        let dataset = try WatchedDataset(count: 30)
        let orders = Mutex<[[Int]]>([])
        let observer = TrainingObserver { event, _ in
            if event.epoch != nil { orders.withLock { $0.append(dataset.takeRead()) } }
            return .continue
        }
        _ = try await Trainer(epochs: 3, batchSize: batchSize, learningRate: 0.01, seed: seed)
            .train(Corners.model(), on: dataset, listeners: [observer])
        return orders.withLock { $0 }
    }

    @Test func everyEpochReadsEveryImageOnce() async throws {
        for order in try await orders(seed: 1) { #expect(order.sorted() == Array(0..<30)) }
    }

    @Test func everyEpochHasItsOwnOrder() async throws {
        let found = try await orders(seed: 1)
        #expect(Set(found + [Array(0..<30)]).count == 4)
    }

    @Test func seedAloneDecides() async throws {
        let found = try await orders(seed: 1)
        #expect(try await found == orders(seed: 1))
        #expect(try await found == orders(seed: 1, batchSize: 7))
        #expect(try await found != orders(seed: 2))
    }

    /// Validation needs no order, and keeps the dataset's.
    @Test func validationIsReadAsItIs() async throws {
        let validation = try WatchedDataset(count: 12)
        _ = try await Trainer(epochs: 1, learningRate: 0.01)
            .train(Corners.model(), on: Corners.dataset(count: 10), validation: validation)
        #expect(validation.takeRead() == Array(0..<12))
    }
}
