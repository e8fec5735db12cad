import ConvNet
import ConvNetGraph
import ConvNetPages
import ConvNetTraining
import Foundation

/// What is in a run's directory, and what is wrong with it: every file is read to its end, and its checksums are compared where
/// it has any. Nothing is changed.
public struct RunCheck: Sendable {
    /// What was found of one file, or of one thing that files have in common.
    public struct Finding: Hashable, Encodable, Sendable {
        /// How it stands.
        public enum Status: String, Encodable, Sendable {
            /// As it should be.
            case ok
            /// Something that a reader may want to know, and that harms nothing.
            case note
            /// Something that is lost or wrong.
            case problem
        }

        /// The file's path within the run's directory, or what it is about.
        public var subject: String
        /// Whether that is as it should be.
        public var status: Status
        /// What was found, as a sentence.
        public var text: String

        /// A finding of what this type does not look at itself.
        public init(_ subject: String, _ status: Status, _ text: String) {
            self.subject = subject
            self.status = status
            self.text = text
        }
    }

    /// In the order in which a run writes the files.
    public private(set) var findings: [Finding] = []
    /// What was read of the checkpoint; nil where there is none, or none that can be used.
    public private(set) var checkpoint: TrainingCheckpoint?

    private let directory: RunDirectory

    /// Reads all files of a run but its settings and its split, which only who knows the dataset can judge.
    public init(_ directory: RunDirectory) {
        self.directory = directory
        lookForProcess()
        readCheckpoint()
        readModel()
        readMetrics()
        readRecord()
        lookForLeftovers()
    }

    private mutating func add(_ file: URL, _ status: Finding.Status, _ text: String) {
        findings.append(Finding(name(of: file), status, text))
    }

    private func name(of file: URL) -> String {
        file.deletingLastPathComponent().lastPathComponent == "checkpoint"
            ? "checkpoint/\(file.lastPathComponent)" : file.lastPathComponent
    }

    private mutating func lookForProcess() {
        guard RunClaim.isHeld(of: directory.url) else { return }
        findings.append(
            Finding("the run", .note, "a process is training in it: what is found may be between two of its steps"))
    }

    private mutating func readCheckpoint() {
        let url = directory.checkpointFile
        do {
            guard try url.isThere() else {
                let epochs = try MetricsFile(directory.metricsFile).epochs()
                return epochs > 1
                    ? add(url, .problem, "is missing: without it the run cannot go on from epoch \(epochs)")
                    : add(url, .note, "is not there yet; it comes with the first epoch")
            }
            let checkpoint = try TrainingCheckpoint(contentsOf: url)
            self.checkpoint = checkpoint
            let steps = checkpoint.stepsInEpoch
            add(
                url, .ok,
                "epochs done: \(checkpoint.finishedEpochs) of \(checkpoint.settings.epochs)"
                    + (steps == 0 ? "" : ", and \(steps) steps of the next")
                    + Self.remark(hasChecksums: checkpoint.hasChecksums))
        } catch {
            add(url, .problem, "\(error)")
        }
    }

    private mutating func readModel() {
        let url = directory.modelFile
        do {
            guard try url.isThere() else {
                return checkpoint?.best == nil
                    ? add(
                        url, .note, "is not there yet; it comes with the first epoch, without validation with the last")
                    : add(url, .problem, "is missing; the run's checkpoint has the weights: go on with it")
            }
            // A model has no tensor that reading it does not read, and compare.
            let model = try ModelFile(contentsOf: url)
            add(
                url, .ok,
                "\(model.network.parameterCount.grouped) parameters, \(model.classes.count) classes"
                    + Self.remark(hasChecksums: model.hasChecksums))
        } catch {
            add(url, .problem, "\(error)")
        }
    }

    private static func remark(hasChecksums: Bool) -> String {
        hasChecksums ? "" : "; it has no checksums, being of an earlier version"
    }

    private mutating func readMetrics() {
        let url = directory.metricsFile
        let done = checkpoint?.finishedEpochs ?? 0
        do {
            guard try url.isThere() else {
                return done == 0
                    ? add(url, .note, "is not there yet; it comes with the first epoch")
                    : add(url, .problem, "is missing: what \(done.counted("epoch")) came to is lost")
            }
            let lines = try MetricsFile.lines(in: url)
            if let wrong = lines.enumerated().first(where: { $0.element?.epoch != $0.offset + 1 }) {
                return add(url, .problem, "line \(wrong.offset + 1) does not tell of epoch \(wrong.offset + 1)")
            }
            if lines.count < done {
                add(url, .problem, "tells of \(lines.count) of the \(done) epochs that are done")
            } else {
                add(url, .ok, lines.count.counted("epoch"))
            }
            try compareResults(lines.count)
        } catch {
            add(url, .problem, "\(error)")
        }
    }

    /// What else tells of the epochs is made from their lines, and is missing in runs of earlier versions.
    private mutating func compareResults(_ epochs: Int) throws {
        let url = directory.resultsFile
        guard try url.isThere() else { return }
        let rows = try Data(contentsOf: url).split(separator: UInt8(ascii: "\n")).count - 1
        if rows == epochs {
            add(url, .ok, epochs.counted("epoch"))
        } else {
            add(url, .note, "tells of \(rows) of \(epochs.counted("epoch")); it is made anew when the run goes on")
        }
    }

    private mutating func readRecord() {
        do {
            // Those of earlier versions have none.
            guard let record = try directory.record() else { return }
            add(directory.recordFile, .ok, "the run is \(directory.state(of: record).rawValue)")
        } catch RunDirectoryError.recordUnusable(_, let problem) {
            add(directory.recordFile, .problem, problem)
        } catch {
            add(directory.recordFile, .problem, "\(error)")
        }
    }

    private mutating func lookForLeftovers() {
        let checkpoints = directory.checkpointFile.deletingLastPathComponent()
        for file in [directory.url, checkpoints].flatMap(AtomicFile.leftovers) {
            add(file, .note, "was left half written by a process that was killed; it goes when the run goes on")
        }
        for file in directory.bestModelFiles where file.lastPathComponent != checkpoint?.bestFile?.name {
            add(file, .note, "is named by no checkpoint; it goes when the run goes on")
        }
    }
}
