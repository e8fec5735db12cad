import Testing

@testable import ConvNetGraph
@testable import ConvNetTraining

@Suite struct SequenceReaderTests {
    /// Numbers that tell dataset, image and epoch; some images cannot be read.
    private struct Numbered: Dataset {
        var broken: Set<Int> = []
        var side = 3
        let name = "numbered"
        let count = 200
        let classes = ["only"]
        var imageShape: Shape? { [2, side, side] }
        var isCostlyToRead: Bool { true }

        struct Unreadable: Error, Equatable {
            var index: Int
        }

        func target(at index: Int) -> Target { .label(0) }

        func item(at index: Int) throws -> DatasetItem { try item(at: index, epoch: -1) }

        func item(at index: Int, epoch: Int) throws -> DatasetItem {
            if broken.contains(index) { throw Unreadable(index: index) }
            return .array((0..<2 * side * side).map { Float(index * 1000 + epoch * 100 + $0 % 100) }[...])
        }
    }

    private func read(
        _ indices: [Int], of dataset: Numbered, epoch: Int?, threads: Int, pieces: [Int]
    ) throws -> [Float] {
        let reader = try SequenceReader(
            indices[...], of: dataset, Preprocessing(mean: [1, 2], standardDeviation: [2, 4]),
            shape: [2, dataset.side, dataset.side], epoch: epoch, batchSize: 16, threads: threads)
        var result: [Float] = []
        for count in pieces {
            var batch = [Float](repeating: .nan, count: count * 2 * dataset.side * dataset.side)
            try batch.withUnsafeMutableBufferPointer { try reader.read(count, to: $0) }
            result += batch
        }
        return result
    }

    @Test(arguments: [nil, 0, 3], [3, 300])
    func threadsDoNotShow(epoch: Int?, side: Int) throws {
        let dataset = Numbered(side: side)
        let indices = (0..<60).map { $0 * 7 % 200 }
        let alone = try read(indices, of: dataset, epoch: epoch, threads: 0, pieces: [60])
        #expect(alone[0] == (Float(indices[0] * 1000 + (epoch ?? -1) * 100) - 1) / 2)
        for threads in [1, 2, 5] {
            #expect(try read(indices, of: dataset, epoch: epoch, threads: threads, pieces: [16, 16, 1, 27]) == alone)
        }
    }

    @Test(arguments: [0, 3])
    func theFirstUnreadableImageIsNamed(threads: Int) {
        #expect(throws: Numbered.Unreadable(index: 9)) {
            try read([5, 9, 7, 8], of: Numbered(broken: [9, 7]), epoch: 0, threads: threads, pieces: [4])
        }
    }
}
