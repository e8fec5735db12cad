import ConvNetCore
import Foundation

/// Writes the model file whenever an epoch was the best so far; in a run without validation, at its end.
public final class BestModelWriter: TrainingListener {
    private let url: URL

    /// - Parameter url: the model file to write.
    public init(_ url: URL) {
        self.url = url
    }

    /// Writes the file after an epoch that is the best so far.
    ///
    /// - Throws: ``FileWriteError``, and what the engine throws.
    public func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        switch event {
        case .epochCompleted(let report) where report.isBest: try write(run)
        // A run that resumes a finished one has nothing new to write.
        case .runEnded(let end) where end.best == nil && end.epochs > 0: try write(run)
        default: break
        }
        return .continue
    }

    private func write(_ run: TrainingRun) throws {
        let parameters = try run.parameters()
        try ModelFile(
            network: run.network, classes: run.classes, preprocessing: run.preprocessing, parameters: parameters,
            verification: VerificationCase(run.network, parameters: parameters, engine: run.engine),
            producer: "swift-convnet \(ConvNetVersion.current), \(run.engineVersion)"
        ).write(to: url)
    }
}
