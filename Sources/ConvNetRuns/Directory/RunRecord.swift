import ConvNet
import ConvNetEngine
import ConvNetGraph
import ConvNetTraining
import ConvNetVision
import Foundation
import Synchronization

/// What a run is and how it stands, in a few numbers: `run.json` in its directory, for lists of runs.
public struct RunRecord: Hashable, Codable, Sendable {
    /// How a run stands.
    public enum State: String, Codable, Sendable {
        /// A process is training; see ``RunDirectory/state(of:)``.
        case running
        /// All epochs are done, or validation had not become better for long enough.
        case completed
        /// It was asked to stop, and can go on.
        case stopped
        /// It ended with an error, or its process was ended.
        case failed
        /// Its weights grew beyond all bounds.
        case diverged
    }

    /// What the run learns from.
    public struct Dataset: Hashable, Codable, Sendable {
        /// ``Dataset/name``.
        public var name: String
        /// As the settings have it.
        public var path: String
        /// The same for the same names, labels, classes, preprocessing and, where they are known, contents.
        public var digest: String
        /// The images that are trained on.
        public var imageCount: Int
        /// The class names.
        public var classes: [String]

        private enum CodingKeys: String, CodingKey {
            case name, path, digest
            case imageCount = "images"
            case classes
        }
    }

    /// The epoch whose weights are kept.
    public struct Best: Hashable, Codable, Sendable {
        /// Counted from 1.
        public var epoch: Int
        /// How it did in validation.
        public var metrics: Evaluation
    }

    /// What a run's time went into, in seconds, the times before it was gone on with included.
    public struct Times: Hashable, Codable, Sendable {
        /// Steps on training images, waiting for these not counted.
        public var steps: Double
        /// Waiting for training images.
        public var data: Double
        /// Validation.
        public var validation: Double
        /// Writing the run's files, and what else listeners do after an epoch.
        public var saving: Double

        /// Their sum.
        public var total: Double { steps + data + validation + saving }

        /// What people call each of them.
        package var parts: [(name: String, seconds: Double)] {
            [("steps", steps), ("waiting for images", data), ("validation", validation), ("saving", saving)]
        }
    }

    /// The library's version.
    public var version: String
    /// The machine's name.
    public var host: String
    /// The processor's name.
    public var processor: String
    /// `Engine.instructions`.
    public var instructions: String
    /// `Engine.threads`.
    public var threads: Int
    /// `Engine.version`; missing in runs of earlier versions, as all that follows and may be.
    public var engine: String?
    /// When the run began first.
    public var started: Date
    /// When it last ended; missing while it is running.
    public var ended: Date?
    /// As its process has written it; see ``RunDirectory/state(of:)``.
    public var state: State
    /// Why it ended with an error.
    public var error: String?
    /// Epochs that are done.
    public var epochs: Int?
    /// What its time went into.
    public var times: Times?
    /// What it learns from.
    public var dataset: Dataset
    /// What the network is called.
    public var model: String
    /// The number of its trainable numbers.
    public var parameterCount: Int
    /// What everything is drawn from.
    public var seed: UInt64
    /// Missing without validation images, and before the first epoch's end.
    public var best: Best?
    /// How the finished model did on the test images; missing where that was not measured.
    public var test: Evaluation?
    /// Why settings that nobody has said are what they are, by their keys.
    public var reasons: [String: String]

    private enum CodingKeys: String, CodingKey {
        case version, host, processor, instructions, threads, engine, started, ended, state, error, epochs, times
        case dataset, model
        case parameterCount = "parameters"
        case seed, best, test, reasons
    }
}

extension RunDirectory {
    /// `run.json`.
    public var recordFile: URL { url.appending(path: "run.json") }

    /// What the run is and how it stands; nil where it has not said so, as those of earlier versions.
    ///
    /// - Throws: ``RunDirectoryError/recordUnusable(_:problem:)`` for a file that is no such record, `FilePresenceError`.
    public func record() throws -> RunRecord? {
        guard try recordFile.isThere() else { return nil }
        do {
            return try JSONText.decode(RunRecord.self, from: readFile(recordFile), dates: .iso8601)
        } catch let error as DecodingError {
            throw RunDirectoryError.recordUnusable(path, problem: error.sentence)
        } catch {
            throw RunDirectoryError.recordUnusable(path, problem: "\(error)")
        }
    }

    /// How the run stands: one that says that it is running, and that no process holds, was ended from outside.
    public func state(of record: RunRecord) -> RunRecord.State {
        record.state == .running && !RunClaim.isHeld(of: url) ? .failed : record.state
    }

    /// Notes that a run which had begun has ended with an error, whoever has thrown it.
    func noteFailure(_ error: any Error) {
        guard var record = try? record() else { return }
        record.state = (error as? TrainingError)?.isDivergence == true ? .diverged : .failed
        record.ended = Date()
        record.error = "\(error)"
        // The error that has ended the run says more than one that keeps this from being written.
        try? write(record)
    }

    func write(_ record: RunRecord) throws {
        let encoder = JSONEncoder.sorted
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting.insert(.prettyPrinted)
        try AtomicFile.write(encoder.encode(record) + Data("\n".utf8), to: recordFile)
    }
}

/// Keeps `run.json` up to date.
final class RunRecorder: TrainingListener {
    private let directory: RunDirectory
    private var record: RunRecord
    /// What is in the file now.
    private var written: RunRecord?
    private let isNew: Bool
    private let begun: Flag
    private var hasStepped = false
    private let clock = ContinuousClock()
    /// When the last epoch's listeners began.
    private var epochEnd: ContinuousClock.Instant?

    /// A new run is in the file from its start on, one that goes on from its first step.
    ///
    /// - Parameter begun: set once the run has begun.
    init(_ run: Run, reasons: [String: String], _ begun: Flag) throws {
        self.begun = begun
        directory = run.directory.unclaimed
        let former = try run.directory.record()
        written = former
        isNew = former == nil && run.checkpoint == nil
        record = RunRecord(
            version: ConvNetVersion.current, host: HostName.current, processor: Processor.model,
            instructions: run.engine.instructions, threads: run.engine.threads, engine: run.engine.version,
            started: former?.started ?? Date(),
            ended: nil, state: .running, error: nil, epochs: run.checkpoint?.finishedEpochs ?? 0,
            times: former?.times ?? RunRecord.Times(steps: 0, data: 0, validation: 0, saving: 0),
            dataset: RunRecord.Dataset(
                name: run.data.name, path: run.configuration.dataset ?? "",
                digest: "", imageCount: run.data.training.count,
                classes: run.data.training.classes),
            model: run.networkName, parameterCount: run.model.network.parameterCount, seed: run.configuration.seed,
            best: run.checkpoint?.best.map { RunRecord.Best(epoch: $0.epoch, metrics: $0.validation) },
            test: former?.test, reasons: former?.reasons ?? reasons)
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
        if let epochEnd { record.times?.saving += (clock.now - epochEnd) / .seconds(1) }
        epochEnd = nil
        switch event {
        case .epochCompleted(let report):
            epochEnd = clock.now
            record.epochs = report.epoch
            record.times?.steps += report.seconds * (1 - report.dataShare)
            record.times?.data += report.seconds * report.dataShare
            record.times?.validation += report.validationSeconds
            if report.isBest, let validation = report.validation {
                record.best = RunRecord.Best(epoch: report.epoch, metrics: validation)
            }
            try write()
        case .runEnded(let runEnd): try end(runEnd.reason == .stopped ? .stopped : .completed)
        case .stepCompleted:
            guard !hasStepped else { break }
            hasStepped = true
            // It was that of another model.
            record.test = nil
            try write()
        case .runStarted:
            record.dataset.digest = try run.data.digest()
            if isNew { try write() }
            begun.set()
        case .epochStarted, .runFailed: break
        }
        return .continue
    }

    /// A run that had come to this end before is not touched.
    private func end(_ state: RunRecord.State) throws {
        guard hasStepped || written?.state != state else { return }
        record.state = state
        record.ended = Date()
        try write()
    }

    private func write() throws {
        try directory.write(record)
        written = record
    }
}

extension DataFingerprint {
    /// Of what a run would learn from, and be validated on, now.
    package init(_ data: PreparedData) {
        self.init(
            classes: data.training.classes, preprocessing: data.preprocessing, training: data.training,
            validation: data.validation)
    }

    /// The same for the same data.
    fileprivate func digest() throws -> String {
        String(FileChecksum(of: try JSONEncoder.sorted.encode(self)).crc32, radix: 16)
    }
}

/// Set once, and seen by all who hold it.
final class Flag: Sendable {
    private let state = Mutex(false)

    var isSet: Bool { state.withLock { $0 } }

    /// - Returns: false where it has been set before.
    @discardableResult
    func set() -> Bool {
        state.withLock { state in
            defer { state = true }
            return !state
        }
    }
}
