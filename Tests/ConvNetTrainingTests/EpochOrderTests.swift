import Testing

@testable import ConvNetTraining

@Suite struct EpochOrderTests {
    private func dataset(_ counts: [Int]) throws -> ArrayDataset {
        let labels = counts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
        return try ArrayDataset(
            images: [Float](repeating: 0, count: labels.count), shape: [1, 1, 1], labels: labels,
            classes: counts.indices.map { "\($0)" })
    }

    @Test func shuffledIsAPermutation() throws {
        let order = EpochOrder(try dataset([30, 5]), sampling: .shuffled, seed: 3)
        #expect(order.indices(epoch: 0).sorted() == Array(0..<35))
        #expect(order.indices(epoch: 0) != order.indices(epoch: 1))
    }

    @Test(arguments: 0..<4)
    func balancedHasEquallyManyOfEachClass(epoch: Int) throws {
        let data = try dataset([80, 0, 15, 5])
        let order = EpochOrder(data, sampling: .balanced, seed: 3).indices(epoch: epoch)
        #expect(order.count == 100)
        var counts = [0, 0, 0, 0]
        for index in order { counts[data.label(at: index)] += 1 }
        #expect(counts.sorted() == [0, 33, 33, 34])
        #expect(counts[1] == 0)
        // Every image of a small class comes before any comes again.
        let times = Dictionary(grouping: order) { $0 }.mapValues(\.count)
        #expect(Set((95..<100).map { times[$0] ?? 0 }).isSubset(of: [6, 7]))
        #expect((0..<80).allSatisfy { times[$0] ?? 0 <= 1 })
    }

    @Test func balancedIsAFunctionOfSeedAndEpoch() throws {
        let data = try dataset([9, 3])
        let order = EpochOrder(data, sampling: .balanced, seed: 1)
        #expect(order.indices(epoch: 2) == EpochOrder(data, sampling: .balanced, seed: 1).indices(epoch: 2))
        #expect(order.indices(epoch: 2) != order.indices(epoch: 3))
        #expect(order.indices(epoch: 2) != EpochOrder(data, sampling: .balanced, seed: 2).indices(epoch: 2))
    }

    @Test func weightsMakeClassesEqual() throws {
        let data = try dataset([6, 0, 2])
        #expect(data.balancingWeights == [8.0 / 12, 0, 2])
    }
}
