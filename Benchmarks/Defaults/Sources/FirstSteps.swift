import ConvNetRuns
import Foundation
import Synchronization

/// The first steps of a run with the settings that are chosen for its images and network.
struct FirstSteps {
    static let steps = 300
    private static let side = 32
    private let images: any Dataset

    /// Fashion-MNIST with two pixels of black around every image.
    init() throws {
        let original = try DatasetCatalog.open("fashion-mnist").train
        let (side, own) = (Self.side, original.imageShape?.height ?? 0)
        let border = (side - own) / 2
        var pixels = [Float](repeating: 0, count: original.count * side * side)
        for index in 0..<original.count {
            let image = try Preprocessing.identity.values(of: original.item(at: index), shape: [1, own, own])
            for row in 0..<own {
                let start = index * side * side + (row + border) * side + border
                pixels.replaceSubrange(start..<start + own, with: image[row * own..<(row + 1) * own])
            }
        }
        images = try ArrayDataset(
            images: pixels, shape: [1, side, side],
            labels: (0..<original.count).flatMap { original.target(at: $0).classes },
            classes: original.classes, name: "fashion-mnist")
    }

    func run(_ wanted: Case) async throws -> Record {
        let chosen = DatasetSubset(of: images, indices: Array(0..<wanted.images), name: "\(wanted.images) images")
        let classes = images.classes.count
        let entry = try NetworkCatalog.entry(named: wanted.network)
        let defaults = try RunDefaults(
            for: RunDefaults.Data(imageCount: wanted.images, classCount: classes, channels: 1, size: Size(Self.side)),
            networkInput: entry.inputShape
        ) { try entry.network(input: $0, classes: classes) }
        let parts = try chosen.split(validationFraction: defaults.validation, seed: wanted.seed)
        let model = try Model(
            entry.network(input: [1, Self.side, Self.side], classes: classes), classes: images.classes,
            preprocessing: Preprocessing(measuring: parts.training), seed: wanted.seed)
        let isAdamW = defaults.optimizer == AdamW.kind
        let rate = (defaults.learningRate ?? 0.05) * wanted.rateFactor
        let trainer = Trainer(
            epochs: defaults.epochs, batchSize: defaults.batchSize, learningRate: Float(rate), schedule: .oneCycle,
            optimizer: isAdamW ? AdamW() : SGD(momentum: 0.9, weightDecay: 0.0005), seed: wanted.seed)
        let watcher = Watcher()
        var error: String?
        do {
            try await trainer.train(model, on: parts.training, validation: parts.validation, listeners: [watcher])
        } catch let failure as TrainingError where failure.isDivergence {
            error = "\(failure)"
        }
        let (losses, epochs) = watcher.seen.withLock { ($0.losses, $0.epochs) }
        func mean(_ losses: some Collection<Double>) -> Double { losses.reduce(0, +) / Double(max(1, losses.count)) }
        return Record(
            case: wanted, batchSize: defaults.batchSize, optimizer: defaults.optimizer, learningRate: rate,
            steps: losses.count, firstLoss: mean(losses.prefix(Record.window)),
            lastLoss: mean(losses.suffix(Record.window)),
            finishedEpochs: epochs.count, epochLoss: epochs.last?.trainingLoss,
            firstNotice: epochs.first { $0.trouble != nil }?.epoch, isInTrouble: epochs.last?.trouble != nil,
            error: error)
    }
}

/// Notes how a run goes, and ends it after so many steps.
private final class Watcher: TrainingListener {
    let seen = Mutex((losses: [Double](), epochs: [EpochReport]()))

    func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
        seen.withLock { seen in
            if case .stepCompleted(let report) = event { seen.losses.append(report.loss) }
            if case .epochCompleted(let report) = event { seen.epochs.append(report) }
            return seen.losses.count < FirstSteps.steps ? .continue : .stop
        }
    }
}
