import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetGraph
@testable import ConvNetTraining

/// Dividing images of several classes.
@Suite struct LabelStratificationTests {
    private func dataset(_ sets: [[Int]], classes: Int) throws -> ArrayDataset {
        try ArrayDataset(
            images: sets.indices.map(Float.init), shape: [1, 1, 1], labelSets: sets,
            classes: (0..<classes).map(String.init), name: "photos")
    }

    /// 400 images of 12 classes, from one that a third of them have to one that five have; some have none.
    private func many(seed: UInt64 = 7) throws -> ArrayDataset {
        var generator = SplitMix64(seed: seed)
        let shares = [0.33, 0.3, 0.25, 0.2, 0.15, 0.12, 0.1, 0.07, 0.05, 0.04, 0.02, 0.0125]
        return try dataset(
            (0..<400).map { _ in shares.indices.filter { Double.random(in: 0..<1, using: &generator) < shares[$0] } },
            classes: 12)
    }

    /// By class, and of images without any.
    private func counts(_ dataset: any Dataset) -> [Int] {
        dataset.classCounts + [(0..<dataset.count).count { dataset.target(at: $0).classes.isEmpty }]
    }

    @Test(arguments: [0.1, 0.2, 0.5, 0.8], 0..<3)
    func everyClassGivesItsShare(fraction: Double, seed: UInt64) throws {
        let data = try many(seed: 7 + seed)
        let (training, validation) = try data.split(validationFraction: fraction, seed: seed)
        #expect((training.indices + validation.indices).sorted() == Array(0..<400))
        #expect(validation.indices == validation.indices.sorted())
        for (all, part) in zip(counts(data), counts(validation)) {
            #expect(abs(Double(part) - fraction * Double(all)) <= 2.5, "\(part) of \(all) at \(fraction)")
            if all > 1 { #expect(part > 0 && part < all) }
        }
        #expect(abs(Double(validation.count) - 400 * fraction) <= 20)
    }

    /// Better than chance: what a permutation takes is off by more, summed over the classes.
    @Test func sharesAreNearerThanByChance() throws {
        let data = try many()
        func distance(_ part: any Dataset) -> Double {
            zip(counts(data), counts(part)).reduce(0) { $0 + abs(Double($1.1) - 0.2 * Double($1.0)) }
        }
        let chance = (0..<20).map { seed in
            let order = RandomStream(seed: UInt64(seed), purpose: .splitting).permutation(400)
            return distance(DatasetSubset(of: data, indices: Array(order.prefix(80)), name: ""))
        }
        for seed in 0..<20 {
            let part = try data.split(validationFraction: 0.2, seed: UInt64(seed)).validation
            #expect(distance(part) < 0.7 * (chance.min() ?? 0))
        }
    }

    @Test func seedDecides() throws {
        let data = try many()
        func validation(_ seed: UInt64) throws -> [Int] {
            try data.split(validationFraction: 0.2, seed: seed).validation.indices
        }
        #expect(try validation(1) == validation(1))
        #expect(try validation(1) != validation(2))
    }

    /// Of two images or more a class has one on either side, and the only one stays for training.
    @Test(arguments: [1e-9, 0.3, 0.999_999])
    func noClassIsLeftOut(fraction: Double) throws {
        let sets = [[0, 1], [0], [1], [2], [2, 3], [1], [0], [], []]
        for seed in 0..<10 {
            let data = try dataset(sets, classes: 5)
            let (training, validation) = try data.split(validationFraction: fraction, seed: UInt64(seed))
            #expect(counts(training).enumerated().allSatisfy { $1 > 0 || $0 == 4 }, "\(counts(training))")
            for label in [0, 1, 2, 5] { #expect(counts(validation)[label] > 0) }
            #expect(counts(validation)[3] == 0)
        }
    }

    /// Class 1 has images only beside rarer ones, which may all stay; and is taken from then.
    @Test func whatRarerClassesKeepIsTakenAfterAll() throws {
        let sets = [[0, 4], [1, 4], [2, 4], [3, 4], [0], [1], [2], [3], [0], [1], [2], [3]]
        for seed in 0..<40 {
            let part = try dataset(sets, classes: 5).split(validationFraction: 0.3, seed: UInt64(seed)).validation
            #expect(part.classCounts.allSatisfy { $0 > 0 }, "\(seed): \(part.classCounts)")
        }
    }

    @Test func fractionZeroTakesNothing() throws {
        #expect(try many().split(validationFraction: 0, seed: 1).validation.count == 0)
        #expect(try dataset([], classes: 2).split(validationFraction: 0.5, seed: 1).validation.count == 0)
    }

    @Test(arguments: 0..<10)
    func groupsStayTogether(seed: UInt64) throws {
        let data = try many()
        func group(_ index: Int) -> String { "\(index / 4)" }
        let (training, validation) = try data.split(validationFraction: 0.25, seed: seed, group: group)
        #expect((training.indices + validation.indices).sorted() == Array(0..<400))
        #expect(Set(training.indices.map(group)).isDisjoint(with: validation.indices.map(group)))
        for (all, part) in zip(counts(data), counts(validation)) where all >= 20 {
            #expect(abs(Double(part) - 0.25 * Double(all)) <= max(6, 0.12 * Double(all)), "\(part) of \(all)")
        }
        #expect(counts(training).allSatisfy { $0 > 0 })
    }

    @Test func aGroupThatIsAllOfAClassStaysForTraining() throws {
        let data = try dataset([[0], [0, 1], [1], [1], [1], [1]], classes: 2)
        let (training, validation) = try data.split(validationFraction: 0.5, seed: 1) { $0 < 2 ? "a" : "\($0)" }
        #expect(training.classCounts[0] == 2 && validation.classCounts[0] == 0 && validation.count > 0)
    }

    // MARK: Samples

    @Test(arguments: [1, 5, 40, 100, 399])
    func aSampleKeepsTheSharesOfSets(limit: Int) throws {
        let data = try many()
        let sample = try data.sample(limit, seed: 3)
        #expect(sample.count == limit && sample.indices == sample.indices.sorted())
        #expect(Set(sample.indices).count == limit && sample.name == "photos")
        #expect(sample.targetKind == .labels)
        guard limit >= 40 else { return }
        for (all, part) in zip(counts(data), counts(sample)) {
            #expect(part > 0 && abs(Double(part) - Double(all * limit) / 400) <= 4, "\(part) of \(all)")
        }
    }

    /// 60, 30 and 10 of 100, and one of a class of its own.
    private func labels() throws -> ArrayDataset {
        let labels = (0..<101).map { $0 == 50 ? 3 : $0 % 10 < 6 ? 0 : $0 % 10 < 9 ? 1 : 2 }
        return try ArrayDataset(
            images: labels.map(Float.init), shape: [1, 1, 1], labels: labels, classes: ["a", "b", "c", "d", "none"])
    }

    @Test(arguments: [(20, [11, 6, 2, 1, 0]), (4, [1, 1, 1, 1, 0]), (3, [2, 1, 0, 0, 0]), (1, [1, 0, 0, 0, 0])])
    func aSampleKeepsTheSharesOfClasses(limit: Int, expected: [Int]) throws {
        #expect(try labels().sample(limit, seed: 1).classCounts == expected)
    }

    @Test func theSeedDrawsTheSample() throws {
        let data = try labels()
        #expect(try data.sample(20, seed: 1).indices == data.sample(20, seed: 1).indices)
        #expect(try data.sample(20, seed: 1).indices != data.sample(20, seed: 2).indices)
        for limit in [101, 102, .max] { #expect(try data.sample(limit, seed: 1).indices == Array(0..<101)) }
        for limit in [0, -1, .min] {
            #expect(throws: SettingError("the limit must be 1 image or more, received \(limit)")) {
                try data.sample(limit, seed: 1)
            }
        }
    }
}
