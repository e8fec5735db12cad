import ConvNetRuns
import Foundation
import Synchronization
import TestSupport
import Testing

/// Runs as a program starts them: no command, and where it likes no names.
@Suite struct RunTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func path(_ name: String) -> String { scratch.file(name).path }

    /// Pictures of one bright corner in noise.
    private struct CornerPictures: Dataset {
        var name = "corners"
        var count = 60
        var seed: UInt64 = 5
        let classes = ["left", "right"]

        var imageShape: Shape? { nil }
        var isCostlyToRead: Bool { true }
        func target(at index: Int) -> Target { .label(index % 2) }
        func imageName(at index: Int) -> String { "corner \(index)" }
        func item(at index: Int) -> DatasetItem {
            var state = SplitMix(state: seed &+ UInt64(index))
            var image = Image(channels: 1, height: 8, width: 8, pixels: (0..<64).map { _ in UInt8(state.next() % 100) })
            for row in 0..<4 { for column in 0..<4 { image.pixels[row * 8 + column + index % 2 * 4] += 150 } }
            return .picture(image)
        }

        private struct SplitMix {
            var state: UInt64
            mutating func next() -> UInt64 {
                state &+= 0x9E37_79B9_7F4A_7C15
                let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
                return mixed ^ (mixed >> 27)
            }
        }
    }

    private static func own() throws -> Run.Own {
        let network = try Network(input: [1, 8, 8]) {
            Flatten()
            Dense(2)
        }
        return Run.Own(
            network: network, images: DatasetParts(name: "corners", train: CornerPictures()), engine: ReferenceEngine()
        )
    }

    private static var configuration: RunConfiguration {
        var configuration = RunConfiguration()
        configuration.epochs = 3
        configuration.batchSize = 8
        configuration.learningRate = 0.05
        configuration.optimizer = "sgd"
        configuration.seed = 4
        return configuration
    }

    /// Told in files like those of the library, and what epochs are compared by where its name is.
    private struct ErrorRate: Metric {
        let name = "error_rate", title = "error rate"
        let unit = MetricUnit.share, direction = MetricDirection.lowerIsBetter

        func makeAccumulator(classes: Int) -> Accumulator { Accumulator() }

        struct Accumulator: MetricAccumulator {
            var (images, wrong) = (0, 0)

            mutating func add(_ predictions: Predictions) {
                images += predictions.count
                wrong += zip(predictions.answers, predictions.targets).count { $0 != $1.classes }
            }

            var value: MetricValue { MetricValue(Double(wrong) / Double(images)) }
        }
    }

    @Test func anOwnMetricIsTheObjective() async throws {
        var own = try Self.own()
        own.metrics = [ErrorRate()]
        var configuration = Self.configuration
        configuration.objective = "error_rate"
        let run = try Run(configuration, in: path("run"), own: own)
        let end = try await run.start()
        let history = try run.directory.history()
        let rates = try history.map { try #require($0.validation["error_rate"]) }
        for (line, rate) in zip(history, rates) { #expect(abs(rate + (line.validationAccuracy ?? 0) - 1) < 1e-12) }
        #expect(rates[(end.best?.epoch ?? 0) - 1] == rates.min())
        #expect(try String(contentsOf: run.directory.resultsFile, encoding: .utf8).contains("validation_error_rate"))
        // Without the program nobody knows it.
        own.metrics = []
        let error = #expect(throws: ConfigurationError.self) { try Run(configuration, in: path("other"), own: own) }
        #expect(error?.description.hasPrefix("there is no metric 'error_rate'") == true)
    }

    private final class Stop: TrainingListener {
        private let step: Int
        init(afterStep step: Int) { self.step = step }
        func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
            run.steps >= step ? .stop : .continue
        }
    }

    /// A network, images and an engine that have no name, stopped in the middle and gone on with.
    @Test func ownValuesTrainAndResumeWithTheSameBits() async throws {
        let whole = try Run(Self.configuration, in: path("whole"), own: Self.own())
        let end = try await whole.start()
        #expect(end.reason == .completed && end.epochs == 3)
        #expect(try await whole.measure()?.accuracy == 1)

        let first = try Run(Self.configuration, in: path("parts"), own: Self.own())
        #expect(try await first.start(listeners: [Stop(afterStep: 8)]).reason == .stopped)
        #expect(try first.directory.record()?.state == .stopped)
    }

    /// Of another process the lock would still be held.
    @Test func aStoppedRunGoesOn() async throws {
        try await train("whole", nil)
        try await train("parts", 8)
        let resumed = try Run(resuming: path("parts"), own: Self.own())
        #expect(resumed.checkpoint?.finishedEpochs == 1)
        try await resumed.start()
        #expect(
            try Data(contentsOf: scratch.file("parts/model.safetensors"))
                == Data(contentsOf: scratch.file("whole/model.safetensors")))
        #expect(try resumed.directory.record()?.state == .completed)
    }

    private func train(_ name: String, _ step: Int?) async throws {
        let run = try Run(Self.configuration, in: path(name), own: Self.own())
        try await run.start(listeners: step.map { [Stop(afterStep: $0)] } ?? [])
    }

    @Test func recordTellsWhatTheRunIs() async throws {
        try await train("run", nil)
        let directory = try RunDirectory.open(path("run"))
        let record = try #require(try directory.record())
        #expect(record.state == .completed && directory.state(of: record) == .completed)
        #expect(record.model == "network" && record.parameterCount == 130 && record.seed == 4)
        #expect(record.dataset.name == "corners" && record.dataset.classes == ["left", "right"])
        #expect(record.dataset.imageCount == 48 && !record.dataset.digest.isEmpty)
        #expect(record.best?.metrics.imageCount == 12 && record.test == nil)
        #expect(record.threads == 1 && !record.host.isEmpty)
        #expect(try #require(record.ended) >= record.started)
        #expect(record.reasons["epochs"] == nil && record.reasons["augment"] != nil)
        let text = try String(contentsOf: directory.recordFile, encoding: .utf8)
        for key in ["\"version\"", "\"processor\"", "\"instructions\"", "\"parameters\" : 130", "\"images\" : 48"] {
            #expect(text.contains(key), "\(key)")
        }
    }

    private struct Failure: Error {}

    private final class Failing: TrainingListener {
        private let error: any Error
        init(_ error: any Error) { self.error = error }
        func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision {
            if run.steps == 3 { throw error }
            return .continue
        }
    }

    /// Whoever has thrown it: a listener's error reaches no other listener.
    @Test(
        arguments: [(Failure(), .failed), (TrainingError.weightsNotFinite(parameter: "1.weight", epoch: 1), .diverged)]
            as [(any Error, RunRecord.State)])
    func aRunThatFailsSaysSo(error: any Error, state: RunRecord.State) async throws {
        let run = try Run(Self.configuration, in: path("run"), own: Self.own())
        await #expect(throws: (any Error).self) { try await run.start(listeners: [Failing(error)]) }
        let record = try #require(try run.directory.record())
        #expect(record.state == state && record.ended != nil && !record.dataset.digest.isEmpty)
        #expect(
            RunCheck(run.directory).findings.contains {
                $0.subject == "run.json" && $0.text == "the run is \(state.rawValue)"
            })
    }

    /// One that ends before its first step, too.
    @Test func aRunThatFailsAtOnceSaysSo() async throws {
        final class Refusing: TrainingListener {
            func handle(_ event: TrainingEvent, of run: TrainingRun) throws -> TrainingDecision { throw Failure() }
        }
        try await train("run", 8)
        let resumed = try Run(resuming: path("run"), own: Self.own())
        #expect(try resumed.directory.record()?.state == .stopped)
        await #expect(throws: Failure.self) { try await resumed.start(listeners: [Refusing()]) }
        #expect(try resumed.directory.record()?.state == .failed)
        let new = try Run(Self.configuration, in: path("new"), own: Self.own())
        await #expect(throws: Failure.self) { try await new.start(listeners: [Refusing()]) }
        #expect(try new.directory.record()?.state == .failed)
    }

    /// One that says that it is running, and that nobody holds.
    @Test func aRunThatWasKilledHasFailed() async throws {
        try await train("run", nil)
        let directory = try RunDirectory.open(path("run"))
        let text = try String(contentsOf: directory.recordFile, encoding: .utf8)
        try Data(text.replacing("completed", with: "running").utf8).write(to: directory.recordFile)
        let record = try #require(try directory.record())
        #expect(record.state == .running && directory.state(of: record) == .failed)
    }

    @Test func runsAreListed() async throws {
        #expect(try RunDirectory.list(in: path("none")) == [])
        try await train("b", nil)
        try await train("a", 3)
        try FileManager.default.createDirectory(at: scratch.file("no run"), withIntermediateDirectories: true)
        let runs = try RunDirectory.list(in: scratch.url.path)
        #expect(runs.map(\.url.lastPathComponent) == ["a", "b"])
        #expect(try runs.map { try $0.record()?.state } == [.stopped, .completed])
    }

    /// With the bits of a run that was stopped on the way: the schedule spans all epochs in both from there on.
    @Test func aFinishedRunGoesOnForMoreEpochs() async throws {
        try await train("run", nil)
        var more = RunConfiguration()
        more.epochs = 5
        let run = try Run(resuming: path("run"), with: more, own: Self.own())
        #expect(run.notes.count == 1)
        #expect(
            run.notes[0].hasPrefix(
                "the run had ended after 3 epochs and goes on to 5; its schedule now spans all of them"))
        #expect(try await run.start().epochs == 5)
        #expect(try RunConfiguration(of: run.directory).epochs == 5)
        #expect(try MetricsFile(run.directory.metricsFile).epochs() == 5)
    }

    /// What refuses to go on has changed nothing.
    @Test func anExtensionThatIsRefusedLeavesTheSettings() async throws {
        try await train("run", nil)
        let before = try Data(contentsOf: scratch.file("run/config.yaml"))
        var own = try Self.own()
        own.images = DatasetParts(name: "corners", train: CornerPictures(seed: 6))
        var more = RunConfiguration()
        more.epochs = 5
        let run = try Run(resuming: path("run"), with: more, own: own)
        await #expect(throws: TrainingError.self) { try await run.start() }
        #expect(try Data(contentsOf: scratch.file("run/config.yaml")) == before)
    }

    @Test func aRunStartsOnce() async throws {
        let run = try Run(Self.configuration, in: path("run"), own: Self.own())
        try await run.start(listeners: [Stop(afterStep: 3)])
        let before = try Data(contentsOf: run.directory.checkpointFile)
        let copy = run
        await #expect(throws: RunDirectoryError.alreadyStarted(path("run"))) { try await copy.start() }
        #expect(try Data(contentsOf: run.directory.checkpointFile) == before)
    }

    @Test(arguments: ["", "[]", "{\"version\": 1}", String(repeating: "[", count: 1000)])
    func aRecordThatIsNoneIsSaid(text: String) async throws {
        try await train("run", 3)
        let directory = try RunDirectory.open(path("run"))
        try Data(text.utf8).write(to: directory.recordFile)
        let error = #expect(throws: RunDirectoryError.self) { try directory.record() }
        let description = error?.description ?? ""
        #expect(description.hasPrefix("\(path("run"))/run.json cannot be used ("))
        #expect(description.hasSuffix("); bring it back as it was or remove it"))
        // It is not written over: what it held may be wanted.
        let run = try Run(resuming: path("run"), own: Self.own())
        await #expect(throws: RunDirectoryError.self) { try await run.start() }
        #expect(try Data(contentsOf: directory.recordFile) == Data(text.utf8))
    }

    @Test func onlyFinishedRunsAreExtended() async throws {
        try await train("run", 8)
        let stopped = try TrainingCheckpoint(contentsOf: scratch.file("run/checkpoint/training.safetensors"))
        let unfinished = #expect(throws: SettingError.self) { try stopped.extended(toEpochs: 9) }
        #expect(
            unfinished?.description
                == "only a finished run goes on for more epochs: 1 of 3 are done, 9 are wanted")
        try await Run(resuming: path("run"), own: Self.own()).start()
        let finished = try TrainingCheckpoint(contentsOf: scratch.file("run/checkpoint/training.safetensors"))
        #expect(throws: SettingError.self) { try finished.extended(toEpochs: 3) }
        #expect(try finished.extended(toEpochs: 4).settings.epochs == 4)
    }

    /// Within an epoch, too.
    @Test func aRunThatGoesOnIsRunning() async throws {
        try await train("run", 8)
        let states = Mutex<[RunRecord.State?]>([])
        let run = try Run(resuming: path("run"), own: Self.own())
        try await run.start(listeners: [
            Closure { event, _ in
                if case .stepCompleted = event { states.withLock { $0.append(try? run.directory.record()?.state) } }
            }
        ])
        // What the run is has been written before the program's own listeners are told.
        #expect(states.withLock { Array($0.prefix(3)) } == [.running, .running, .running])
    }

    private final class Closure: TrainingListener {
        private let body: (TrainingEvent, TrainingRun) -> Void
        init(_ body: @escaping (TrainingEvent, TrainingRun) -> Void) { self.body = body }
        func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
            body(event, run)
            return .continue
        }
    }

    @Test func aRunThatIsNotFinishedKeepsItsEpochs() async throws {
        try await train("run", 8)
        var more = RunConfiguration()
        more.epochs = 5
        #expect(throws: ConfigurationError.self) { try Run(resuming: path("run"), with: more, own: Self.own()) }
        #expect(throws: RunDirectoryError.holdsRun(path("run"))) {
            try Run(Self.configuration, in: path("run"), own: Self.own())
        }
    }
}
