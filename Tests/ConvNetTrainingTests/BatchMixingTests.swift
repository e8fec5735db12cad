import ConvNetEngine
import Testing

@testable import ConvNetGraph
@testable import ConvNetTraining

@Suite struct BatchMixingTests {
    private static let shape: Shape = [2, 8, 8]

    /// Image i is i everywhere; its target is class i.
    private func mixed(_ mixing: BatchMixing, seed: UInt64, count: Int = 3) -> (images: [Float], targets: [Float]) {
        let size = Self.shape.count
        var images = (0..<count).flatMap { [Float](repeating: Float($0), count: size) }
        var targets = (0..<count).flatMap { image in (0..<count).map { $0 == image ? Float(1) : 0 } }
        var random = SampleRandom(seed: seed, sample: 0, epoch: 0)
        images.withUnsafeMutableBufferPointer { images in
            targets.withUnsafeMutableBufferPointer { targets in
                mixing.apply(to: images, shape: Self.shape, targets: targets, classes: count, random: &random)
            }
        }
        return (images, targets)
    }

    /// λ and 1 − λ stand in the targets of the last image, which is mixed with the first as it was.
    @Test(arguments: 0..<20)
    func mixupAddsImageAndNext(seed: UInt64) {
        let (images, targets) = mixed(BatchMixing(mixup: 0.4), seed: seed)
        let share = targets[8]
        #expect((0...1).contains(share))
        #expect(targets == [share, 1 - share, 0, 0, share, 1 - share, 1 - share, 0, share])
        let size = Self.shape.count
        #expect(images[..<size].allSatisfy { $0 == share * 0 + (1 - share) * 1 })
        #expect(images[size..<2 * size].allSatisfy { $0 == share * 1 + (1 - share) * 2 })
        #expect(images[(2 * size)...].allSatisfy { $0 == share * 2 + (1 - share) * 0 })
    }

    @Test(arguments: 0..<20)
    func cutMixPastesARectangle(seed: UInt64) {
        let (images, targets) = mixed(BatchMixing(cutMix: 1), seed: seed)
        let size = Self.shape.count
        for image in 0..<3 {
            let next = Float((image + 1) % 3)
            let own = images[image * size..<(image + 1) * size]
            let pasted = own.indices.filter { own[$0] == next }
            #expect(own.allSatisfy { $0 == Float(image) || $0 == next })
            // The targets are the shares of the area.
            #expect(targets[image * 3 + (image + 1) % 3] == Float(pasted.count) / Float(size))
            // Both channels alike, and the rows of one width.
            let places = pasted.map { ($0 - image * size) % 64 }
            #expect(places.prefix(places.count / 2).elementsEqual(places.suffix(places.count / 2)))
            #expect(Set(Dictionary(grouping: places) { $0 / 8 }.values.map(\.count)).count <= 1)
        }
    }

    @Test func aCoinDecidesBetweenTheTwo() {
        let outcomes = (0..<40).map { seed -> Bool in
            let (images, _) = mixed(BatchMixing(mixup: 1, cutMix: 1), seed: UInt64(seed))
            return images.allSatisfy { $0 == $0.rounded() }
        }
        #expect(outcomes.count { $0 } > 8 && outcomes.count { !$0 } > 8)
    }

    @Test func aSingleImageStays() {
        let (images, targets) = mixed(BatchMixing(mixup: 1), seed: 1, count: 1)
        #expect(images.allSatisfy { $0 == 0 })
        #expect(targets == [1])
    }

    /// Mean ½ and variance 1 / (4 (2α + 1)).
    @Test(arguments: [0.1, 0.4, 1, 5])
    func sharesAreBetaDistributed(alpha: Double) {
        var random = SampleRandom(seed: 5, sample: 1, epoch: 2)
        let draws = (0..<20_000).map { _ in random.beta(alpha) }
        let mean = draws.reduce(0, +) / 20_000
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean - 0.5) < 0.012)
        #expect(abs(variance * 4 * (2 * alpha + 1) - 1) < 0.04)
    }

    @Test(arguments: [BatchMixing(), BatchMixing(mixup: 0), BatchMixing(cutMix: -1), BatchMixing(mixup: .nan)])
    func refusesWhatCannotBe(mixing: BatchMixing) {
        #expect(throws: SettingError.self) { try Trainer(epochs: 1, learningRate: 0.1, mixing: mixing).validate() }
    }
}
