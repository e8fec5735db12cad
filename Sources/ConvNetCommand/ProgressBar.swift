import ConvNet
import ConvNetPages
import Foundation
import Synchronization

/// One line on a terminal that is drawn over itself, and a line that stays for each epoch.
final class ProgressBar: TrainingListener {
    private let clock = ContinuousClock()
    private let waiting: WaitingLine
    private var lastDrawing: ContinuousClock.Instant?
    private var timing = StepTiming()
    private var hasValidation = false
    /// Of the epochs that are done: of validation images, where there are any.
    private var losses: [Double] = []

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
                Terminal.draw(
                    Self.line(
                        report, timing, losses: Terminal.canDrawCurves ? losses : [], width: Terminal.width))
            }
            if report.step == report.stepsPerEpoch, hasValidation {
                waiting.begin("epoch \(report.epoch)/\(timing.epochs)  validation")
            }
        case .epochCompleted(let report):
            losses.append(report.validation?.loss ?? report.trainingLoss)
            ProgressLines.write(report, epochs: timing.epochs, objective: run.trainer.objective)
            waiting.begin("epoch \(report.epoch)/\(timing.epochs)  saving")
        case .runEnded, .runFailed:
            Terminal.eraseDrawing()
            waiting.begin("saving")
        }
        return .continue
    }

    /// As many parts as fit, the most important first; one column is left free, or some terminals wrap. All of them and a
    /// bar fit into 80 columns. Speed, in images a second, and time come once they are known.
    ///
    /// - Parameter losses: of the epochs that are done, which are drawn as a small curve.
    static func line(_ report: StepReport, _ timing: StepTiming, losses: [Double] = [], width: Int) -> String {
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
        // One epoch is no curve.
        if losses.count > 1 { parts.append(Sparkline.text(losses, width: 8)) }
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

/// For files, pipes and terminals that cannot draw: a line an epoch, and one every few minutes.
final class ProgressLines: TrainingListener {
    private static let interval = Duration.seconds(180)
    private let clock = ContinuousClock()
    private let waiting: WaitingLine
    private var lastLine = ContinuousClock.now
    private var timing = StepTiming()

    /// - Parameter waiting: says what is done before the first step and after the last.
    init(_ waiting: WaitingLine) {
        self.waiting = waiting
    }

    func handle(_ event: TrainingEvent, of run: TrainingRun) -> TrainingDecision {
        waiting.end()
        switch event {
        case .runStarted(let start):
            timing = StepTiming(start)
        case .epochStarted(let epoch):
            timing.epochStarted()
            if timing.isFirstStepAhead { waiting.begin("epoch \(epoch)/\(timing.epochs)  first step") }
        case .stepCompleted(let report):
            timing.stepCompleted(report)
            if clock.now - lastLine >= Self.interval {
                lastLine = clock.now
                Terminal.writeError(ProgressBar.line(report, timing, width: Terminal.errorWidth ?? 120))
            }
        case .epochCompleted(let report):
            lastLine = clock.now
            Self.write(report, epochs: timing.epochs, objective: run.trainer.objective)
        case .runEnded, .runFailed:
            waiting.begin("saving")
        }
        return .continue
    }

    /// Writes the line of an epoch, and a second one where images are waited for.
    static func write(_ report: EpochReport, epochs: Int, objective: (any Metric)?) {
        Terminal.writeError(line(report, epochs: epochs, objective: objective, width: Terminal.errorWidth))
        if let waiting = noteworthyWaiting(of: report) { Terminal.writeError("  \(waiting)") }
    }

    /// How long images were waited for; nil where that is nobody's concern.
    static func noteworthyWaiting(of report: EpochReport) -> String? {
        // Of a second or less, shares say nothing.
        report.dataShare * report.seconds > 1 && report.dataShare > noteworthyDataShare
            ? waiting(report.dataShare) : nil
    }

    /// Losses and accuracies of an epoch, in training and in validation, and the speed in images a second.
    ///
    /// - Parameters:
    ///   - objective: what epochs are compared by; stands in the place of validation's accuracy where it is neither that nor the loss.
    ///   - width: of a terminal, of which one column is left free: what matters least is left out where there is no room for it.
    static func line(
        _ report: EpochReport, epochs: Int, objective: (any Metric)? = nil, width: Int? = nil
    ) -> String {
        let epoch = "epoch \(report.epoch)/\(epochs)"
        let loss = "loss \(report.trainingLoss.sixColumns)"
        let accuracy = report.trainingAccuracy.percent
        let mark = report.isBest ? " *" : ""
        let speed = "\(Int(report.imagesPerSecond).grouped)/s"
        let forms =
            if let validation = report.validation {
                [
                    [
                        epoch, "\(loss), \(accuracy)",
                        "validation \(validation.loss.sixColumns), \(score(validation, objective))\(mark)", speed,
                    ],
                    [
                        epoch, "\(loss), \(accuracy)",
                        "validation \(validation.loss.sixColumns), \(score(validation, objective))\(mark)",
                    ],
                    [epoch, loss, "validation \(score(validation, objective))\(mark)"],
                    [epoch, loss, "val \(score(validation, objective, isShort: true))\(mark)"],
                    [epoch, "val \(score(validation, objective, isShort: true))\(mark)"],
                    [epoch, loss],
                ]
            } else {
                [[epoch, "\(loss), \(accuracy)", speed], [epoch, "\(loss), \(accuracy)"], [epoch, loss]]
            }
        let lines = forms.map { $0.joined(separator: "  ") }
        return lines.first { $0.count < width ?? .max } ?? lines[lines.count - 1]
    }

    private static func score(_ validation: Evaluation, _ objective: (any Metric)?, isShort: Bool = false) -> String {
        guard let objective, !(objective is Accuracy || objective is MeanLoss), let value = validation[objective.name]
        else { return isShort ? validation.accuracy.percentage : validation.accuracy.percent }
        let text = isShort && objective.unit == .share ? value.percentage : objective.text(value)
        return isShort ? text : "\(objective.title) \(text)"
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
    private var secondsPerStep = 0.0
    private(set) var imagesPerSecond = 0.0
    /// Whether no step has been taken yet.
    private(set) var isFirstStepAhead = true
    /// Since the epoch's first step.
    private(set) var secondsInEpoch = 0.0

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
        isFirstStepAhead = false
        guard let first = firstImages, report.imageCount > first else {
            firstImages = report.imageCount
            epochStart = .now
            secondsInEpoch = 0
            return
        }
        let seconds = (ContinuousClock.now - epochStart) / .seconds(1)
        secondsInEpoch = seconds
        imagesPerSecond = seconds > 0 ? Double(report.imageCount - first) / seconds : 0
        secondsPerStep = imagesPerSecond > 0 ? Double(report.imageCount) / Double(report.step) / imagesPerSecond : 0
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
        Terminal.draw("\(what) \(name)  \(done.grouped) of \(all.grouped)")
    }

    func erase() { Terminal.eraseDrawing() }
}
