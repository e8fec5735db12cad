import ConvNetRuns
import Foundation
import Testing

/// What is left of a run when it is over, in a form that two runs can be compared in.
package struct RunResult: Equatable {
    package var model: Data
    package var checkpoint: Data
    /// Without the times.
    package var metrics: [[String: Double]]

    package init(_ directory: String = "run", in place: Workplace) throws {
        model = try place.data("\(directory)/model.safetensors")
        checkpoint = try place.data("\(directory)/checkpoint/training.safetensors")
        metrics = try place.text("\(directory)/metrics.jsonl").split(separator: "\n").map { line in
            var values = try JSONDecoder().decode([String: Double].self, from: Data(line.utf8))
            values["seconds"] = nil
            values["images_per_second"] = nil
            return values
        }
    }
}

extension Workplace {
    /// Expects that every file of a run that is there at all can be read to its end.
    package func expectWholeFiles(in directory: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let run = try RunDirectory.open(file(directory).path)
        #expect(throws: Never.self, sourceLocation: sourceLocation) {
            if FileManager.default.fileExists(atPath: run.modelFile.path) {
                _ = try ModelFile(contentsOf: run.modelFile)
            }
            if FileManager.default.fileExists(atPath: run.checkpointFile.path) {
                _ = try TrainingCheckpoint(contentsOf: run.checkpointFile)
            }
        }
        let metrics = (try? Data(contentsOf: run.metricsFile)) ?? Data()
        #expect(metrics.isEmpty || metrics.last == UInt8(ascii: "\n"), sourceLocation: sourceLocation)
    }
}
