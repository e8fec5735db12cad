import ConvNetGraph
import ConvNetTraining
import ConvNetVision
import Foundation

/// Writes `results.csv`: what `metrics.jsonl` tells, as a table for spreadsheets, and made from it.
final class ResultsFile: TrainingListener {
    private let url, metricsFile: URL
    private var text = ""

    /// - Parameter metricsFile: written before this.
    init(_ url: URL, of metricsFile: URL) {
        self.url = url
        self.metricsFile = metricsFile
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        switch event {
        case .runStarted: try begin(run.trainer.toldMetrics)
        case .epochCompleted(let report):
            add(MetricsFile.Line(report, told: run.trainer.toldMetrics).row(run.trainer.toldMetrics))
            try AtomicFile.write(Data(text.utf8), to: url)
        default: break
        }
        return .continue
    }

    /// The lines of the epochs that are done; a run that has none gets its file with the first.
    private func begin(_ metrics: [String]) throws {
        text = ""
        add(MetricsFile.Line.columns(metrics))
        for line in try MetricsFile.lines(in: metricsFile) {
            if let line { add(line.row(metrics)) }
        }
    }

    private func add(_ fields: [String]) {
        text += fields.map(CSVFile.quoted).joined(separator: ",") + "\n"
    }
}
