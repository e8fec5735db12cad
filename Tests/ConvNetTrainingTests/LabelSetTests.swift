import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

/// Images of several classes, in memory.
@Suite struct LabelSetTests {
    private func dataset(_ sets: [[Int]], classes: [String] = ["cat", "dog", "grass"]) throws -> ArrayDataset {
        try ArrayDataset(
            images: sets.indices.map(Float.init), shape: [1, 1, 1], labelSets: sets, classes: classes, name: "photos")
    }

    @Test func anImageHasAnyNumberOfClasses() throws {
        let data = try dataset([[2, 0], [], [1]])
        #expect(data.targetKind == .labels)
        #expect((0..<3).map(data.target) == [.labels([0, 2]), .labels([]), .labels([1])])
        #expect(data.classCounts == [1, 1, 1])
        #expect(try data.values(at: 2) == [2])
        let some = DatasetSubset(of: data, indices: [2, 0], name: "some")
        #expect(some.targetKind == .labels && some.target(at: 1) == .labels([0, 2]))
    }

    @Test func mistakesAreNamed() throws {
        for label in [-1, 3, .max] {
            let error = try #require(throws: ArrayDatasetError.self) { try dataset([[0], [1, label]]) }
            #expect(error == .label(label, position: 1, classes: 3))
        }
        #expect(try dataset([[2, 0, 2]]).target(at: 0) == .labels([0, 2]))
        #expect(throws: ArrayDatasetError.counts(images: 1, labels: 2, imageSize: 1)) {
            try ArrayDataset(images: [0], shape: [1, 1, 1], labelSets: [[], []], classes: [])
        }
    }

    // MARK: Balance

    /// By hand: 3 of 4 lack the first class, 1 of 4 the second.
    @Test func positiveWeightsAreNegativesByPositives() throws {
        let data = try dataset([[0, 1], [1], [1, 3], [3]], classes: ["a", "b", "c", "d", "e"])
        #expect(data.positiveWeights == [3, 1.0 / 3, 1, 1, 1])
        // What all images have cannot be balanced.
        #expect(try dataset([[0], [0, 1]]).positiveWeights == [1, 1, 1])
        #expect(try dataset([]).positiveWeights == [1, 1, 1])
    }

    // MARK: Fingerprint

    @Test func aRunKnowsItsSetsAgain() throws {
        func labels(_ sets: [[Int]]) throws -> UInt32 { DataFingerprint.Part(try dataset(sets)).labels }
        let different = [
            [[0, 1], []], [[0], [1]], [[], [0, 1]], [[1], [0]], [[0, 1], [0]], [[], []], [[0, 2], []],
        ]
        #expect(try Set(different.map(labels)).count == different.count)
        #expect(try labels([[1, 0], []]) == labels([[0, 1], []]))
    }

    /// What earlier versions have written of images with one class each, and of shares.
    @Test func fingerprintsOfOneClassAreTheOldOnes() throws {
        let one = try ArrayDataset(images: [0, 1, 2], shape: [1, 1, 1], labels: [0, 2, 1], classes: ["a", "b", "c"])
        let shares = try ArrayDataset(images: [0], shape: [1, 1, 1], softTargets: [0.25, 0.75], classes: ["a", "b"])
        #expect(DataFingerprint.Part(one).labels == 3_905_679_325)
        #expect(DataFingerprint.Part(shares).labels == 74_296_003)
    }
}
