import TestSupport
import Testing

@testable import ConvNetEngine
@testable import ConvNetTraining

@Suite struct SplitTests {
    /// One pixel an image, its position.
    private func dataset(sizes: [Int]) throws -> ArrayDataset {
        // Classes alternate as long as there are images of them.
        let labels = (0..<(sizes.max() ?? 0)).flatMap { round in sizes.indices.filter { round < sizes[$0] } }
        return try ArrayDataset(
            images: labels.indices.map(Float.init), shape: [1, 1, 1], labels: labels,
            classes: sizes.indices.map(String.init), name: "dots")
    }

    private func counts(_ dataset: any Dataset) -> [Int] {
        (0..<dataset.count).reduce(into: [Int](repeating: 0, count: dataset.classes.count)) {
            $0[dataset.label(at: $1)] += 1
        }
    }

    @Test(arguments: [0, 0.05, 0.1, 0.25, 0.5, 0.9, 0.999])
    func everyImageIsInOnePart(fraction: Double) throws {
        let (training, validation) = try dataset(sizes: [40, 7, 21]).split(validationFraction: fraction, seed: 3)
        #expect((training.indices + validation.indices).sorted() == Array(0..<68))
        #expect(training.indices == training.indices.sorted())
        #expect(validation.indices == validation.indices.sorted())
    }

    @Test func everyClassGivesItsShare() throws {
        let (training, validation) = try dataset(sizes: [40, 100, 10]).split(validationFraction: 0.1, seed: 0)
        #expect(counts(validation) == [4, 10, 1])
        #expect(counts(training) == [36, 90, 9])
    }

    @Test func sharesAreRounded() throws {
        let (_, validation) = try dataset(sizes: [14, 15, 16]).split(validationFraction: 0.1, seed: 0)
        #expect(counts(validation) == [1, 2, 2])
    }

    @Test func fractionZeroTakesNothing() throws {
        let (training, validation) = try dataset(sizes: [5, 5]).split(validationFraction: 0, seed: 0)
        #expect(training.indices == Array(0..<10))
        #expect(validation.indices.isEmpty)
    }

    /// A class with two images or more is in both parts, however small or large the fraction.
    @Test(arguments: [1e-9, 0.999_999])
    func noClassIsLeftOut(fraction: Double) throws {
        let (training, validation) = try dataset(sizes: [2, 3, 50]).split(validationFraction: fraction, seed: 0)
        #expect(counts(training).allSatisfy { $0 > 0 })
        #expect(counts(validation).allSatisfy { $0 > 0 })
    }

    @Test func classesWithOneImageOrNone() throws {
        let (training, validation) = try dataset(sizes: [1, 0, 10]).split(validationFraction: 0.2, seed: 0)
        #expect(counts(training) == [1, 0, 8])
        #expect(counts(validation) == [0, 0, 2])
    }

    @Test(arguments: [-0.1, 1, .nan, .infinity])
    func refusesFractionsOutOfRange(fraction: Double) throws {
        let dataset = try dataset(sizes: [4])
        #expect(
            throws: SettingError(
                "the validation share must be at least 0 and below 1, received \(fraction)")
        ) { try dataset.split(validationFraction: fraction, seed: 0) }
    }

    @Test func aClassWithOneImageIsTrainedOn() throws {
        let (training, validation) = try dataset(sizes: [1, 10]).split(validationFraction: 0.9, seed: 0)
        #expect(counts(training) == [1, 1])
        #expect(counts(validation) == [0, 9])
    }

    @Test func emptyDataset() throws {
        let (training, validation) = try dataset(sizes: [0]).split(validationFraction: 0.5, seed: 0)
        #expect(training.indices.isEmpty)
        #expect(validation.indices.isEmpty)
    }

    @Test func seedDecides() throws {
        let dataset = try dataset(sizes: [30, 30])
        func validation(seed: UInt64) throws -> [Int] {
            try dataset.split(validationFraction: 0.3, seed: seed).validation.indices
        }
        #expect(try validation(seed: 1) == validation(seed: 1))
        #expect(try validation(seed: 1) != validation(seed: 2))
        #expect(try validation(seed: 1) != validation(seed: 1 << 32 | 1))
    }

    /// Runs that go on divide as earlier versions did.
    @Test func earlierVersionsHaveDividedAlike() throws {
        let data = try dataset(sizes: [12, 5, 3])
        #expect(try data.split(validationFraction: 0.25, seed: 7).validation.indices == [0, 2, 6, 9, 10])
        let grouped = try data.split(validationFraction: 0.25, seed: 7) { "\($0 / 2)" }.validation.indices
        #expect(grouped == [2, 3, 10, 11])
    }

    /// Each image is as likely as any other of its class: 300 draws of 3 out of 10 have each about 90 times.
    @Test func everyImageHasItsChance() throws {
        let dataset = try dataset(sizes: [10])
        var drawn = [Int](repeating: 0, count: 10)
        for seed in 0..<300 {
            for index in try dataset.split(validationFraction: 0.3, seed: UInt64(seed)).validation.indices {
                drawn[index] += 1
            }
        }
        // Four standard deviations of √(300 · 0.3 · 0.7).
        #expect(drawn.allSatisfy { abs($0 - 90) < 32 }, "\(drawn)")
    }

    @Test func partsPassOnWhatTheyAreMadeOf() throws {
        let dataset = try dataset(sizes: [4, 4])
        let (training, validation) = try dataset.split(validationFraction: 0.25, seed: 0)
        #expect(training.name == "dots, training")
        #expect(validation.name == "dots, validation")
        #expect(validation.classes == ["0", "1"])
        #expect(validation.imageShape == [1, 1, 1])
        for (position, index) in validation.indices.enumerated() {
            #expect(validation.label(at: position) == dataset.label(at: index))
            #expect(validation.imageName(at: position) == "dots #\(index)")
            #expect(try validation.values(at: position) == [Float(index)])
        }
    }

    /// Groups of three images each of two classes.
    private func inGroups(_ index: Int) -> String { "group \(index / 3)" }

    @Test(arguments: 0..<10)
    func groupsStayTogether(seed: UInt64) throws {
        let data = try dataset(sizes: [45, 45])
        let (training, validation) = try data.split(validationFraction: 0.2, seed: seed, group: inGroups)
        #expect((training.indices + validation.indices).sorted() == Array(0..<90))
        #expect(Set(training.indices.map(inGroups)).isDisjoint(with: validation.indices.map(inGroups)))
        // 9 of each class would be exact; a group, of three, more or less.
        #expect(counts(validation).allSatisfy { (6...12).contains($0) })
        #expect(
            try data.split(validationFraction: 0.2, seed: seed, group: inGroups).validation.indices
                == validation.indices)
    }

    @Test func aGroupThatIsAllOfAClassStaysForTraining() throws {
        let data = try dataset(sizes: [10, 10])
        let (training, validation) = try data.split(validationFraction: 0.5, seed: 1) { "\($0 % 2)" }
        #expect(counts(training) == [10, 10])
        #expect(validation.count == 0)
    }
}
