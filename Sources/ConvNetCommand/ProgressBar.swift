import ConvNet
import Foundation
import Synchronization

/// One line on a terminal that is drawn over itself, and a line that stays for each epoch.
final class ProgressBar: TrainingListener {
    private let clock = ContinuousClock()
    private let waiting: WaitingLine
    private var lastDrawing: ContinuousClock.Instant?
    private var timing = StepTiming()
    private var hasValidation = false

    /// - Parameter waiting: says what is done between the steps.
    init(_ waiting: WaitingLine) {
        self.waiting = waiting
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
        waiting.end()
        switch event {
        case .runStarted(let start):
            timing = StepTiming(start)
            hasValidation = start.validationImages > 0
        case .epochStarted(let epoch):
            timing.epochStarted()
            waiting.begin("epoch \(epoch)/\(timing.epochs)  first step")
        case .stepCompleted(let report):
            timing.stepCompleted(report)
            // A step may take a millisecond; drawing must not take longer.
            if lastDrawing.map({ clock.now - $0 >= .milliseconds(100) }) ?? true {
                lastDrawing = clock.now
                Terminal.draw(Self.line(report, timing, width: Terminal.width))
            }
            if report.step == report.stepsPerEpoch, hasValidation {
                waiting.begin("epoch \(report.epoch)/\(timing.epochs)  validation")
            }
        case .epochCompleted(let report):
            Terminal.writeError(ProgressLines.line(report, epochs: timing.epochs))
            waiting.begin("epoch \(report.epoch)/\(timing.epochs)  saving")
        case .runEnded, .runFailed:
            Terminal.eraseDrawing()
            waiting.begin("saving")
        }
        return .continue
    }

    /// As many parts as fit, the most important first; one column is left free, or some terminals wrap. All of them and a
    /// bar fit into 80 columns. Speed, in images a second, and time come once they are known.
    static func line(_ report: StepReport, _ timing: StepTiming, width: Int) -> String {
        let epoch = "epoch \(report.epoch)/\(timing.epochs)"
        var parts = [
            "\(report.step)/\(report.stepsPerEpoch)",
            String(format: "loss %.3f", report.epochLoss),
            String(format: "accuracy %.1f %%", report.epochAccuracy * 100),
        ]
        if timing.secondsInEpoch > 2, report.dataShare > ProgressLines.noteworthyDataShare {
            parts.append(ProgressLines.waiting(report.dataShare))
        }
        if timing.imagesPerSecond > 0 {
            parts.append("\(Int(timing.imagesPerSecond).grouped)/s")
            parts.append("\(timing.secondsLeft(after: report).clock) left")
        }
        var text = ""
        for part in parts {
            guard epoch.count + text.count + part.count + 2 < width else { break }
            text += "  " + part
        }
        let space = width - epoch.count - text.count - 3
        guard space >= 5 else { return String((epoch + text).prefix(max(0, width - 1))) }
        let length = min(space, 30)
        let filled = report.step * length / report.stepsPerEpoch
        let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: length - filled)
        return "\(epoch)  \(bar)\(text)"
    }
}

/// For files and pipes: a line an epoch, and one every few minutes.
final class ProgressLines: TrainingListener {
    private static let interval = Duration.seconds(180)
    private let clock = ContinuousClock()
    private var lastLine = ContinuousClock.now
    private var timing = StepTiming()

    func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
        switch event {
        case .runStarted(let start):
            timing = StepTiming(start)
        case .epochStarted:
            timing.epochStarted()
        case .stepCompleted(let report):
            timing.stepCompleted(report)
            if clock.now - lastLine >= Self.interval {
                lastLine = clock.now
                Terminal.writeError(ProgressBar.line(report, timing, width: 120))
            }
        case .epochCompleted(let report):
            lastLine = clock.now
            Terminal.writeError(Self.line(report, epochs: timing.epochs))
        case .runEnded, .runFailed: break
        }
        return .continue
    }

    /// Losses and accuracies of an epoch, in training and in validation, and the speed in images a second, within 80 columns;
    /// a second line where images are waited for.
    static func line(_ report: EpochReport, epochs: Int) -> String {
        let validation = report.validation.map {
            "  validation \($0.loss.sixColumns), \($0.accuracy.percent)\(report.isBest ? " *" : "")"
        }
        // Of a second or less, shares say nothing.
        let isLong = report.dataShare * report.seconds > 1
        let waiting = isLong && report.dataShare > noteworthyDataShare ? "\n  \(waiting(report.dataShare))" : ""
        return "epoch \(report.epoch)/\(epochs)  loss \(report.trainingLoss.sixColumns), "
            + "\(report.trainingAccuracy.percent)\(validation ?? "")"
            + "  \(Int(report.imagesPerSecond).grouped)/s\(waiting)"
    }

    /// Above this share of the time, loading is what a run could be made faster by.
    static let noteworthyDataShare = 0.15

    static func waiting(_ share: Double) -> String {
        String(format: "waiting for images %.0f %% of the time", share * 100)
    }
}

/// How fast steps go, and how long the rest will take.
struct StepTiming {
    private(set) var epochs = 0
    private var totalSteps = 0
    private var epochStart = ContinuousClock.now
    private var firstImages: Int?
    private var images = 0
    private var secondsPerStep = 0.0
    private(set) var imagesPerSecond = 0.0
    /// Since the epoch's first step.
    private(set) var secondsInEpoch = 0.0
    private var lastReport: Int?

    init() {}

    init(_ start: RunStart) {
        epochs = start.epochs
        totalSteps = start.epochs * start.stepsPerEpoch
    }

    mutating func epochStarted() {
        firstImages = nil
    }

    /// Measures from the first step of the epoch on, so that the time before it does not count.
    mutating func stepCompleted(_ report: StepReport) {
        guard let first = firstImages, report.images > first else {
            firstImages = report.images
            epochStart = .now
            secondsInEpoch = 0
            return
        }
        let seconds = (ContinuousClock.now - epochStart) / .seconds(1)
        secondsInEpoch = seconds
        imagesPerSecond = seconds > 0 ? Double(report.images - first) / seconds : 0
        images = report.images
        secondsPerStep = imagesPerSecond > 0 ? Double(report.images) / Double(report.step) / imagesPerSecond : 0
    }

    func secondsLeft(after report: StepReport) -> Double {
        let done = (report.epoch - 1) * report.stepsPerEpoch + report.step
        return Double(totalSteps - done) * secondsPerStep
    }
}

/// A line on a terminal that counts how far something has come, drawn over itself; nothing where there is no terminal.
final class CountingLine {
    private let what: String
    private let clock = ContinuousClock()
    private var lastDrawing = ContinuousClock.now

    /// - Parameter what: what is being done, e.g. `reading`.
    init(_ what: String) {
        self.what = what
    }

    func show(_ name: String, _ done: Int, of all: Int) {
        guard Terminal.canRedraw, clock.now - lastDrawing >= .milliseconds(100) else { return }
        lastDrawing = clock.now
        Terminal.draw(String("\(what) \(name)  \(done.grouped) of \(all.grouped)".prefix(Terminal.width - 1)))
    }

    func erase() { Terminal.eraseDrawing() }
}

/// A line on a terminal that says what is being done, once that has taken more than a moment; nothing where there is no
/// terminal.
final class WaitingLine: Sendable {
    private let state = Mutex(State())

    private struct State {
        /// Counts what was begun and ended, so that a line that is late is not drawn any more.
        var number = 0
        var isDrawn = false
    }

    /// Ends what was begun before, too.
    func begin(_ what: String) {
        guard Terminal.canRedraw else { return }
        end()
        let number = state.withLock { $0.number }
        // Where there is no thread to spare, there is no line.
        try? SystemThread.start(name: "convnet waiting", for: "drawing a line") { [self] in
            usleep(500_000)
            state.withLock { state in
                guard state.number == number else { return }
                Terminal.draw(String("\(what) …".prefix(Terminal.width - 1)))
                state.isDrawn = true
            }
        }
    }

    func end() {
        state.withLock { state in
            state.number += 1
            if state.isDrawn { Terminal.eraseDrawing() }
            state.isDrawn = false
        }
    }

    func during<T>(_ what: String, _ body: () async throws -> T) async rethrows -> T {
        begin(what)
        defer { end() }
        return try await body()
    }
}
