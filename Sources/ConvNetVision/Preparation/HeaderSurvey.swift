import ConvNetGraph
import ConvNetTraining

/// What the headers of a dataset's pictures say.
struct HeaderSurvey: Sendable {
    /// Whether no picture has colours.
    private(set) var isGrey = true
    /// The size that all pictures have; nil where they differ.
    private(set) var commonSize: Size?
    /// The pictures that cannot be read, in the dataset's order.
    private(set) var failures: [DatasetSurvey.Failure] = []
    /// Whether every header has been read, and not only as many as say enough.
    private(set) var isComplete = false
    private var differ = false

    /// Reads headers, with `threads`.
    ///
    /// - Parameters:
    ///   - ends: whether the headers that have been read say enough; all are read where it is never so.
    ///   - progress: called now and then with the number of headers that have been read.
    /// - Throws: ``ThreadError``, and what `progress` throws.
    init(
        of images: any Dataset, threads: Int, until ends: (HeaderSurvey) -> Bool = { _ in false },
        progress: (Int) throws -> Void = { _ in }
    ) throws {
        var count = 0
        func addAll(_ results: [Result<Shape, any Error>]) throws {
            for result in results {
                add(result, at: count)
                count += 1
            }
            try progress(count)
        }
        // Of photographs the first one says it all.
        try addAll((0..<min(1, images.count)).map { index in Result { try images.imageShape(at: index) } })
        guard !ends(self) else { return }
        let reader = try ReadAhead(
            piecesOf: 1..<max(1, images.count), size: 16, threads: images.isCostlyToRead ? threads : 0,
            window: 4 * threads
        ) { indices in indices.map { index in Result { try images.imageShape(at: index) } } }
        while !ends(self), let results = try reader.next() { try addAll(results) }
        isComplete = count == images.count
    }

    private mutating func add(_ result: Result<Shape, any Error>, at index: Int) {
        switch result {
        case .success(let shape):
            if shape.channels > 1 { isGrey = false }
            if differ || shape.size != commonSize ?? shape.size {
                differ = true
                commonSize = nil
            } else {
                commonSize = shape.size
            }
        case .failure(let error):
            failures.append(DatasetSurvey.Failure(index: index, error: error))
        }
    }
}
