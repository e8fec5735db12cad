import ConvNetTraining
import Foundation

/// Writes a checkpoint after every epoch, every few minutes within one, and when a run is stopped or fails.
public final class CheckpointWriter: TrainingListener {
    private let url: URL
    private let interval: Duration
    private let directory: RunDirectory?
    private let best: BestModelWriter?
    private var lastWrite = ContinuousClock.now
    private var stepsAtLastWrite = -1

    /// - Parameter interval: the longest time between two checkpoints: what a power cut may cost.
    public init(_ url: URL, interval: Duration = .seconds(300)) {
        self.url = url
        self.interval = interval
        directory = nil
        best = nil
    }

    /// Writes a run directory's checkpoint, which names the file of the best weights in the place of holding them.
    ///
    /// - Parameters:
    ///   - best: what writes that file; it has to hear of events first.
    ///   - interval: the longest time between two checkpoints: what a power cut may cost.
    public init(_ directory: RunDirectory, best: BestModelWriter, interval: Duration = .seconds(300)) {
        url = directory.checkpointFile
        self.interval = interval
        self.directory = directory
        self.best = best
    }

    /// Writes a checkpoint where one is due.
    ///
    /// - Throws: `FileWriteError`; `TrainingError.weightsNotFinite(parameter:epoch:)`, and the file stays as it
    ///   was.
    public func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        switch event {
        case .runStarted: lastWrite = .now
        case .stepCompleted where ContinuousClock.now - lastWrite >= interval: try write(run)
        case .epochCompleted: try write(run)
        case .runEnded where run.steps != stepsAtLastWrite: try write(run)
        // Of a run that has diverged the last checkpoint is the better one.
        case .runFailed(let error)
        where run.isBetweenSteps && run.steps != stepsAtLastWrite && (error as? TrainingError)?.isDivergence != true:
            try write(run)
        default: break
        }
        return .continue
    }

    private func write(_ run: TrainingRun) throws {
        let file = try best?.file(ofEpoch: run.best?.epoch)
        try run.writeCheckpoint(to: url, bestIn: file)
        // Now that no checkpoint names them.
        directory?.removeBestModelFiles(except: file?.name)
        lastWrite = .now
        stepsAtLastWrite = run.steps
    }
}
