import ConvNetTraining

/// What is left when every picture of a dataset has been decoded.
struct PictureSurvey {
    /// Those that can be read, part by part.
    private(set) var pictures: [CheckedPicture] = []
    /// `Thumbnail.bytes` for each of them.
    private(set) var thumbnails: [UInt8] = []
    /// Over all training pictures that can be read.
    private(set) var sums = ChannelSums()
    /// The different sets of classes that pictures are labelled with: first each class by itself, in order.
    private(set) var labelSets: [[Int]]
    private var positions: [[Int]: Int]
    /// How many cannot be read, by part.
    private(set) var failureCounts: [Int] = []
    /// The first ones that cannot be read.
    private(set) var failures: [BadFile] = []

    /// So many are handed over at a time, for small pictures take less time than handing them over.
    private static let piece = 16

    init(
        _ images: DatasetParts, threads: Int, mostFailures: Int,
        progress: (_ dataset: String, _ read: Int, _ all: Int) throws -> Void
    ) throws {
        labelSets = images.train.classes.indices.map { [$0] }
        positions = Dictionary(uniqueKeysWithValues: labelSets.enumerated().map { ($1, $0) })
        let parts = images.parts.map(\.images)
        let all = parts.reduce(0) { $0 + $1.count }
        pictures.reserveCapacity(all)
        thumbnails.reserveCapacity(all * Thumbnail.bytes)
        for (part, dataset) in parts.enumerated() {
            var failureCount = 0
            let reader = try ReadAhead(
                piecesOf: 0..<dataset.count, size: Self.piece, threads: threads, window: 4 * threads
            ) { indices in
                indices.map { index in Result { try PictureFacts(dataset.picture(at: index), summing: part == 0) } }
            }
            var index = 0
            while let results = try reader.next() {
                for result in results {
                    switch result {
                    case .success(let facts):
                        add(facts, part: part, index: index, labels: dataset.target(at: index).classes)
                    case .failure(let error):
                        failureCount += 1
                        if failures.count < mostFailures {
                            failures.append(BadFile(path: dataset.imageName(at: index), problem: "\(error)"))
                        }
                    }
                    index += 1
                }
                try progress(dataset.name, index, dataset.count)
            }
            failureCounts.append(failureCount)
        }
    }

    private mutating func add(_ facts: PictureFacts, part: Int, index: Int, labels: [Int]) {
        var picture = facts.picture
        picture.part = UInt8(part)
        picture.index = Int32(index)
        let position = positions[labels] ?? labelSets.count
        if position == labelSets.count {
            labelSets.append(labels)
            positions[labels] = position
        }
        picture.labels = Int32(position)
        pictures.append(picture)
        thumbnails += facts.thumbnail
        if let more = facts.sums { sums += more }
    }

    /// By part, the number of readable pictures of each class.
    func classCounts(of images: DatasetParts) -> [[Int]] {
        var counts = images.parts.map { [Int](repeating: 0, count: $0.images.classes.count) }
        for picture in pictures {
            for label in labelSets[Int(picture.labels)] { counts[Int(picture.part)][label] += 1 }
        }
        return counts
    }
}
