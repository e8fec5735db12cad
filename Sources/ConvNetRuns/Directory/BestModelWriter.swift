import ConvNet
import ConvNetGraph
import ConvNetTraining
import Foundation

/// Writes the model file whenever an epoch was the best so far; in a run without validation, at its end.
public final class BestModelWriter: TrainingListener {
    private let url: URL
    private let directory: RunDirectory?
    private var recorder: VerificationRecorder?
    private var kept: (epoch: Int, file: TrainingCheckpoint.ModelReference)?

    /// - Parameter url: the model file to write.
    public init(_ url: URL) {
        self.url = url
        directory = nil
    }

    /// Writes a run directory's model file, and keeps the best epoch's beside the checkpoint, which then need not hold its
    /// weights. Both are one file with two names where the file system has that.
    ///
    /// - Parameter checkpoint: what the run goes on from.
    public init(_ directory: RunDirectory, resuming checkpoint: TrainingCheckpoint? = nil) {
        url = directory.modelFile
        self.directory = directory
        if let best = checkpoint?.best, let file = checkpoint?.bestFile { kept = (best.epoch, file) }
    }

    /// Writes the file after an epoch that is the best so far.
    ///
    /// - Throws: `FileWriteError`, and what the engine throws.
    public func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        switch event {
        case .epochCompleted(let report) where report.isBest:
            let file = try modelFile(of: run, run.bestWeights() ?? run.weights())
            if let directory {
                try write(file, ofEpoch: report.epoch, in: directory)
            } else {
                try file.write(to: url)
            }
        // A run that resumes a finished one has nothing new to write.
        case .runEnded(let end) where end.best == nil && end.epochs > 0:
            try modelFile(of: run, run.weights()).write(to: url)
        default: break
        }
        return .continue
    }

    /// The file beside the checkpoint with the weights of that epoch, which was the best; nil where there is none, or none any
    /// more.
    ///
    /// - Throws: `FilePresenceError`.
    func file(ofEpoch epoch: Int?) throws(FilePresenceError) -> TrainingCheckpoint.ModelReference? {
        guard let kept, kept.epoch == epoch, let copy = directory?.bestModelFile(ofEpoch: kept.epoch),
            try copy.fileSize() == kept.file.checksum.bytes
        else { return nil }
        return kept.file
    }

    private func write(_ file: ModelFile, ofEpoch epoch: Int, in directory: RunDirectory) throws {
        // No checkpoint names this one yet; the next one will.
        let copy = directory.bestModelFile(ofEpoch: epoch)
        let checksum = try file.writeReturningChecksum(to: copy)
        kept = (epoch, TrainingCheckpoint.ModelReference(name: copy.lastPathComponent, checksum: checksum))
        try AtomicFile.write(linkTo: copy, to: url)
    }

    private func modelFile(of run: TrainingRun, _ weights: [String: [Float]]) throws -> ModelFile {
        let recorder = try recorder ?? VerificationRecorder(run.network, engine: run.engine)
        self.recorder = recorder
        return ModelFile(
            network: run.network, classes: run.classes, preprocessing: run.preprocessing, outputs: run.bestOutputs,
            weights: weights,
            verification: try recorder.record(weights),
            producer: "swift-convnet \(ConvNetVersion.current), \(run.engineVersion)")
    }
}
