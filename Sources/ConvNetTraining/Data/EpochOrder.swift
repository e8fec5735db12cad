import ConvNetGraph

/// The order of the training images as a function of seed and epoch.
struct EpochOrder {
    private let seed: UInt64
    private let count: Int
    private let isSequential: Bool
    /// The images of each class that has some; none where it does not matter.
    private var imagesByClass: [[Int]] = []

    init(_ dataset: any Dataset, sampling: Sampling, seed: UInt64) {
        self.seed = seed
        count = dataset.count
        isSequential = sampling == .sequential
        guard sampling == .balanced else { return }
        imagesByClass = [[Int]](repeating: [], count: dataset.classes.count)
        for index in 0..<count { imagesByClass[dataset.label(at: index)].append(index) }
        imagesByClass.removeAll { $0.isEmpty }
    }

    /// As many positions as there are images.
    ///
    /// - Parameter epoch: counted from 0.
    func indices(epoch: Int) -> [Int] {
        if isSequential { return Array(0..<count) }
        let order = stream(epoch).permutation(count)
        if imagesByClass.isEmpty { return order }
        // The classes take turns, so that their numbers differ by one at the most.
        var turns = imagesByClass.map { Turns(images: $0) }
        let first = Int(stream(epoch, class: -1).words(block: 0)[0]) % turns.count
        let drawn = (0..<count).map { position in
            let number = (first + position) % turns.count
            return turns[number].next { stream(epoch, class: number, round: $0) }
        }
        return order.map { drawn[$0] }
    }

    /// The order of all images is the stream of no class and no round.
    private func stream(_ epoch: Int, class: Int = -2, round: Int = 0) -> RandomStream {
        RandomStream(
            seed: seed, purpose: .shuffling, first: UInt32(truncatingIfNeeded: epoch),
            second: UInt32(truncatingIfNeeded: `class` + 2), layer: UInt32(truncatingIfNeeded: round) & 0xFF_FFFF)
    }

    /// The images of a class in random order, and in another one when all have come.
    private struct Turns {
        let images: [Int]
        var round = 0
        var order: [Int] = []

        init(images: [Int]) {
            self.images = images
        }

        mutating func next(_ stream: (_ round: Int) -> RandomStream) -> Int {
            if order.isEmpty {
                order = stream(round).permutation(images.count)
                round += 1
            }
            return images[order.removeLast()]
        }
    }
}
