import ConvNet
import ConvNetGraph
import ConvNetTraining
import ConvNetVision
import Foundation

/// Writes `report.html` after each epoch and where a run ends.
final class ReportWriter: TrainingListener {
    private let directory: RunDirectory
    private var report: RunReport
    /// Whether the run is measured on other images once it has ended: pictures of mistakes are then of these.
    private let hasTest: Bool
    /// What came of the validation images in the best epoch of this process.
    private var best: (any EvaluationReport)?

    init(_ run: Run) {
        directory = run.directory.unclaimed
        report = RunReport(run)
        hasTest = run.data.test != nil
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        switch event {
        // The first listener has written what the run is, and cut back what it goes on from.
        case .runStarted: report.history = try directory.history()
        case .epochCompleted(let epoch):
            report.history.append(MetricsFile.Line(epoch, told: run.trainer.toldMetrics))
            if epoch.isBest { try noteBest(of: run) }
            try write()
        case .runEnded:
            if !hasTest, let best, let images = run.validationImages {
                report.measured = .init(part: .validation, sections: EvaluationSections(best, images: images))
            }
            try write()
        case .epochStarted, .stepCompleted, .runFailed: break
        }
        return .continue
    }

    private func noteBest(of run: TrainingRun) throws {
        if let index = FilterSheet.parameter(of: run.network) {
            report.filters = FilterSheet(run.network, parameter: index, weights: try run.parameter(index))
        }
        guard let validation = run.validationReport, let images = run.validationImages else { return }
        best = validation
        // Pictures take long to read.
        report.measured = .init(
            part: .validation, sections: EvaluationSections(validation) { images.imageName(at: $0) })
    }

    private func write() throws {
        report.record = try directory.record()
        report.state = report.record?.state
        try report.write(to: directory.reportFile)
    }
}

extension RunDirectory {
    /// `report.html`.
    public var reportFile: URL { url.appending(path: "report.html") }
}
