import ConvNetEngine
import ConvNetGraph

/// Brings images from a dataset into a plan, preprocessed: one after the other where they lie in memory, else by threads that
/// read ahead. The numbers are the same.
final class DataLoader {
    let dataset: any Dataset
    let preprocessing: Preprocessing
    /// C×H×W of what is loaded.
    let shape: Shape
    /// The time that loading has kept its caller waiting, since it was last set to zero.
    var waitingTime = Duration.zero

    private let threads: Int
    private var ahead: SequenceReader?

    /// - Parameters:
    ///   - shape: the network's input.
    ///   - threads: how many read, where reading is costly.
    init(dataset: any Dataset, preprocessing: Preprocessing, shape: Shape, threads: Int) {
        self.dataset = dataset
        self.preprocessing = preprocessing
        self.shape = shape
        self.threads = threads
    }

    /// Says which images will be loaded next: all of `indices`, in that order.
    ///
    /// - Parameters:
    ///   - epoch: the epoch that they are augmented for; nil takes them as they are.
    ///   - batchSize: about as many as are loaded at a time.
    /// - Throws: ``ThreadError``.
    func begin(_ indices: ArraySlice<Int>, epoch: Int?, batchSize: Int) throws {
        ahead = try SequenceReader(
            indices, of: dataset, preprocessing, shape: shape, epoch: epoch, batchSize: batchSize,
            threads: dataset.isCostlyToRead ? threads : 0)
    }

    /// Fills the first of the plan's images with the next ones.
    func load(_ count: Int, into plan: any Plan) throws {
        guard let ahead else { preconditionFailure("what is loaded has to be announced") }
        let clock = ContinuousClock()
        let start = clock.now
        try ahead.read(count, to: plan.images)
        waitingTime += clock.now - start
    }

    /// Fills images, labels and positions, and targets of each class where the plan takes them.
    ///
    /// - Parameter indices: those of the next images.
    func load(_ indices: ArraySlice<Int>, into plan: any TrainingPlan) throws {
        try load(indices.count, into: plan as any Plan)
        let (labels, samples) = (plan.labels, plan.samples)
        for (position, index) in indices.enumerated() {
            labels[position] = Int32(dataset.label(at: index))
            samples[position] = Int32(truncatingIfNeeded: index)
        }
        let (targets, classes) = (plan.softTargets, dataset.classes.count)
        guard !targets.isEmpty else { return }
        for (position, index) in indices.enumerated() {
            let row = targets[position * classes..<(position + 1) * classes]
            dataset.target(at: index).write(to: UnsafeMutableBufferPointer(rebasing: row))
        }
    }
}
