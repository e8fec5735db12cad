import ConvNet
import ConvNetTraining
import ConvNetVision
import Foundation

/// How a run's model does once it has ended, and the page that says so.
extension Run {
    /// What the finished model is measured on: the test images or, without any, those of validation.
    public var measured: (part: DatasetPart, images: any Dataset)? {
        data.test.map { (.test, $0) } ?? data.validation.map { (.validation, $0) }
    }

    /// Measures the finished model on ``measured``, and notes what it came to on test images: in `run.json`, `predictions.csv` and
    /// `report.html`.
    ///
    /// - Returns: nil where no image is left to measure it on.
    /// - Throws: as `Model.evaluate(_:)`, and `FileWriteError`.
    public func measure() async throws -> Evaluation? {
        guard let (part, images) = measured else { return nil }
        let usual: [any Metric] = [TopAccuracy(5)].filter { $0.fits(images.targetKind) }
        let report = try await model.anyReport(
            on: images, metrics: usual + [trainer.objective].compactMap { $0 } + trainer.metrics,
            batchSize: trainer.evaluationBatchSize)
        if part == .test {
            if var record = try directory.record(), record.test != report.evaluation {
                record.test = report.evaluation
                try directory.write(record)
            }
            trying("predictions.csv") {
                var table = try directory.predictions() ?? PredictionTable()
                table.replace(part, by: report, on: images)
                try table.write(to: directory.predictionsFile)
            }
        }
        writeReport(.init(part: part, sections: EvaluationSections(report, images: images)))
        return report.evaluation
    }

    /// Writes the page of a run that has ended.
    ///
    /// - Parameter measured: nil for what the directory's files tell.
    func writeReport(_ measured: RunReport.Measured? = nil) {
        trying("report.html") {
            var report = RunReport(self)
            if let measured { report.measured = measured }
            try report.write(to: directory.reportFile)
        }
    }

    /// Does what the run can do without, and warns where that fails.
    private func trying(_ file: String, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            warn("\(directory.path)/\(file) is not what it should be: \(error)")
        }
    }
}
